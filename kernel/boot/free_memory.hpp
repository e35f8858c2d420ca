// SPDX-License-Identifier: Apache-2.0
// FreeMemory: the ranges of RAM that nobody has claimed, at boot, before there is a page allocator.
#pragma once

#include "kernel/boot/machine.hpp"

namespace kernel {

class FreeMemory final {
  public:
    static constexpr unsigned max_ranges = 16;
    static constexpr unsigned any_node = UINT32_MAX;

    // All banks without the kernel image, the device tree, the archive and what the tree reserves.
    FreeMemory(const MachineDescription& machine, const hal::BootInformation& boot);

    // Takes whole frames off the largest range, of any node or of one. NoMemory.
    [[nodiscard]] Result<PhysicalAddress> carve(uint64_t bytes, unsigned node = any_node);

    // Gives up all but `frames`, off the ends of the largest ranges.
    void limit(uint64_t frames);

    // Copies a node's ranges to `ranges`, which has room for max_ranges; how many.
    [[nodiscard]] unsigned ranges_of(unsigned node, FrameRange* ranges) const;

    [[nodiscard]] const FrameRange* ranges() const { return ranges_; }
    [[nodiscard]] unsigned range_count() const { return count_; }
    [[nodiscard]] uint64_t frames() const;
    [[nodiscard]] uint64_t total_frames() const { return total_; }

  private:
    static constexpr unsigned none = UINT32_MAX;

    void exclude(FrameRange taken);
    // Index of the largest range, or none.
    [[nodiscard]] unsigned largest(unsigned node) const;
    uint64_t shrink(unsigned index, uint64_t most);

    FrameRange ranges_[max_ranges] = {};
    unsigned nodes_[max_ranges] = {};  // index of each range's NUMA node
    unsigned count_ = 0;
    uint64_t total_ = 0;
};

}  // namespace kernel
