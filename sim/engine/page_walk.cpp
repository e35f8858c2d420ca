// SPDX-License-Identifier: Apache-2.0
// The translation of one virtual address by the tables in memory.
#include "sim/engine/page_walk.hpp"

#include <cstring>

namespace orrery::engine {
namespace {

constexpr unsigned address_bits = 48;
constexpr unsigned page_bits = 12;
constexpr unsigned index_bits = 9;
constexpr unsigned last_level = 3;
constexpr std::uint64_t table_mask = 0x0000'ffff'ffff'f000;
constexpr std::uint64_t not_global = 1u << 11;  // nG

constexpr unsigned shift_of(unsigned level) {
    return page_bits + index_bits * (last_level - level);
}

}  // namespace

std::byte* physical_to_host(std::span<const MemoryBank> banks, std::uint64_t physical) {
    for (const MemoryBank& bank : banks)
        if (physical - bank.physical_base < bank.size)
            return bank.host + (physical - bank.physical_base);
    return nullptr;
}

bool walk(std::span<const MemoryBank> banks, std::uint64_t ttbr0, std::uint64_t virtual_address,
          PageTranslation& translation) {
    if (virtual_address >> address_bits != 0) return false;
    std::uint64_t table = ttbr0 & table_mask;
    translation.descriptor_count = 0;
    for (unsigned level = 0; level <= last_level; ++level) {
        const std::uint64_t index = virtual_address >> shift_of(level) & ((1u << index_bits) - 1);
        const std::byte* entry = physical_to_host(banks, table + 8 * index);
        if (entry == nullptr) return false;
        translation.descriptors[translation.descriptor_count++] = table + 8 * index;
        std::uint64_t descriptor = 0;
        std::memcpy(&descriptor, entry, sizeof descriptor);
        const bool valid = (descriptor & 1) != 0;
        const bool table_or_page = (descriptor & 2) != 0;
        if (!valid || (level == last_level && !table_or_page) || (level == 0 && !table_or_page))
            return false;
        if (level == last_level || !table_or_page) {
            const std::uint64_t offset_mask = (1ull << shift_of(level)) - 1;
            const std::uint64_t physical =
                (descriptor & table_mask & ~offset_mask) | (virtual_address & offset_mask);
            translation.physical = physical & table_mask;
            translation.shift = static_cast<std::uint8_t>(shift_of(level));
            translation.global = (descriptor & not_global) == 0;
            translation.memory = physical_to_host(banks, physical) != nullptr;
            return true;
        }
        table = descriptor & table_mask;
    }
    return false;
}

std::byte* walk_to_host(std::span<const MemoryBank> banks, std::uint64_t ttbr0,
                        std::uint64_t virtual_address) {
    PageTranslation translation;
    if (!walk(banks, ttbr0, virtual_address, translation)) return nullptr;
    return physical_to_host(banks,
                            translation.physical | (virtual_address & ((1u << page_bits) - 1)));
}

}  // namespace orrery::engine
