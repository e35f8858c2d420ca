// SPDX-License-Identifier: Apache-2.0
// The memory objects that a task holds.
#include "kernel/memory/object_table.hpp"

namespace kernel {

Result<uint32_t> ObjectTable::add(MemoryObject& object) {
    for (uint32_t handle = 0; handle < capacity; ++handle) {
        if (entries_[handle].object != nullptr) continue;
        entries_[handle] = Entry{&object, 0, true};
        return handle;
    }
    return Status::LimitReached;
}

Result<MemoryObject*> ObjectTable::find(uint32_t handle) const {
    if (handle >= capacity || !entries_[handle].open) return Status::NotFound;
    return entries_[handle].object;
}

bool ObjectTable::remove_region(uint32_t handle) {
    --entries_[handle].regions;
    return forget(entries_[handle]);
}

bool ObjectTable::close(uint32_t handle) {
    entries_[handle].open = false;
    return forget(entries_[handle]);
}

bool ObjectTable::forget(Entry& entry) {
    if (entry.open || entry.regions != 0) return false;
    entry.object = nullptr;
    return true;
}

}  // namespace kernel
