// SPDX-License-Identifier: Apache-2.0
// FreeMemory: the ranges of RAM that nobody has claimed, at boot, before there is a page allocator.
#pragma once

#include "kernel/boot/machine.hpp"

namespace kernel {

class FreeMemory final {
  public:
    // All banks without the kernel image, the device tree, the archive and what the tree reserves.
    FreeMemory(const MachineDescription& machine, const hal::BootInformation& boot);

    // Takes whole frames off the largest range. NoMemory.
    [[nodiscard]] Result<PhysicalAddress> carve(uint64_t bytes);

    [[nodiscard]] const FrameRange* ranges() const { return ranges_; }
    [[nodiscard]] unsigned range_count() const { return count_; }
    [[nodiscard]] uint64_t frames() const;
    [[nodiscard]] uint64_t total_frames() const { return total_; }

  private:
    void exclude(FrameRange taken);

    static constexpr unsigned max_ranges = 16;
    FrameRange ranges_[max_ranges] = {};
    unsigned count_ = 0;
    uint64_t total_ = 0;
};

}  // namespace kernel
