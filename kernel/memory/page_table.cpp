// SPDX-License-Identifier: Apache-2.0
// A user page table: mapping, unmapping and protection.
#include "kernel/memory/page_table.hpp"

#include "kernel/base/panic.hpp"
#include "kernel/memory/page_descriptor.hpp"

namespace kernel {

using hal::Machine;
using namespace descriptor;

namespace {

uint64_t* table_at(PhysicalAddress table) {
    return static_cast<uint64_t*>(Machine::direct(table));
}

}  // namespace

Status PageTable::create() {
    root_ = TRY(frames_.allocate_zeroed(0, use()));
    count_table();
    return Status::Ok;
}

void PageTable::retire() {
    Machine::invalidate_space(asid_);
    retired_ = true;
}

void PageTable::destroy() {
    if (root_ == 0) return;
    KERNEL_ASSERT(root_entries_ == 0);
    free_table(root_);
    root_ = 0;
}

Status PageTable::map(VirtualAddress address, PhysicalAddress frame, uint32_t protection,
                      MemoryType type) {
    return set(address, leaf_level, descriptor::leaf(frame, protection, type, leaf_level));
}

Status PageTable::map_block(VirtualAddress address, PhysicalAddress frame, uint32_t protection,
                            MemoryType type) {
    if (address % block_size != 0 || frame % block_size != 0) return Status::InvalidArgument;
    return set(address, block_level, descriptor::leaf(frame, protection, type, block_level));
}

// What was invalid is in no TLB, so that there is nothing to invalidate.
Status PageTable::set(VirtualAddress address, unsigned level, Descriptor entry) {
    if (!knows(address)) return Status::InvalidArgument;
    Path path;
    TRY_STATUS(make(address, level, path));
    path.last() = entry;
    count_up(path, level);
    Machine::publish_tables();
    return Status::Ok;
}

Result<Mapping> PageTable::unmap(VirtualAddress address) {
    Path path;
    TRY_STATUS(find_leaf(address, path));
    const Descriptor entry = path.last();
    EmptyTables empty;
    take(path, empty);
    Machine::publish_tables();
    invalidate(address);
    finish_invalidations();
    free(empty);
    return Mapping{entry & address_mask, protection_of(entry),
                   path.level == block_level ? huge_order : 0, type_of(entry)};
}

// Permissions may change without a break (D8.14).
Status PageTable::protect(VirtualAddress address, uint32_t protection) {
    Path path;
    TRY_STATUS(find_leaf(address, path));
    path.last() = (path.last() & ~permissions) | permission_bits(protection);
    Machine::publish_tables();
    invalidate(address);
    finish_invalidations();
    return Status::Ok;
}

// Another address: break before make.
Result<Mapping> PageTable::replace(VirtualAddress address, PhysicalAddress frame,
                                   uint32_t protection) {
    Path path;
    TRY_STATUS(find_leaf(address, path));
    if (path.level != leaf_level) return Status::InvalidArgument;
    const Descriptor entry = path.last();
    path.last() = 0;
    Machine::publish_tables();
    invalidate(address);
    finish_invalidations();
    path.last() = descriptor::leaf(frame, protection, MemoryType::Normal, leaf_level);
    Machine::publish_tables();
    return Mapping{entry & address_mask, protection_of(entry), 0};
}

Result<Mapping> PageTable::walk(VirtualAddress address) const {
    if (!knows(address)) return Status::NotFound;
    Path path;
    find(address, path);
    const Descriptor entry = path.last();
    if (!is_valid(entry)) return Status::NotFound;
    const uint64_t within = address % span_of(path.level) & address_mask;
    return Mapping{(entry & address_mask) + within, protection_of(entry),
                   path.level == block_level ? huge_order : 0, type_of(entry)};
}

unsigned PageTable::missing_tables(VirtualAddress address, unsigned order) const {
    if (!knows(address)) return 0;
    const unsigned wanted = order == 0 ? leaf_level : block_level;
    Path path;
    find(address, path);
    return path.level < wanted ? wanted - path.level : 0;
}

bool PageTable::knows(VirtualAddress address) const {
    return root_ != 0 && address < abi::user_end;
}

// Precondition: knows(address).
void PageTable::find(VirtualAddress address, Path& path) const {
    path.level = 0;
    PhysicalAddress table = root_;
#pragma clang loop unroll(disable)
    for (;; ++path.level) {
        path.entries[path.level] = &table_at(table)[index_of(address, path.level)];
        const Descriptor entry = path.last();
        if (!is_valid(entry) || is_leaf(entry, path.level)) return;
        table = entry & address_mask;
    }
}

// The path to the page or block that begins at an address.
Status PageTable::find_leaf(VirtualAddress address, Path& path) const {
    if (!knows(address)) return Status::NotFound;
    find(address, path);
    if (!is_valid(path.last())) return Status::NotFound;
    if (path.level == block_level && address % block_size != 0) return Status::InvalidArgument;
    return Status::Ok;
}

// The path to an invalid entry of that level, with all tables to it. On an error nothing has
// changed.
Status PageTable::make(VirtualAddress address, unsigned level, Path& path) {
    find(address, path);
    if (path.level > level || is_valid(path.last())) return Status::Busy;
    while (path.level < level) {
        const Result<PhysicalAddress> next = frames_.allocate_zeroed(0, use());
        if (!next.ok()) {
            EmptyTables empty;
            prune(path, path.level, empty);
            if (empty.count == 0) return next.status();
            Machine::publish_tables();
            invalidate(address);
            finish_invalidations();
            free(empty);
            return next.status();
        }
        count_table();
        // The zeroed table must be visible before the entry that leads to it.
        Machine::publish_tables();
        path.last() = next.value() | to_table;
        count_up(path, path.level);
        ++path.level;
        path.entries[path.level] = &table_at(next.value())[index_of(address, path.level)];
    }
    return Status::Ok;
}

// The table that holds the path's entry of that level has one more valid entry.
void PageTable::count_up(const Path& path, unsigned level) {
    if (level == 0) {
        ++root_entries_;
    } else {
        *path.entries[level - 1] += one_entry;
    }
}

void PageTable::count_down(const Path& path, unsigned level) {
    if (level == 0) {
        --root_entries_;
    } else {
        *path.entries[level - 1] -= one_entry;
    }
}

// Makes the last entry invalid, and all tables that are empty then.
void PageTable::take(const Path& path, EmptyTables& empty) {
    path.last() = 0;
    count_down(path, path.level);
    prune(path, path.level, empty);
}

// Unlinks the tables on the path that have no entries, from that level up.
void PageTable::prune(const Path& path, unsigned level, EmptyTables& empty) {
    for (; level > 0 && entries_in(*path.entries[level - 1]) == 0; --level) {
        Descriptor& leads_here = *path.entries[level - 1];
        empty.tables[empty.count++] = leads_here & address_mask;
        leads_here = 0;
        count_down(path, level - 1);
    }
}

void PageTable::free(const EmptyTables& empty) {
    for (unsigned i = 0; i < empty.count; ++i) free_table(empty.tables[i]);
}

// Tables are few, and counted for the task's limit before they are needed, so that they are not
// refused here.
void PageTable::count_table() {
    ++tables_;
    if (domain_ != nullptr) domain_->force(1);
}

void PageTable::free_table(PhysicalAddress table) {
    frames_.free(table, use());
    --tables_;
    if (domain_ != nullptr) domain_->discharge(1);
}

void PageTable::invalidate(VirtualAddress address) const {
    if (!retired_) Machine::invalidate_address(address, asid_);
}

void PageTable::finish_invalidations() const {
    if (!retired_) Machine::finish_invalidations();
}

}  // namespace kernel
