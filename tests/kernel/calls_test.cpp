// SPDX-License-Identifier: Apache-2.0
// System calls on memory, time and the console, made by init.
#include <gtest/gtest.h>

#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

struct CallsTest : KernelTest {
    static constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
    [[nodiscard]] bool readable(uint64_t at) {
        char byte = 0;
        return space().read(&byte, at, 1) == Status::Ok;
    }
    [[nodiscard]] bool writable(uint64_t at) {
        char byte = 0;
        return space().write(at, &byte, 1) == Status::Ok;
    }
};

TEST_F(CallsTest, NullReturnsZeroAndKeepsEveryOtherRegister) {
    for (unsigned i = 0; i < 31; ++i) frame->x[i] = 1000 + i;
    frame->x[8] = 0;
    const hal::UserFrame before = *frame;
    EXPECT_EQ(call(Call::Null), 0U);
    EXPECT_EQ(frame->pc, before.pc + 4);
    EXPECT_EQ(frame->sp, before.sp);
    for (unsigned i = 1; i < 31; ++i) EXPECT_EQ(frame->x[i], before.x[i]) << i;
    EXPECT_EQ(kernel().info.cpus[0].system_calls, 1U);
    EXPECT_EQ(kernel().info.cpus[0].traps, 1U);
}

TEST_F(CallsTest, UnknownNumbersAreRefused) {
    for (const uint64_t number :
         {static_cast<uint64_t>(Call::Limit), uint64_t{255}, uint64_t{1} << 32, ~uint64_t{0}}) {
        frame->x[8] = number;
        frame->pc += 4;
        trap(hal::TrapKind::Synchronous, 0x15U << 26);
        EXPECT_EQ(frame->x[0], failure(Status::UnknownCall)) << number;
    }
}

