// SPDX-License-Identifier: Apache-2.0
// Region: pages of an address space that show pages of a memory object.
#pragma once

#include "hal/types.hpp"
#include "kernel/base/list.hpp"
#include "kernel/memory/frame_allocator.hpp"
#include "kernel/memory/kernel_heap.hpp"

namespace kernel {

using hal::VirtualAddress;

class MemoryObject;
class SpaceTables;

// Invariant: what is told here changes only with the space and the object locked, so either lock
// is enough to read it; `protection`, `busy` and `dying` belong to the space alone.
struct Region {
    static constexpr HeapType heap_type = HeapType::Region;
    static constexpr uint32_t no_handle = UINT32_MAX;

    ListNode object_node;  // on the object's list
    VirtualAddress begin = 0;
    VirtualAddress end = 0;
    MemoryObject* object = nullptr;  // one of its references is the region's
    uint64_t offset = 0;             // page of the object at `begin`
    SpaceTables* tables = nullptr;
    FramePlacement placement;
    uint32_t protection = 0;
    uint32_t allowed = ~0U;         // protections that the right to the object allows
    uint32_t handle = no_handle;    // through which the object was had; no_handle: it is private
    bool is_charged = false;        // its pages count for the task's limit
    bool is_overcommitted = false;  // and only those that are there
    bool refuses_blocks = false;    // mappings of 2 MiB
    bool busy = false;              // another call changes it
    bool dying = false;             // nothing is shown in it any more

    [[nodiscard]] uint64_t pages() const { return (end - begin) / hal::page_size; }
    [[nodiscard]] uint64_t index_of(VirtualAddress address) const {
        return offset + (address - begin) / hal::page_size;
    }
    [[nodiscard]] VirtualAddress address_of(uint64_t index) const {
        return begin + (index - offset) * hal::page_size;
    }
    [[nodiscard]] bool shows(uint64_t index) const {
        return index >= offset && index - offset < pages();
    }
};

}  // namespace kernel
