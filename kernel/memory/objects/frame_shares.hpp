// SPDX-License-Identifier: Apache-2.0
// How many slots refer to a frame, where it is more than one.
//
// A frame that is in no table here has one slot. Counts are in a tree by frame number, so that they
// cost memory only where memory is shared.
#pragma once

#include "kernel/base/lock.hpp"
#include "kernel/memory/objects/slot_tree.hpp"

namespace kernel {

class FrameShares final {
  public:
    explicit FrameShares(KernelHeap& heap) : counts_(heap, most_frames) {}

    // One slot more refers to the frame. NoMemory.
    [[nodiscard]] Status share(hal::PhysicalAddress frame);
    // One less; true when it was the last, and the caller has to free the frame.
    [[nodiscard]] bool release(hal::PhysicalAddress frame);
    [[nodiscard]] uint64_t count(hal::PhysicalAddress frame);
    // Frames with more than one slot, for tests.
    [[nodiscard]] bool none() { return counts_.node_count() == 0; }

  private:
    static constexpr uint64_t most_frames = uint64_t{1} << 36;  // of 48 bits of addresses

    SpinLock lock_{LockRank::Shares};
    SlotTree counts_;  // a "swapped" slot whose entry is the count
};

}  // namespace kernel
