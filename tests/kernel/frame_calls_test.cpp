// SPDX-License-Identifier: Apache-2.0
// System calls on page frames, made by init and by a task that ends with frames held.
#include <gtest/gtest.h>

#include <vector>

#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

using abi::FrameOperation;
using Kind = abi::FrameOperationKind;

struct FrameCallsTest : KernelTest {
    static FrameOperation operation(Kind kind, uint32_t slot, uint8_t order = 0) {
        FrameOperation one{};
        one.slot = slot;
        one.kind = kind;
        one.order = order;
        one.nodes = ~uint32_t{0};
        one.status = 77;
        one.ticks = 77;
        return one;
    }
    // Makes the call with these operations, which come back as the kernel left them.
    uint64_t operate(std::vector<FrameOperation>& operations, uint64_t flags = 0) {
        for (size_t i = 0; i < operations.size(); ++i) {
            poke_value(buffer + i * sizeof(FrameOperation), operations[i]);
        }
        const uint64_t result = call(Call::FramesOperate, {buffer, operations.size(), flags});
        for (size_t i = 0; i < operations.size(); ++i) {
            operations[i] = peek<FrameOperation>(buffer + i * sizeof(FrameOperation));
        }
        return result;
    }
    static Status status(const FrameOperation& one) { return static_cast<Status>(one.status); }
};

TEST_F(FrameCallsTest, ABatchIsExecutedInItsOrder) {
    std::vector<FrameOperation> batch;
    for (uint32_t i = 0; i < 40; ++i) {
        batch.push_back(operation(Kind::Allocate, i % 8));
        batch.push_back(operation(Kind::Free, i % 8));
    }
    batch.push_back(operation(Kind::Allocate, 3));
    EXPECT_EQ(operate(batch), batch.size());
    for (const FrameOperation& one : batch) {
        EXPECT_EQ(status(one), Status::Ok);
        EXPECT_EQ(one.ticks, 77U);  // not asked for
    }
    EXPECT_EQ(kernel().frames.free_frames(), frames_free - 3);  // two tables and one block
    EXPECT_EQ(info_of(1)->frames, space().frames_owned());
    std::vector<FrameOperation> last{operation(Kind::Free, 3), operation(Kind::Free, 3)};
    EXPECT_EQ(operate(last, abi::FrameMeasure), 2U);
    EXPECT_EQ(status(last[0]), Status::Ok);
    EXPECT_EQ(status(last[1]), Status::NotFound);
    EXPECT_NE(last[0].ticks, 77U);
    EXPECT_EQ(last[1].ticks, 0U);
    task().held.release();
    expect_no_loss();
}

TEST_F(FrameCallsTest, BadOperationsAreRefusedOneByOne) {
    std::vector<FrameOperation> batch{operation(Kind::Allocate, abi::frame_slots),
                                      operation(Kind::Allocate, 0, 11),
                                      operation(static_cast<Kind>(2), 0),
                                      operation(Kind::Allocate, 0),
                                      operation(Kind::Allocate, 0),
                                      operation(Kind::Allocate, 1),
                                      operation(Kind::Allocate, 2),
                                      operation(Kind::Allocate, 3)};
    batch[5].mobility = static_cast<abi::FrameMobility>(2);
    batch[6].policy = static_cast<abi::FramePolicy>(3);
    batch[7].policy = abi::FramePolicy::Bound;
    batch[7].nodes = 0;
    EXPECT_EQ(operate(batch), batch.size());
    const Status expected[] = {Status::InvalidArgument,
                               Status::InvalidArgument,
                               Status::InvalidArgument,
                               Status::Ok,
                               Status::Busy,
                               Status::InvalidArgument,
                               Status::InvalidArgument,
                               Status::NoMemory};
    for (size_t i = 0; i < batch.size(); ++i) EXPECT_EQ(status(batch[i]), expected[i]) << i;
    task().held.release();
    expect_no_loss();
}

