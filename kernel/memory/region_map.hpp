// SPDX-License-Identifier: Apache-2.0
// RegionMap: the regions of an address space in the order of their addresses, which are searched by
// halving.
#pragma once

#include "hal/types.hpp"
#include "kernel/memory/kernel_heap.hpp"
#include "kernel/memory/region.hpp"

namespace kernel {

class RegionMap final {
  public:
    static constexpr unsigned capacity = 192;

    // NoMemory. May be called again.
    [[nodiscard]] Status create(KernelHeap& heap);
    // Precondition: empty.
    void destroy(KernelHeap& heap);

    [[nodiscard]] unsigned size() const { return size_; }
    [[nodiscard]] bool is_full() const { return size_ == capacity; }
    [[nodiscard]] Region& operator[](unsigned position) const { return *regions_[position]; }

    // Position of the first region that ends behind `address`; size() if there is none.
    [[nodiscard]] unsigned position_of(VirtualAddress address) const;
    // The region that holds `address`, or null.
    [[nodiscard]] Region* at(VirtualAddress address) const;
    // Whether all of [begin, end) is free.
    [[nodiscard]] bool is_free(VirtualAddress begin, VirtualAddress end) const;

    // Precondition: its place is free, and the map is not full.
    void insert(Region& region);
    void remove(const Region& region);

    // Page tables below the root that all regions together may need at most; see also page_table.
    [[nodiscard]] uint64_t tables_needed() const { return tables_; }
    // How many more with a region there. Precondition: its place is free.
    [[nodiscard]] uint64_t tables_for(VirtualAddress begin, VirtualAddress end) const;

  private:
    Region** regions_ = nullptr;
    unsigned size_ = 0;
    uint64_t tables_ = 0;
};

}  // namespace kernel
