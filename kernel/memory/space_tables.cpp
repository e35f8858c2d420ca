// SPDX-License-Identifier: Apache-2.0
// Page tables with a lock.
#include "kernel/memory/space_tables.hpp"

#include "kernel/abi/syscall.hpp"

namespace kernel {

// The mapping of a single page; a block that holds it becomes pages, or nothing when there is no
// memory for that: what is missing then is found again by faults.
Result<Mapping> SpaceTables::find_page(VirtualAddress address) {
    const Mapping mapping = TRY(table_.walk(address));
    if (mapping.order == 0) return mapping;
    ++memory_.events().splits;
    if (table_.split_block(address) == Status::Ok) return mapping;
    KERNEL_ASSERT(table_.unmap(address & ~(block_size - 1)).ok());
    return Status::NotFound;
}

Status SpaceTables::show(VirtualAddress address, PhysicalAddress frame, uint32_t protection,
                         MemoryType type) {
    // What the frame held before must not be executed, so this comes before it can be reached.
    if ((protection & abi::ProtectionExecute) != 0) {
        hal::Machine::synchronise_code(hal::Machine::direct(frame), hal::page_size);
    }
    const LockGuard guard(lock_);
    const Status mapped = table_.map(address, frame, protection, type);
    if (mapped != Status::Busy) return mapped;
    const Mapping there = table_.walk(address).value();
    KERNEL_ASSERT(there.frame == frame);
    if (there.protection == protection) return Status::Ok;
    if (!find_page(address).ok()) return table_.map(address, frame, protection, type);
    return table_.protect(address, protection);
}

Status SpaceTables::show_block(VirtualAddress address, PhysicalAddress frames,
                               uint32_t protection) {
    if ((protection & abi::ProtectionExecute) != 0) {
        hal::Machine::synchronise_code(hal::Machine::direct(frames), block_size);
    }
    const LockGuard guard(lock_);
    RemovedMapping removed[PageTable::batch];
    for (VirtualAddress at = address; at < address + block_size;) {
        table_.unmap_range(at, address + block_size, removed);
    }
    return table_.map_block(address, frames, protection);
}

void SpaceTables::hide_block(VirtualAddress address) {
    const LockGuard guard(lock_);
    const Result<Mapping> mapping = table_.walk(address);
    if (!mapping.ok() || mapping.value().order == 0) return;
    KERNEL_ASSERT(table_.unmap(address).ok());
}

void SpaceTables::hide(VirtualAddress address) {
    const LockGuard guard(lock_);
    if (find_page(address).ok()) KERNEL_ASSERT(table_.unmap(address).ok());
}

void SpaceTables::cut(VirtualAddress address) {
    const LockGuard guard(lock_);
    if (address % block_size != 0) (void)find_page(address);
}

void SpaceTables::hide_some(VirtualAddress& at, VirtualAddress end) {
    const LockGuard guard(lock_);
    RemovedMapping removed[PageTable::batch];
    table_.unmap_range(at, end, removed);
}

void SpaceTables::restrict_some(VirtualAddress& at, VirtualAddress end, uint32_t protection) {
    const LockGuard guard(lock_);
    table_.restrict_range(at, end, protection);
}

void SpaceTables::restrict(VirtualAddress address, uint32_t protection) {
    const LockGuard guard(lock_);
    const Result<Mapping> mapping = table_.walk(address);
    if (!mapping.ok()) return;
    const uint32_t left = mapping.value().protection & protection;
    if (left == mapping.value().protection || !find_page(address).ok()) return;
    KERNEL_ASSERT(table_.protect(address, left) == Status::Ok);
}

}  // namespace kernel
