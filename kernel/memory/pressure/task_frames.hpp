// SPDX-License-Identifier: Apache-2.0
// How many frames of some nodes each task has: for the out-of-memory policy, when memory is lacking
// on these nodes only.
//
// Counted from the frame records, which needs no book-keeping while memory is there. Bound: a look
// at every record of the nodes, with preemption points. Others go on meanwhile, so the counts are
// as of no particular moment.
#pragma once

#include "kernel/memory/frame_allocator.hpp"

namespace kernel {

// By slot of the task: its private pages, page tables and held frames.
struct FramesByTask {
    uint32_t counts[abi::max_tasks] = {};
};

// Precondition: no lock is held.
void count_frames_by_task(Frames& frames, uint32_t nodes, FramesByTask& result);

}  // namespace kernel
