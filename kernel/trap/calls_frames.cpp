// SPDX-License-Identifier: Apache-2.0
// System calls on page frames: blocks that a task holds without mapping them, and what is free
// where.
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

uint64_t areas_of(FrameRecords& records) {
    return records.map().span() / abi::area_frames;
}

// Free frames among some. Not inline: see memory/frames/bits.cpp.
[[gnu::noinline]] uint32_t count_free(FrameRecords& records, uint32_t from, uint32_t to) {
    uint32_t count = 0;
#pragma clang loop unroll(disable) vectorize(disable)
    for (uint32_t frame = from; frame < to; ++frame) {
        if (records.at(frame).use().owner == FrameOwner::Free) ++count;
    }
    return count;
}

// Free frames of an area of a node. Holes of its map are not free.
[[gnu::noinline]] uint16_t free_in_area(FrameRecords& records, uint32_t area) {
    const uint32_t begin = area * abi::area_frames;
    const uint32_t end = begin + abi::area_frames;
    uint32_t count = 0;
#pragma clang loop unroll(disable) vectorize(disable)
    for (unsigned i = 0; i < records.map().run_count(); ++i) {
        const FrameMap::Run run = records.map().run(i);
        count += count_free(records, run.begin > begin ? run.begin : begin,
                            run.end < end ? run.end : end);
    }
    return static_cast<uint16_t>(count);
}

// The same for an area of all nodes, one after the other; false behind the last one.
[[gnu::noinline]] bool free_in_area(uint64_t area, uint16_t& count) {
    Frames& frames = kernel().frames;
    for (unsigned node = 0; node < frames.node_count(); ++node) {
        FrameRecords& records = frames.records(node);
        if (area < areas_of(records)) {
            count = free_in_area(records, static_cast<uint32_t>(area));
            return true;
        }
        area -= areas_of(records);
    }
    return false;
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
    report.reserve = k.memory.reclaim().watermarks().min;
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

void frames_map(Call& call) {
    const uint64_t address = call.argument(0);
    const uint64_t first = call.argument(1);
    const uint64_t count = call.argument(2);
    if (count > abi::most_frame_areas) return call.finish(Status::InvalidArgument);
    for (uint64_t i = 0; i < count; ++i) {
        uint16_t frames = 0;
        if (first > UINT32_MAX || !free_in_area(first + i, frames)) return call.finish(i);
        const Status status =
            call.task().space.write(address + i * sizeof frames, &frames, sizeof frames);
        if (status != Status::Ok) return call.finish(status);
        preemption_point();
    }
    call.finish(count);
}

}  // namespace kernel::calls
