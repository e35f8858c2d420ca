// SPDX-License-Identifier: Apache-2.0
// Regions in the order of their addresses.
#include "kernel/memory/region_map.hpp"

#include "kernel/base/panic.hpp"

namespace kernel {

Status RegionMap::create(KernelHeap& heap) {
    if (regions_ != nullptr) return Status::Ok;
    regions_ = static_cast<Region**>(TRY(heap.allocate(capacity * sizeof(Region*))));
    return Status::Ok;
}

void RegionMap::destroy(KernelHeap& heap) {
    KERNEL_ASSERT(size_ == 0 && tables_ == 0);
    if (regions_ != nullptr) heap.free(static_cast<void*>(regions_));
    regions_ = nullptr;
}

// In strides, then one by one. No look waits for the one before, as halving would make it: with the
// few regions that programs have, that is the quicker way, and with all 192 it is 26 looks.
unsigned RegionMap::position_of(VirtualAddress address) const {
    constexpr unsigned stride = 14;
    unsigned position = 0;
    while (size_ - position > stride && regions_[position + stride - 1]->end <= address) {
        position += stride;
    }
    while (position < size_ && regions_[position]->end <= address) ++position;
    return position;
}

Region* RegionMap::at(VirtualAddress address) const {
    const unsigned position = position_of(address);
    if (position == size_ || regions_[position]->begin > address) return nullptr;
    return regions_[position];
}

bool RegionMap::is_free(VirtualAddress begin, VirtualAddress end) const {
    const unsigned position = position_of(begin);
    return position == size_ || regions_[position]->begin >= end;
}

void RegionMap::insert(Region& region) {
    KERNEL_ASSERT(!is_full());
    tables_ += tables_for(region.begin, region.end);
    const unsigned position = position_of(region.begin);
    for (unsigned i = size_; i > position; --i) regions_[i] = regions_[i - 1];
    regions_[position] = &region;
    ++size_;
}

void RegionMap::remove(const Region& region) {
    const unsigned position = position_of(region.begin);
    KERNEL_ASSERT(position < size_ && regions_[position] == &region);
    --size_;
    for (unsigned i = position; i < size_; ++i) regions_[i] = regions_[i + 1];
    tables_ -= tables_for(region.begin, region.end);
}

// A table of level 3 covers 2 MiB, one of level 2 1 GiB, one of level 1 512 GiB. Those at either
// end may be the neighbours' already.
uint64_t RegionMap::tables_for(VirtualAddress begin, VirtualAddress end) const {
    const unsigned position = position_of(begin);
    uint64_t count = 0;
    for (const unsigned shift : {21U, 30U, 39U}) {
        const uint64_t first = begin >> shift;
        const uint64_t last = (end - 1) >> shift;
        count += last - first + 1;
        const bool before = position > 0 && (regions_[position - 1]->end - 1) >> shift == first;
        const bool after = position < size_ && regions_[position]->begin >> shift == last;
        if (before) --count;
        if (after && (first != last || !before)) --count;
    }
    return count;
}

}  // namespace kernel
