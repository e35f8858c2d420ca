// SPDX-License-Identifier: Apache-2.0
// System calls on page frames: blocks that a task holds without mapping them, and what is free.
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

constexpr uint64_t piece = 16;  // operations between preemption points

using abi::FrameOperation;
using abi::FrameOperationKind;

uint64_t frames_wanted(const FrameOperation* operations, uint64_t count) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; ++i) {
        const FrameOperation& one = operations[i];
        const bool wants = one.kind == FrameOperationKind::Allocate && one.order <= max_order;
        if (wants) sum += uint64_t{1} << one.order;
    }
    return sum;
}

HeldFrames::Outcome allocate(HeldFrames& held, const FrameOperation& operation,
                             FrameBudget& budget) {
    if (operation.mobility > abi::FrameMobility::Unmovable ||
        operation.policy > abi::FramePolicy::Interleaved) {
        return {Status::InvalidArgument, 0};
    }
    FramePlacement placement;
    placement.policy = static_cast<FramePlacement::Policy>(operation.policy);
    placement.nodes = operation.nodes;
    placement.position = operation.slot;
    return held.allocate(operation.slot, operation.order, static_cast<Mobility>(operation.mobility),
                         placement, budget);
}

void execute(HeldFrames& held, FrameOperation& operation, bool measured, FrameBudget& budget) {
    HeldFrames::Outcome outcome{Status::InvalidArgument, 0};
    if (operation.kind == FrameOperationKind::Allocate) {
        outcome = allocate(held, operation, budget);
    } else if (operation.kind == FrameOperationKind::Free) {
        outcome = held.free(operation.slot, operation.order, budget);
    }
    operation.status = static_cast<int32_t>(outcome.status);
    if (!measured) return;
    operation.ticks =
        outcome.ticks > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(outcome.ticks);
}

Status operate(Task& task, uint64_t address, uint64_t count, bool measured) {
    FrameOperation operations[piece];
    const uint64_t size = count * sizeof(FrameOperation);
    TRY_STATUS(task.space.read(operations, address, size));
    {
        FrameBudget budget(task.space);
        budget.reserve(frames_wanted(operations, count));
        for (uint64_t i = 0; i < count; ++i) execute(task.held, operations[i], measured, budget);
    }
    return task.space.write(address, operations, size);
}

}  // namespace

void frames_operate(Call& call) {
    const uint64_t address = call.argument(0);
    const uint64_t count = call.argument(1);
    const uint64_t flags = call.argument(2);
    if (count > abi::most_frame_operations || (flags & ~uint64_t{abi::FrameMeasure}) != 0) {
        return call.finish(Status::InvalidArgument);
    }
    // Nothing is done before it is known that all of it can be told.
    Status status = call.task().space.check_writable(address, count * sizeof(FrameOperation));
    for (uint64_t done = 0; done < count && status == Status::Ok; done += piece) {
        const uint64_t now = count - done < piece ? count - done : piece;
        status = operate(call.task(), address + done * sizeof(FrameOperation), now, flags != 0);
        preemption_point();
    }
    Kernel& k = kernel();
    k.info.tasks[call.task().slot].frames = call.task().space.frames_owned();
    k.trace.put(abi::TraceType::FramesFree, call.thread().id, k.frames.free_frames(),
                k.info.frames_total);
    if (status != Status::Ok) return call.finish(status);
    call.finish(count);
}

void frames_read(Call& call) {
    Kernel& k = kernel();
    abi::FrameReport report{};
    report.nanoseconds = uptime();
    report.frequency = k.info.timer_frequency;
    report.total = k.frames.total_frames();
    report.free = k.frames.free_frames();
    report.held = call.task().space.frames_owned();
    report.limit = call.task().space.frame_limit();
    for (unsigned node = 0; node < k.frames.node_count(); ++node) {
        FrameStrategy& strategy = k.frames.node(node);
        report.metadata_bytes += strategy.metadata_bytes();
        const FreeHistogram histogram = strategy.free_histogram();
        for (unsigned order = 0; order < order_count; ++order) {
            report.free_blocks[order] += histogram.blocks[order];
        }
    }
    call.finish(call.task().space.write(call.argument(0), &report, sizeof report));
}

}  // namespace kernel::calls
