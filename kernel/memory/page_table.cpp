// SPDX-License-Identifier: Apache-2.0
// A user page table. Descriptor bits are those of Arm ARM DDI 0487, D8.3 (table and page
// descriptors) and D8.4 (permissions).
#include "kernel/memory/page_table.hpp"

#include "kernel/abi/syscall.hpp"

namespace kernel {
namespace {

constexpr uint64_t valid = 1ULL << 0;
constexpr uint64_t table_or_page = 1ULL << 1;
constexpr uint64_t attribute_normal = 0ULL << 2;  // MAIR index 0: write-back memory
constexpr uint64_t user_access = 1ULL << 6;       // AP[1]
constexpr uint64_t read_only = 1ULL << 7;         // AP[2]
constexpr uint64_t inner_shareable = 3ULL << 8;
constexpr uint64_t accessed = 1ULL << 10;
constexpr uint64_t not_global = 1ULL << 11;
constexpr uint64_t privileged_never = 1ULL << 53;  // PXN
constexpr uint64_t user_never = 1ULL << 54;        // UXN
constexpr uint64_t address_mask = 0x0000'ffff'ffff'f000;

constexpr unsigned entries = 512;
constexpr unsigned leaf_level = 3;

uint64_t* table_at(PhysicalAddress table) {
    return static_cast<uint64_t*>(hal::Machine::direct(table));
}

unsigned index_of(VirtualAddress address, unsigned level) {
    return static_cast<unsigned>(address >> (39 - 9 * level)) % entries;
}

uint64_t permission_bits(uint32_t protection) {
    uint64_t bits = user_access | privileged_never;
    if ((protection & abi::ProtectionWrite) == 0) bits |= read_only;
    if ((protection & abi::ProtectionExecute) == 0) bits |= user_never;
    return bits;
}

uint32_t protection_of(uint64_t descriptor) {
    uint32_t protection = abi::ProtectionRead;
    if ((descriptor & read_only) == 0) protection |= abi::ProtectionWrite;
    if ((descriptor & user_never) == 0) protection |= abi::ProtectionExecute;
    return protection;
}

}  // namespace

Status PageTable::create() {
    root_ = TRY(frames_.allocate_zeroed());
    tables_ = 1;
    return Status::Ok;
}

void PageTable::destroy() {
    if (root_ == 0) return;
    free_level(root_, 0);
    root_ = 0;
}

void PageTable::free_level(PhysicalAddress table, unsigned level) {
    const uint64_t* descriptors = table_at(table);
    for (unsigned i = 0; i < entries; ++i) {
        if ((descriptors[i] & valid) == 0) continue;
        KERNEL_ASSERT(level != leaf_level);
        free_level(descriptors[i] & address_mask, level + 1);
    }
    preemption_point();
    frames_.free(table);
    --tables_;
}

Status PageTable::map(VirtualAddress address, PhysicalAddress frame, uint32_t protection) {
    Descriptor* entry = TRY(make_leaf(address));
    if ((*entry & valid) != 0) return Status::Busy;
    *entry = frame | valid | table_or_page | attribute_normal | inner_shareable | accessed |
             not_global | permission_bits(protection);
    hal::Machine::publish_tables();
    return Status::Ok;
}

Result<Mapping> PageTable::unmap(VirtualAddress address) {
    Descriptor* entry = leaf(address);
    if (entry == nullptr || (*entry & valid) == 0) return Status::NotFound;
    const Mapping mapping{*entry & address_mask, protection_of(*entry), 0};
    *entry = 0;
    hal::Machine::publish_tables();
    return mapping;
}

Status PageTable::protect(VirtualAddress address, uint32_t protection) {
    Descriptor* entry = leaf(address);
    if (entry == nullptr || (*entry & valid) == 0) return Status::NotFound;
    constexpr uint64_t permissions = user_access | read_only | privileged_never | user_never;
    *entry = (*entry & ~permissions) | permission_bits(protection);
    hal::Machine::publish_tables();
    return Status::Ok;
}

Result<Mapping> PageTable::walk(VirtualAddress address) const {
    const Descriptor* entry = leaf(address);
    if (entry == nullptr || (*entry & valid) == 0) return Status::NotFound;
    return Mapping{*entry & address_mask, protection_of(*entry), 0};
}

unsigned PageTable::missing_tables(VirtualAddress address) const {
    PhysicalAddress table = root_;
    for (unsigned level = 0; level < leaf_level; ++level) {
        const Descriptor entry = table_at(table)[index_of(address, level)];
        if ((entry & valid) == 0) return leaf_level - level;
        table = entry & address_mask;
    }
    return 0;
}

PageTable::Descriptor* PageTable::leaf(VirtualAddress address) const {
    if (root_ == 0 || address >= abi::user_end) return nullptr;
    PhysicalAddress table = root_;
    for (unsigned level = 0; level < leaf_level; ++level) {
        const Descriptor entry = table_at(table)[index_of(address, level)];
        if ((entry & valid) == 0) return nullptr;
        table = entry & address_mask;
    }
    return &table_at(table)[index_of(address, leaf_level)];
}

Result<PageTable::Descriptor*> PageTable::make_leaf(VirtualAddress address) {
    if (root_ == 0 || address >= abi::user_end) return Status::InvalidArgument;
    PhysicalAddress table = root_;
    for (unsigned level = 0; level < leaf_level; ++level) {
        Descriptor& entry = table_at(table)[index_of(address, level)];
        if ((entry & valid) == 0) {
            const PhysicalAddress next = TRY(frames_.allocate_zeroed());
            ++tables_;
            // The zeroed table must be visible before the entry that leads to it.
            hal::Machine::publish_tables();
            entry = next | valid | table_or_page;
        }
        table = entry & address_mask;
    }
    return &table_at(table)[index_of(address, leaf_level)];
}

}  // namespace kernel
