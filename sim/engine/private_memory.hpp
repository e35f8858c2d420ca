// SPDX-License-Identifier: Apache-2.0
// A few pages that belong to the engine alone: the way into EL0, and a page for calibration.
//
// EL0 is entered once, by an ERET, because Unicorn 2.0.1 does not notice a change of exception
// level in a written PSTATE. The ERET lies in a page of its own, mapped by TTBR1 for EL1 only, at a
// physical address that no bank and no device has. Nothing of the caller's memory is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "sim/engine/memory_bank.hpp"

namespace orrery::engine {

class PrivateMemory final {
  public:
    // Chooses a physical address outside the banks.
    explicit PrivateMemory(std::span<const MemoryBank> banks);

    [[nodiscard]] MemoryBank bank() const { return bank_; }

    // One root serves both halves of the address space, so that calibration code runs at EL0.
    [[nodiscard]] std::uint64_t translation_root() const;
    [[nodiscard]] std::uint64_t empty_translation_root() const;

    [[nodiscard]] static std::uint64_t eret_address();         // TTBR1
    [[nodiscard]] static std::uint64_t calibration_address();  // TTBR0, EL0 read, write, execute
    [[nodiscard]] std::byte* calibration_page() const;

    // Takes the calibration page out of the tables; a TLB invalidation must follow.
    void hide_calibration_page();

  private:
    struct Release final {
        void operator()(std::byte* memory) const;
    };
    std::unique_ptr<std::byte[], Release> memory_;
    MemoryBank bank_;
};

}  // namespace orrery::engine
