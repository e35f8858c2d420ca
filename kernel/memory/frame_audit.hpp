// SPDX-License-Identifier: Apache-2.0
// The audit of physical memory: that the records of all frames, the counters by owner, the
// strategies' counts of free frames and their histograms say the same.
//
// It looks at every frame and at every strategy's own structures, so it takes milliseconds. What it
// cannot see is two frames that have changed places: free in a record and allocated in the
// strategy, and the other way round.
#pragma once

#include "kernel/memory/frame_allocator.hpp"

namespace kernel {

// What the audit asks about tasks.
class TaskFrames {
  public:
    [[nodiscard]] virtual bool in_use(uint32_t slot) const = 0;
    // Frames that the task's page table says it has.
    [[nodiscard]] virtual uint64_t tables(uint32_t slot) const = 0;

  protected:
    ~TaskFrames() = default;
};

// Fills the report; the frames of task slot `caller` are told apart. The first thing that does not
// agree is `mismatch`. Precondition: nobody allocates or frees meanwhile.
void audit_frames(Frames& frames, const TaskFrames& tasks, uint32_t caller,
                  abi::MemoryAuditReport& report);

}  // namespace kernel
