// SPDX-License-Identifier: Apache-2.0
// The translation of one virtual address by the tables in memory: VMSAv8-64 stage 1, 4 KiB granule,
// 48 bits, lower half. For cache maintenance by address and for what memory costs; loads and stores
// use the library's walk.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/engine/memory_bank.hpp"

namespace orrery::engine {

// Where a page lies, and how one finds out.
struct PageTranslation final {
    std::uint64_t physical = 0;                  // of the 4 KiB that the address lies in
    std::array<std::uint64_t, 4> descriptors{};  // physical addresses, in the order of the walk
    std::uint8_t descriptor_count = 0;
    std::uint8_t shift = 0;  // address bits of the page or block: 12, 21 or 30
    bool global = false;     // of all address spaces
    bool memory = false;     // in a bank, not a device
};

// False if the address is not mapped.
[[nodiscard]] bool walk(std::span<const MemoryBank> banks, std::uint64_t ttbr0,
                        std::uint64_t virtual_address, PageTranslation& translation);

// The host byte behind a virtual address; null if it is not mapped to a memory bank.
[[nodiscard]] std::byte* walk_to_host(std::span<const MemoryBank> banks, std::uint64_t ttbr0,
                                      std::uint64_t virtual_address);

// The host byte of a physical address; null if it is in no bank.
[[nodiscard]] std::byte* physical_to_host(std::span<const MemoryBank> banks,
                                          std::uint64_t physical);

}  // namespace orrery::engine
