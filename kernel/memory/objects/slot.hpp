// SPDX-License-Identifier: Apache-2.0
// Slot: what a memory object knows of one of its pages: nothing, the frame that holds it, or where
// it was swapped out to.
#pragma once

#include "hal/types.hpp"

namespace kernel {

class Slot final {
  public:
    constexpr Slot() = default;
    // Precondition: `frame` is aligned to a page.
    [[nodiscard]] static constexpr Slot present(hal::PhysicalAddress frame) {
        return Slot(frame | present_mark);
    }
    // `entry` has 62 bits, whose meaning is that of whoever swaps.
    [[nodiscard]] static constexpr Slot swapped(uint64_t entry) {
        return Slot(entry << 2 | swapped_mark);
    }

    [[nodiscard]] constexpr bool is_empty() const { return bits_ == 0; }
    [[nodiscard]] constexpr bool is_present() const { return (bits_ & present_mark) != 0; }
    [[nodiscard]] constexpr bool is_swapped() const { return (bits_ & swapped_mark) != 0; }
    // Precondition: is_present().
    [[nodiscard]] constexpr hal::PhysicalAddress frame() const { return bits_ & ~present_mark; }
    // Precondition: is_swapped().
    [[nodiscard]] constexpr uint64_t swap_entry() const { return bits_ >> 2; }

  private:
    static constexpr uint64_t present_mark = 1;
    static constexpr uint64_t swapped_mark = 2;
    explicit constexpr Slot(uint64_t bits) : bits_(bits) {}

    uint64_t bits_ = 0;
};
static_assert(sizeof(Slot) == 8);

}  // namespace kernel