TEST_F(FrameCallsTest, BadCallsDoNothing) {
    EXPECT_EQ(call(Call::FramesOperate, {buffer, 0, 0}), 0U);
    EXPECT_EQ(call(Call::FramesOperate, {buffer, 1, 2}), failure(Status::InvalidArgument));
    EXPECT_EQ(call(Call::FramesOperate, {buffer, abi::most_frame_operations + 1, 0}),
              failure(Status::InvalidArgument));
    EXPECT_EQ(call(Call::FramesOperate, {buffer, ~uint64_t{0}, 0}),
              failure(Status::InvalidArgument));
    EXPECT_EQ(call(Call::FramesOperate, {0, 1, 0}), failure(Status::BadAddress));
    // Three pages are there, 24 KiB are not.
    EXPECT_EQ(call(Call::FramesOperate, {buffer, abi::most_frame_operations, 0}),
              failure(Status::BadAddress));
    EXPECT_EQ(call(Call::FramesOperate, {~uint64_t{0} - 5, 1, 0}), failure(Status::BadAddress));
    EXPECT_EQ(call(Call::FramesRead, {0}), failure(Status::BadAddress));
    expect_no_loss();
}

TEST_F(FrameCallsTest, TheReportIsExact) {
    ASSERT_EQ(call(Call::FramesRead, {buffer}), 0U);
    const auto report = peek<abi::FrameReport>(buffer);
    EXPECT_EQ(report.free, frames_free);
    EXPECT_EQ(report.total, kernel().frames.total_frames());
    EXPECT_EQ(report.reserve, kernel().frames.watermarks(0).min);
    EXPECT_EQ(report.held, space().frames_owned());
    EXPECT_EQ(report.limit, report.total / 4);
    EXPECT_EQ(report.frequency, kernel().info.timer_frequency);
    EXPECT_EQ(report.metadata_bytes, kernel().info.frames.nodes[0].metadata_bytes);
    uint64_t sum = 0;
    for (unsigned order = 0; order < abi::frame_orders; ++order) {
        sum += report.free_blocks[order] << order;
    }
    EXPECT_EQ(sum, report.free);
}

struct AllMemoryForOne : testing::Test, RunningKernel {
    AllMemoryForOne() : RunningKernel(usual("memory_limit=4M task_memory=100")) {}
};

TEST_F(AllMemoryForOne, HeldFramesLeaveTheKernelItsReserve) {
    const uint64_t min = kernel().frames.watermarks(0).min;
    ASSERT_GT(min, 0U);
    Status last = Status::Ok;
    for (uint32_t slot = 0; last == Status::Ok; ++slot) {
        ASSERT_LT(slot, 1024U);
        FrameOperation one = FrameCallsTest::operation(Kind::Allocate, slot);
        poke_value(buffer, one);
        EXPECT_EQ(call(abi::SystemCall::FramesOperate, {buffer, 1, 0}), 1U);
        last = FrameCallsTest::status(peek<FrameOperation>(buffer));
    }
    EXPECT_EQ(last, Status::NoMemory);
    EXPECT_EQ(kernel().frames.free_frames(), min - 1);
    task().held.release();
}

TEST_F(FrameCallsTest, TheLimitIsTheTasksOwn) {
    std::vector<FrameOperation> batch;
    uint32_t slot = 0;
    for (Status last = Status::Ok; last == Status::Ok;) {
        batch.clear();
        for (uint32_t i = 0; i < 256; ++i) batch.push_back(operation(Kind::Allocate, slot++));
        ASSERT_EQ(operate(batch), batch.size());
        last = status(batch.back());
    }
    EXPECT_EQ(status(batch.back()), Status::LimitReached);
    // What is mapped counts whether it is there or not.
    const uint64_t limit = kernel().frames.total_frames() / 4;
    EXPECT_LE(space().frames_owned(), limit);
    EXPECT_GE(space().frames_owned() + 64, limit);
    EXPECT_EQ(call(Call::MemoryMap, {page, abi::ProtectionRead, 0}), failure(Status::LimitReached));
    task().held.release();
    expect_no_loss();
}

TEST_F(FrameCallsTest, ATaskThatEndsGivesItsFramesBack) {
    const uint64_t child = spawn("bin/child");
    run_task(child);
    std::vector<FrameOperation> batch;
    for (uint32_t i = 0; i < 200; ++i) batch.push_back(operation(Kind::Allocate, i * 1000));
    EXPECT_EQ(operate(batch), batch.size());
    start_call(Call::TaskExit, {0});
    run_task(1);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), 0U);
    expect_no_loss();
}

TEST_F(FrameCallsTest, ATaskThatIsKilledGivesItsFramesBack) {
    const uint64_t child = spawn("bin/child");
    run_task(child);
    std::vector<FrameOperation> batch{operation(Kind::Allocate, 9)};
    EXPECT_EQ(operate(batch), 1U);
    run_task(1);
    EXPECT_EQ(call(Call::TaskKill, {right_to_task(child)}), 0U);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), 0U);
    expect_no_loss();
}

}  // namespace
}  // namespace kernel