TEST_F(CallsTest, TheClockTellsNanosecondsSinceBoot) {
    const uint64_t begin = call(Call::ClockNow);
    machine.advance(FakeMachine::frequency * 3 + 5);
    EXPECT_EQ(call(Call::ClockNow) - begin, 3'000'000'000U + 80);
    EXPECT_EQ(call(Call::CpuNumber), 0U);
}

TEST_F(CallsTest, SleepEndsWhenTheTimeHasCome) {
    const uint64_t begin = call(Call::ClockNow);
    EXPECT_EQ(call(Call::ThreadSleep, {5'000'000}), 0U);
    const uint64_t slept = call(Call::ClockNow) - begin;
    EXPECT_GE(slept, 5'000'000U);
    EXPECT_LT(slept, 5'100'000U);
    EXPECT_GT(kernel().info.cpus[0].idle_ticks, 0U);
    EXPECT_EQ(call(Call::ThreadSleep, {0}), 0U);
}

TEST_F(CallsTest, SystemInfoTellsWhatThereIs) {
    ASSERT_EQ(call(Call::SystemInfo, {buffer}), 0U);
    const auto info = peek<abi::SystemInfo>(buffer);
    EXPECT_EQ(info.cpus_present, 1U);
    EXPECT_EQ(info.cpus_online, 1U);
    EXPECT_EQ(info.frames_total, kernel().frames.total_frames());
    EXPECT_EQ(info.frames_free, kernel().frames.free_frames());
    EXPECT_EQ(info.tasks, 1U);
    EXPECT_EQ(info.threads, 1U);
}

// Cache maintenance by EL0 says that it writes, but needs no more than to read: of memory that is
// shown to be executed, for example, and that reclaim has hidden.
TEST_F(CallsTest, CacheMaintenanceNeedsNoRightToWrite) {
    constexpr uint32_t maintenance = 0x24U << 26 | 1U << 25 | 1U << 8 | 1U << 6 | 0x07;
    const uint64_t code = abi::ProtectionRead | abi::ProtectionExecute;
    const uint64_t at = call(Call::MemoryMap, {page, code, 0});
    ASSERT_LT(at, abi::user_end);
    const uint64_t child = spawn("bin/child");
    run_task(child);
    const uint64_t own = call(Call::MemoryMap, {page, code, 0});
    ASSERT_LT(own, abi::user_end);
    trap(hal::TrapKind::Synchronous, maintenance, own);
    EXPECT_EQ(kernel().info.fault_count, 0U);
    EXPECT_EQ(info_of(child)->reason, abi::EndReason::Running);
}

TEST_F(CallsTest, MapProtectAndUnmap) {
    const uint64_t at = call(Call::MemoryMap, {3 * page, read_write, 0});
    ASSERT_LT(at, abi::user_end);
    EXPECT_TRUE(writable(at + 3 * page - 1));
    constexpr uint32_t write_translation = 0x24U << 26 | 1U << 25 | 1U << 6 | 0x07;
    trap(hal::TrapKind::Synchronous, write_translation, at + page);
    EXPECT_EQ(kernel().info.fault_count, 0U);
    EXPECT_EQ(info_of(1)->frames, task().space.frames_owned());
    EXPECT_EQ(call(Call::MemoryProtect, {at + page, page, abi::ProtectionRead}), 0U);
    EXPECT_TRUE(writable(at));
    EXPECT_FALSE(writable(at + page));
    EXPECT_EQ(call(Call::MemoryUnmap, {at, 2 * page}), 0U);
    EXPECT_FALSE(readable(at + page));
    EXPECT_TRUE(readable(at + 2 * page));
    EXPECT_EQ(call(Call::MemoryMap, {page, read_write, at + 2 * page}), failure(Status::Busy));
    EXPECT_EQ(call(Call::MemoryMap, {page, read_write, at}), at);
    EXPECT_EQ(call(Call::MemoryUnmap, {at + page, page}), failure(Status::NotFound));
}

TEST_F(CallsTest, WriteAndExecuteTogetherAreRefused) {
    EXPECT_EQ(call(Call::MemoryMap, {page, 7, 0}), failure(Status::PermissionDenied));
    EXPECT_EQ(call(Call::MemoryProtect, {buffer, page, 7}), failure(Status::PermissionDenied));
    // Bits beyond 32 are not cut off.
    EXPECT_EQ(call(Call::MemoryMap, {page, uint64_t{1} << 32 | 3, 0}),
              failure(Status::InvalidArgument));
    EXPECT_EQ(call(Call::MemoryProtect, {buffer, page, uint64_t{1} << 40 | 1}),
              failure(Status::InvalidArgument));
}

TEST_F(CallsTest, AProgramMayOwnOnlyItsShareOfMemory) {
    const uint64_t quarter = kernel().frames.total_frames() / 4;
    EXPECT_EQ(call(Call::MemoryMap, {quarter * page, read_write, 0}),
              failure(Status::LimitReached));
    expect_no_loss();
    const uint64_t at = call(Call::MemoryMap, {quarter / 2 * page, read_write, 0});
    ASSERT_LT(at, abi::user_end);
    EXPECT_EQ(call(Call::MemoryUnmap, {at, quarter / 2 * page}), 0U);
}

TEST_F(CallsTest, TheArchiveIsSharedReadOnly) {
    const uint64_t at = call(Call::ArchiveMap);
    ASSERT_LT(at, abi::user_end);
    const uint64_t size = frame->x[1];
    EXPECT_EQ(size, kernel().machine.archive.end - kernel().machine.archive.begin);
    EXPECT_EQ(peek(at, 6), "070701");
    EXPECT_TRUE(readable(at + size - 1));
    EXPECT_FALSE(writable(at));
    EXPECT_EQ(call(Call::MemoryProtect, {at & ~(page - 1), page, read_write}),
              failure(Status::PermissionDenied));
    EXPECT_EQ(call(Call::MemoryUnmap, {at & ~(page - 1), page}), 0U);
}

TEST_F(CallsTest, ConsoleWriteTakesAtMostAChunk) {
    machine.take_output();
    poke(buffer, "hello\nthere");
    EXPECT_EQ(call(Call::ConsoleWrite, {buffer, 11}), 11U);
    EXPECT_EQ(machine.take_output(), "hello\nthere");
    poke(buffer, std::string(300, 'x'));
    EXPECT_EQ(call(Call::ConsoleWrite, {buffer, 300}), abi::console_chunk);
    EXPECT_EQ(machine.take_output(), std::string(abi::console_chunk, 'x'));
    EXPECT_EQ(call(Call::ConsoleWrite, {buffer, 0}), 0U);
    EXPECT_EQ(machine.take_output(), "");
}

TEST_F(CallsTest, ConsoleReadTakesWhatIsThere) {
    machine.type("abcdef");
    trap(hal::TrapKind::Interrupt);
    EXPECT_EQ(call(Call::ConsoleRead, {buffer, 4}), 4U);
    EXPECT_EQ(peek(buffer, 4), "abcd");
    EXPECT_EQ(call(Call::ConsoleRead, {buffer, 100}), 2U);
    EXPECT_EQ(peek(buffer, 2), "ef");
    EXPECT_EQ(call(Call::ConsoleRead, {buffer, 0}), 0U);
    EXPECT_EQ(kernel().info.console_read, 6U);
}

TEST_F(CallsTest, ConsoleReadWaitsAndIsMadeAgain) {
    machine.type_later("late");
    const uint64_t pc = frame->pc;
    start_call(Call::ConsoleRead, {buffer, 64});
    // Input woke the thread: its registers are those before the call, at the same instruction.
    EXPECT_EQ(frame->pc, pc);
    EXPECT_EQ(frame->x[0], buffer);
    EXPECT_EQ(frame->x[1], 64U);
    EXPECT_TRUE(thread().repeats);
    start_call(Call::ConsoleRead);
    EXPECT_EQ(frame->x[0], 4U);
    EXPECT_EQ(frame->pc, pc + 4);
    EXPECT_EQ(peek(buffer, 4), "late");
}

TEST_F(CallsTest, InterruptsAreServedAndEnded) {
    machine.ended.clear();
    machine.raise(77);
    machine.raise(Scheduler::reschedule_interrupt);
    const hal::UserFrame before = *frame;
    trap(hal::TrapKind::Interrupt);
    EXPECT_EQ(machine.ended, (std::vector<uint32_t>{77}));
    // The other one is still asserted, and is taken as soon as interrupts are let in again.
    trap(hal::TrapKind::Interrupt);
    EXPECT_EQ(machine.ended, (std::vector<uint32_t>{77, 0}));
    EXPECT_NE(machine.take_output().find("interrupt 77 came unasked"), std::string::npos);
    EXPECT_EQ(frame->pc, before.pc);
    EXPECT_EQ(kernel().info.cpus[0].interrupts, 2U);
}

TEST_F(CallsTest, LongWorkLetsInterruptsIn) {
    machine.ended.clear();
    machine.raise(Scheduler::reschedule_interrupt);
    ASSERT_LT(call(Call::MemoryMap, {64 * page, read_write | abi::MapPopulate, 0}), abi::user_end);
    EXPECT_EQ(machine.ended.size(), 1U);
}

}  // namespace
}  // namespace kernel
