// SPDX-License-Identifier: Apache-2.0
// Trace records of page frames.
#include "kernel/trace/allocation_recorder.hpp"

#include "kernel/kernel.hpp"

namespace kernel {

void AllocationRecorder::allocated(PhysicalAddress block, unsigned order, Mobility mobility,
                                   FrameUse use) {
    put(abi::TraceType::FrameAllocate, block, order, mobility == Mobility::Unmovable, use);
}

void AllocationRecorder::freed(PhysicalAddress block, unsigned order, FrameUse use) {
    put(abi::TraceType::FrameFree, block, order, false, use);
}

void AllocationRecorder::put(abi::TraceType type, PhysicalAddress block, unsigned order,
                             bool unmovable, FrameUse use) {
    const Thread* thread = kernel().scheduler.current();
    trace_.put_frames(type, thread != nullptr ? thread->id : 0,
                      {.block = block,
                       .order = order,
                       .unmovable = unmovable,
                       .sequence = sequence_.fetch_add(1, std::memory_order_relaxed),
                       .owner = static_cast<uint32_t>(use.owner),
                       .task = use.task});
}

}  // namespace kernel
