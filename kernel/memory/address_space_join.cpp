// SPDX-License-Identifier: Apache-2.0
// The address space of a task: regions that become one again.
//
// What changes a part of a region makes regions of its parts. Where the change is undone, or made
// page by page until all have it, neighbours show the same object in a row in the same way: they
// are joined, or a program that changes page by page would run out of regions.
#include "kernel/memory/address_space.hpp"

namespace kernel {
namespace {

bool same_placement(const FramePlacement& one, const FramePlacement& other) {
    return one.policy == other.policy && one.nodes == other.nodes;
}

// Precondition: `upper` is the next region behind `lower`.
bool can_join(const Region& lower, const Region& upper) {
    if (lower.busy || upper.busy || lower.dying || upper.dying) return false;
    if (lower.end != upper.begin || lower.object != upper.object) return false;
    return lower.offset + lower.pages() == upper.offset && lower.protection == upper.protection &&
           lower.allowed == upper.allowed && lower.handle == upper.handle &&
           lower.is_charged == upper.is_charged &&
           lower.is_overcommitted == upper.is_overcommitted &&
           lower.refuses_blocks == upper.refuses_blocks &&
           same_placement(lower.placement, upper.placement);
}

}  // namespace

// Joins regions whose border lies from `border` up to `end`.
void AddressSpace::join(VirtualAddress border, VirtualAddress end) {
    while (join_next(border, end)) preemption_point();
}

// The first two that can be; `border` moves to where theirs was. False when there are none.
bool AddressSpace::join_next(VirtualAddress& border, VirtualAddress end) {
    Region* upper = nullptr;
    {
        const LockGuard guard(lock_);
        unsigned i = regions_.position_of(border);
        if (i == 0) ++i;
        for (; i < regions_.size() && regions_[i].begin <= end; ++i) {
            if (can_join(regions_[i - 1], regions_[i])) break;
        }
        if (i >= regions_.size() || regions_[i].begin > end) return false;
        upper = &regions_[i];
        border = upper->begin;
        absorb(regions_[i - 1], *upper);
    }
    MemoryObject& object = *upper->object;
    memory_.heap().destroy(upper);
    object.release();
    return true;
}

// `lower` gets the pages of the next region.
void AddressSpace::absorb(Region& lower, Region& upper) {
    MemoryObject& object = *lower.object;
    regions_.remove(upper);
    regions_.remove(lower);
    {
        const LockGuard guard(object.lock());
        object.remove(upper);
        lower.end = upper.end;
    }
    regions_.insert(lower);
    // `lower` still keeps what the handle stands for.
    if (lower.handle != Region::no_handle) KERNEL_ASSERT(!objects_.remove_region(lower.handle));
}

}  // namespace kernel
