// SPDX-License-Identifier: Apache-2.0
// Descriptors of user page tables: VMSAv8-64, 4 KiB granule, 48-bit addresses (Arm ARM DDI 0487,
// D8.3 table, block and page descriptors; D8.4 permissions; D8.5 memory attributes).
#pragma once

#include "hal/types.hpp"
#include "kernel/abi/syscall.hpp"
#include "kernel/memory/page_table.hpp"

namespace kernel::descriptor {

constexpr unsigned entries = 512;
constexpr unsigned block_level = 2;
constexpr unsigned leaf_level = 3;

constexpr uint64_t valid = 1ULL << 0;
constexpr uint64_t table_or_page = 1ULL << 1;  // clear in a block
constexpr uint64_t to_table = valid | table_or_page;
constexpr uint64_t attribute_device = 1ULL << 2;  // MAIR index 1: Device-nGnRE; 0: write-back
constexpr uint64_t user_access = 1ULL << 6;       // AP[1]
constexpr uint64_t read_only = 1ULL << 7;         // AP[2]
constexpr uint64_t inner_shareable = 3ULL << 8;
constexpr uint64_t accessed = 1ULL << 10;
constexpr uint64_t not_global = 1ULL << 11;
constexpr uint64_t privileged_never = 1ULL << 53;  // PXN
constexpr uint64_t user_never = 1ULL << 54;        // UXN
constexpr uint64_t address_mask = 0x0000'ffff'ffff'f000;
constexpr uint64_t permissions = user_access | read_only | privileged_never | user_never;

// Bits 11:2 of a table descriptor are software's: they count the valid entries of the table it
// leads to.
constexpr uint64_t one_entry = 1ULL << 2;
constexpr unsigned entries_in(uint64_t table_descriptor) {
    return static_cast<unsigned>(table_descriptor / one_entry % 1024);
}

constexpr bool is_valid(uint64_t entry) {
    return (entry & valid) != 0;
}
constexpr bool is_leaf(uint64_t entry, unsigned level) {
    return level == leaf_level || (entry & table_or_page) == 0;
}
// Bytes that an entry of a level maps, and its index for an address.
constexpr uint64_t span_of(unsigned level) {
    return 1ULL << (39 - 9 * level);
}
constexpr unsigned index_of(uint64_t address, unsigned level) {
    return static_cast<unsigned>(address / span_of(level)) % entries;
}

constexpr uint64_t permission_bits(uint32_t protection) {
    uint64_t bits = user_access | privileged_never;
    if ((protection & abi::ProtectionWrite) == 0) bits |= read_only;
    if ((protection & abi::ProtectionExecute) == 0) bits |= user_never;
    return bits;
}
// What an entry gets that is to have no right beyond `protection`.
constexpr uint64_t refusal_bits(uint32_t protection) {
    return permission_bits(protection) & (read_only | user_never);
}
constexpr uint32_t protection_of(uint64_t entry) {
    uint32_t protection = abi::ProtectionRead;
    if ((entry & read_only) == 0) protection |= abi::ProtectionWrite;
    if ((entry & user_never) == 0) protection |= abi::ProtectionExecute;
    return protection;
}

constexpr MemoryType type_of(uint64_t entry) {
    return (entry & attribute_device) != 0 ? MemoryType::Device : MemoryType::Normal;
}

constexpr uint64_t leaf(uint64_t frame, uint32_t protection, MemoryType type, unsigned level) {
    uint64_t bits = frame | valid | inner_shareable | accessed | not_global;
    bits |= permission_bits(protection);
    if (level == leaf_level) bits |= table_or_page;
    if (type == MemoryType::Device) bits |= attribute_device | user_never;
    return bits;
}

}  // namespace kernel::descriptor
