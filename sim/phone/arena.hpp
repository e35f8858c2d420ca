// SPDX-License-Identifier: Apache-2.0
// Arena: the phone's RAM in this process, at a fixed place: physical address + direct_base. A
// pointer into it means the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/phone/machine.hpp"

namespace orrery::phone {

class Arena final {
  public:
    // Reserves all banks, zeroed; pages are only used once touched. With `huge_pages` the host is
    // asked for pages of 2 MiB, so that a process with much of it touched is forked quickly; it
    // may not have any, and nothing else tells. Throws std::runtime_error when the addresses are
    // taken, as by a second phone in the process.
    explicit Arena(const std::vector<MemoryNode>& nodes, bool huge_pages = false);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    [[nodiscard]] bool contains(uint64_t physical, uint64_t size) const;
    // Precondition: contains().
    [[nodiscard]] std::span<std::byte> bytes(uint64_t physical, uint64_t size) const;

  private:
    void release();

    std::vector<MemoryNode> banks_;
};

}  // namespace orrery::phone
