// SPDX-License-Identifier: Apache-2.0
// Records of page frames: complete from boot on, in their order, and none unless asked for.
#include <gtest/gtest.h>

#include <map>

#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

using abi::TraceRecord;
using abi::TraceType;

const TraceRecord* records_of_ring() {
    return static_cast<const TraceRecord*>(hal::Machine::direct(kernel().info.rings[0].records));
}

TEST(AllocationRecorder, TellsOfEveryFrameFromBootOn) {
    RunningKernel phone(RunningKernel::usual("record_allocations=on trace_records=4096"));
    const uint64_t at =
        phone.call(abi::SystemCall::MemoryMap, {40 * hal::page_size, abi::ProtectionRead, 0});
    phone.call(abi::SystemCall::MemoryUnmap, {at, 20 * hal::page_size});
    const abi::TraceRing& ring = kernel().info.rings[0];
    ASSERT_EQ(ring.lost, 0U);
    std::map<uint64_t, abi::FrameRecording> held;
    for (uint64_t i = 0; i < ring.head; ++i) {
        const TraceRecord& record = records_of_ring()[i];
        const auto frames = abi::FrameRecording::of(record.a, record.b);
        ASSERT_EQ(frames.sequence, i);  // no other records in between
        if (record.type == TraceType::FrameAllocate) {
            EXPECT_TRUE(held.emplace(frames.block, frames).second);
            continue;
        }
        ASSERT_EQ(record.type, TraceType::FrameFree);
        ASSERT_EQ(held.count(frames.block), 1U);
        EXPECT_EQ(held[frames.block].order, frames.order);
        held.erase(frames.block);
    }
    uint64_t frames_held = 0;
    uint64_t tables = 0;
    for (const auto& [block, frames] : held) {
        frames_held += uint64_t{1} << frames.order;
        if (static_cast<FrameOwner>(frames.owner) == FrameOwner::Tables) ++tables;
    }
    EXPECT_EQ(frames_held, kernel().frames.total_frames() - kernel().frames.free_frames());
    EXPECT_EQ(tables, kernel().frames.frames_of(FrameOwner::Tables));
}

TEST(AllocationRecorder, IsSilentInAPlainTrace) {
    RunningKernel phone(RunningKernel::usual("trace=on"));
    const abi::TraceRing& ring = kernel().info.rings[0];
    ASSERT_GT(ring.head, 0U);
    for (uint64_t i = 0; i < ring.head; ++i) {
        EXPECT_NE(records_of_ring()[i].type, TraceType::FrameAllocate);
    }
}

TEST(AllocationRecorder, BothTogether) {
    RunningKernel phone(RunningKernel::usual("trace=on record_allocations=on"));
    const abi::TraceRing& ring = kernel().info.rings[0];
    std::map<TraceType, uint64_t> counts;
    for (uint64_t i = 0; i < ring.head; ++i) ++counts[records_of_ring()[i].type];
    EXPECT_GT(counts[TraceType::FrameAllocate], 0U);
    EXPECT_GT(counts[TraceType::TaskCreate], 0U);
}

}  // namespace
}  // namespace kernel
