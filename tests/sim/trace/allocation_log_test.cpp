// SPDX-License-Identifier: Apache-2.0
// Tests of AllocationLog and of what TraceCollector gives it: order, and no gaps.
#include "sim/trace/allocation_log.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "kernel/abi/syscall.hpp"
#include "sim/trace/trace_collector.hpp"
#include "tests/sim/trace/fake_phone.hpp"
#include "tests/sim/trace/scratch_folder.hpp"

namespace orrery::trace {
namespace {

using abi::TraceType;
using testing::FakePhone;

abi::FrameRecording of(uint64_t sequence, uint64_t block, uint32_t order = 0) {
    return {.block = block,
            .order = order,
            .unmovable = false,
            .sequence = sequence,
            .owner = static_cast<uint32_t>(abi::FrameOwner::Held),
            .task = 3};
}

struct Recording {
    void put(uint16_t cpu, uint64_t ticks, TraceType type,
             const abi::FrameRecording& frames) const {
        phone.put(cpu, ticks, type, 1, frames.a(), frames.b());
    }
    [[nodiscard]] std::string text() const {
        std::ifstream file(folder.file("a.csv"));
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }

    FakePhone phone;
    testing::ScratchFolder folder;
    KernelView view{phone.memory(), FakePhone::info_physical};
    AllocationLog log{folder.file("a.csv")};
};

constexpr auto header = "time_ns,operation,order,mobility,cpu,owner,task,block\n";

TEST(AllocationLog, FieldsSurviveTheRecord) {
    const abi::FrameRecording frames{.block = 0x4020'0000,
                                     .order = 9,
                                     .unmovable = true,
                                     .sequence = 123'456'789'012,
                                     .owner = 7,
                                     .task = 255};
    const auto back = abi::FrameRecording::of(frames.a(), frames.b());
    EXPECT_EQ(back.block, frames.block);
    EXPECT_EQ(back.order, frames.order);
    EXPECT_TRUE(back.unmovable);
    EXPECT_EQ(back.sequence, frames.sequence);
    EXPECT_EQ(back.owner, frames.owner);
    EXPECT_EQ(back.task, frames.task);
}

TEST(AllocationLog, RowsComeInTheOrderOfTheirNumbers) {
    Recording recording;
    TraceCollector collector(recording.view);
    collector.log_allocations(recording.log);
    recording.put(0, 10, TraceType::FrameAllocate, of(0, 0x4000'0000));
    recording.put(0, 30, TraceType::FrameFree, of(2, 0x4000'0000));
    // Ring 0 is read first, and CPU 1 is a little behind in time.
    recording.put(1, 12, TraceType::FrameAllocate, of(1, 0x4020'0000, 9));
    recording.put(1, 29, TraceType::FrameAllocate, of(3, 0x4000'0000));
    recording.phone.mark(1, 40, 1);  // another kind, for which there is no trace
    collector.drain();
    EXPECT_EQ(recording.log.waiting(), 0u);
    EXPECT_EQ(collector.held(), 0u);
    collector.finish();
    recording.log.finish(collector.lost());
    EXPECT_EQ(recording.text(), std::string(header) +
                                    "10000,allocate,0,movable,0,held,3,0x40000000\n"
                                    "12000,allocate,9,movable,1,held,3,0x40200000\n"
                                    "30000,free,0,,0,held,3,0x40000000\n"
                                    "29000,allocate,0,movable,1,held,3,0x40000000\n");
}

TEST(AllocationLog, ThereIsNoRecordingWithGaps) {
    Recording recording;
    TraceCollector collector(recording.view);
    collector.log_allocations(recording.log);
    for (uint64_t i = 0; i < 9; ++i) {
        recording.put(0, i, TraceType::FrameAllocate, of(i, 0x4000'0000 + i * 4096));
    }
    collector.finish();
    EXPECT_EQ(collector.lost(), 1u);
    EXPECT_THROW(recording.log.finish(collector.lost()), TraceError);
    EXPECT_EQ(recording.text(), "");
}

TEST(AllocationLog, ARowThatIsMissingIsNoticed) {
    Recording recording;
    recording.log.add(
        5, {5, TraceType::FrameFree, 0, 0, of(1, 0x4000'0000).a(), of(1, 0x4000'0000).b()});
    EXPECT_EQ(recording.log.waiting(), 1u);
    EXPECT_THROW(recording.log.finish(0), TraceError);
}

}  // namespace
}  // namespace orrery::trace
