// SPDX-License-Identifier: Apache-2.0
// AllocationRecorder: a trace record for each block of page frames that changes hands, from boot on
// (boot option record_allocations; docs/allocation-traces.md).
#pragma once

#include <atomic>

#include "kernel/memory/frame_allocator.hpp"
#include "kernel/trace/trace.hpp"

namespace kernel {

class AllocationRecorder final : public FrameObserver {
  public:
    explicit AllocationRecorder(Trace& trace) : trace_(trace) {}

    void allocated(PhysicalAddress block, unsigned order, Mobility mobility, FrameUse use) override;
    void freed(PhysicalAddress block, unsigned order, FrameUse use) override;

  private:
    void put(abi::TraceType type, PhysicalAddress block, unsigned order, bool unmovable,
             FrameUse use);

    Trace& trace_;
    std::atomic<uint64_t> sequence_{0};
};

}  // namespace kernel
