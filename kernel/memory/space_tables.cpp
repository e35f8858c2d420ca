// SPDX-License-Identifier: Apache-2.0
// Page tables with lock and TLB maintenance.
#include "kernel/memory/space_tables.hpp"

#include "kernel/abi/syscall.hpp"

namespace kernel {

void SpaceTables::destroy() {
    table_.destroy();
    hal::Machine::invalidate_space(asid_);
}

Status SpaceTables::show(VirtualAddress address, PhysicalAddress frame, uint32_t protection) {
    // What the frame held before must not be executed, so this comes before it can be reached.
    if ((protection & abi::ProtectionExecute) != 0) {
        hal::Machine::synchronise_code(hal::Machine::direct(frame), hal::page_size);
    }
    const LockGuard guard(lock_);
    const Status mapped = table_.map(address, frame, protection);
    if (mapped != Status::Busy) return mapped;
    KERNEL_ASSERT(table_.walk(address).value().frame == frame);
    KERNEL_ASSERT(table_.protect(address, protection) == Status::Ok);
    hal::Machine::invalidate_page(address, asid_);
    return Status::Ok;
}

void SpaceTables::hide(VirtualAddress address) {
    const LockGuard guard(lock_);
    // No CPU may reach the frame any more before somebody else gets it.
    if (table_.unmap(address).ok()) hal::Machine::invalidate_page(address, asid_);
}

void SpaceTables::restrict(VirtualAddress address, uint32_t protection) {
    const LockGuard guard(lock_);
    const Result<Mapping> mapping = table_.walk(address);
    if (!mapping.ok()) return;
    const uint32_t left = mapping.value().protection & protection;
    if (left == mapping.value().protection) return;
    KERNEL_ASSERT(table_.protect(address, left) == Status::Ok);
    hal::Machine::invalidate_page(address, asid_);
}

}  // namespace kernel
