// SPDX-License-Identifier: Apache-2.0
// The translation of one virtual address by the tables in memory: VMSAv8-64 stage 1, 4 KiB granule,
// 48 bits, lower half. For cache maintenance by address; loads and stores use the library's walk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/engine/memory_bank.hpp"

namespace orrery::engine {

// The host byte behind a virtual address; null if it is not mapped to a memory bank.
[[nodiscard]] std::byte* walk_to_host(std::span<const MemoryBank> banks, std::uint64_t ttbr0,
                                      std::uint64_t virtual_address);

// The host byte of a physical address; null if it is in no bank.
[[nodiscard]] std::byte* physical_to_host(std::span<const MemoryBank> banks,
                                          std::uint64_t physical);

}  // namespace orrery::engine
