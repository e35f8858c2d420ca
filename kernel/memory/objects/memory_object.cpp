// SPDX-License-Identifier: Apache-2.0
// What all memory objects have in common: references, and the regions that show them.
#include "kernel/memory/objects/memory_object.hpp"

#include "kernel/abi/syscall.hpp"
#include "kernel/memory/space_tables.hpp"

namespace kernel {
namespace {

constexpr unsigned batch = 16;  // pages between preemption points

}  // namespace

bool MemoryObject::take_last_reference() {
    return references_.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

void MemoryObject::release() {
    if (take_last_reference()) destroy();
}

void MemoryObject::drop_all() {
    for (uint64_t index = 0; index < pages();) {
        {
            const LockGuard guard(lock());
            for (unsigned i = 0; i < batch; ++i) {
                index = next_present(index, pages());
                if (index == pages()) break;
                drop(index);
            }
        }
        preemption_point();
    }
}

void MemoryObject::hide(uint64_t index) {
    for (Region* region = regions_.front(); region != nullptr; region = regions_.next(*region)) {
        if (region->shows(index)) region->tables->hide(region->address_of(index));
    }
}

bool MemoryObject::is_shown(uint64_t index) {
    for (Region* region = regions_.front(); region != nullptr; region = regions_.next(*region)) {
        if (region->shows(index) && region->tables->shows(region->address_of(index))) return true;
    }
    return false;
}

void MemoryObject::forbid_writing(uint64_t index) {
    constexpr uint32_t rights = abi::ProtectionRead | abi::ProtectionExecute;
    for (Region* region = regions_.front(); region != nullptr; region = regions_.next(*region)) {
        if (region->shows(index)) region->tables->restrict(region->address_of(index), rights);
    }
}

}  // namespace kernel
