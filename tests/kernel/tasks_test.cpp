// SPDX-License-Identifier: Apache-2.0
// The life of tasks and threads, seen through system calls. Each test ends with every frame back.
#include <gtest/gtest.h>

#include "tests/kernel/elf_builder.hpp"
#include "tests/kernel/frames_bench.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

struct TasksTest : KernelTest {
    static constexpr uint64_t init = 1;
    static constexpr uint64_t code = ElfBuilder::code_at + 0x100;

    void TearDown() override {
        EXPECT_EQ(kernel().tasks.task_count(), 1U);
        EXPECT_EQ(kernel().tasks.thread_count(), 1U);
        expect_no_loss();
    }
    // Init waits for a task that has ended or will end by itself.
    abi::TaskResult wait_for(uint64_t id) {
        run_task(init);
        EXPECT_EQ(call(Call::TaskWait, {right_to_task(id), buffer}), 0U);
        return peek<abi::TaskResult>(buffer);
    }
    void exit_task(uint64_t code_of_exit) { start_call(Call::TaskExit, {code_of_exit}); }
};

using TasksDeathTest = TasksTest;

TEST_F(TasksTest, AChildStartsWithItsArgumentsAndIsWaitedFor) {
    const uint64_t child = spawn("bin/child", "some arguments");
    ASSERT_EQ(child, 2U);
    ASSERT_NE(info_of(child), nullptr);
    EXPECT_STREQ(info_of(child)->name, "child");
    EXPECT_EQ(info_of(child)->parent, init);
    run_task(child);
    EXPECT_EQ(frame->pc, code);
    EXPECT_EQ(frame->x[1], 14U);
    EXPECT_EQ(peek(frame->x[0], 14), "some arguments");
    EXPECT_EQ(machine.user_asid, 2U);
    exit_task(static_cast<uint64_t>(-7));
    EXPECT_EQ(info_of(child)->reason, abi::EndReason::Exited);
    EXPECT_EQ(info_of(child)->frames, 0U);
    const abi::TaskResult result = wait_for(child);
    EXPECT_EQ(result.reason, abi::EndReason::Exited);
    EXPECT_EQ(result.exit_code, -7);
    EXPECT_EQ(info_of(child), nullptr);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), failure(Status::NotFound));
}

TEST_F(TasksTest, WaitingComesBeforeTheEndToo) {
    const uint64_t child = spawn("bin/child");
    const uint64_t pc = frame->pc;
    start_call(Call::TaskWait, {right_to_task(child), buffer});
    ASSERT_EQ(task().id, child);
    exit_task(3);
    ASSERT_EQ(task().id, init);
    EXPECT_EQ(frame->pc, pc);  // the call is made again
    start_call(Call::TaskWait);
    EXPECT_EQ(frame->x[0], 0U);
    EXPECT_EQ(peek<abi::TaskResult>(buffer).exit_code, 3);
}

TEST_F(TasksTest, AResultThatCannotBeDeliveredIsKept) {
    const uint64_t child = spawn("bin/child");
    run_task(child);
    exit_task(9);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), 8}), failure(Status::BadAddress));
    EXPECT_EQ(wait_for(child).exit_code, 9);
}

TEST_F(TasksTest, SpawnRefusesWhatIsNoProgram) {
    EXPECT_EQ(spawn("bin/none"), failure(Status::NotFound));
    EXPECT_EQ(spawn("bin/broken"), failure(Status::BadImage));
    EXPECT_EQ(spawn(""), failure(Status::InvalidArgument));
    EXPECT_EQ(spawn(std::string(129, 'p')), failure(Status::InvalidArgument));
    EXPECT_EQ(spawn("bin/child", std::string(abi::argument_size + 1, 'a')),
              failure(Status::InvalidArgument));
    // A mask of CPUs that are not there.
    auto arguments = peek<abi::SpawnArguments>(buffer);
    arguments.arguments_length = 0;
    arguments.path_length = 9;
    arguments.cpu_mask = 2;
    poke(buffer + 0x100, "bin/child");
    poke_value(buffer, arguments);
    EXPECT_EQ(call(Call::TaskSpawn, {buffer}), failure(Status::InvalidArgument));
}

TEST_F(TasksTest, SpawnTakesTheLongestArguments) {
    const uint64_t child = spawn("bin/child", std::string(abi::argument_size, 'a'));
    run_task(child);
    EXPECT_EQ(peek(frame->x[0], frame->x[1]), std::string(abi::argument_size, 'a'));
    exit_task(0);
    wait_for(child);
}

TEST_F(TasksTest, SpawnThatRunsOutOfMemoryAnywhereLosesNothing) {
    kernel().memory.reclaim().turn_off();
    FrameStrategy& real = kernel().frames.node(0);
    RefusingStrategy refusing(real);
    kernel().frames.replace_strategy(0, refusing);
    uint64_t refused = 1;
    for (;; ++refused) {
        refusing.refuse_from(refused);
        const uint64_t child = spawn("bin/child", "x");
        const bool met = refusing.has_refused();
        refusing.refuse_from(0);
        if (!met) {
            ASSERT_EQ(child, refused + 1);  // each attempt has used an id
            run_task(child);
            exit_task(0);
            wait_for(child);
            break;
        }
        ASSERT_EQ(child, failure(Status::NoMemory)) << refused;
        ASSERT_EQ(kernel().frames.free_frames(), frames_free) << refused;
        ASSERT_EQ(kernel().tasks.task_count(), 1U);
    }
    EXPECT_GT(refused, 5U);  // objects, tables, the stack's first page
    kernel().frames.replace_strategy(0, real);
}

TEST_F(TasksTest, ATaskHasAtMostSixtyFourChildren) {
    make_room_for_names();
    for (unsigned i = 0; i < Task::max_children; ++i) ASSERT_EQ(spawn("bin/child"), 2 + i);
    EXPECT_EQ(spawn("bin/child"), failure(Status::LimitReached));
    // One that has ended counts until it has been waited for.
    EXPECT_EQ(call(Call::TaskKill, {right_to_task(2)}), 0U);
    EXPECT_EQ(spawn("bin/child"), failure(Status::LimitReached));
    wait_for(2);
    ASSERT_EQ(spawn("bin/child"), 2 + Task::max_children);
    for (uint64_t id = 3; id <= 2 + Task::max_children; ++id) {
        EXPECT_EQ(call(Call::TaskKill, {right_to_task(id)}), 0U);
        EXPECT_EQ(wait_for(id).reason, abi::EndReason::Killed);
    }
}

TEST_F(TasksTest, TheTableOfTasksHasAnEnd) {
    constexpr uint64_t children = 10;
    for (uint64_t i = 0; i < children; ++i) ASSERT_EQ(spawn("bin/child"), 2 + i);
    uint64_t last = 1 + children;
    for (uint64_t id = 2; last < abi::max_tasks; ++id) {
        run_task(id);
        for (unsigned i = 0; i < 40 && last < abi::max_tasks; ++i) {
            ASSERT_EQ(spawn("bin/child"), ++last);
        }
    }
    EXPECT_EQ(kernel().tasks.task_count(), abi::max_tasks);
    EXPECT_EQ(spawn("bin/child"), failure(Status::LimitReached));
    run_task(init);
    EXPECT_EQ(spawn("bin/child"), failure(Status::LimitReached));
    for (uint64_t id = last; id >= 2 + children; --id) {
        run_task(id);
        exit_task(0);
    }
    run_task(init);
    for (uint64_t id = 2; id < 2 + children; ++id) {
        EXPECT_EQ(call(Call::TaskKill, {right_to_task(id)}), 0U);
        wait_for(id);
    }
}

TEST_F(TasksTest, ATaskCanNameWhatItMadeAndNothingElse) {
    const uint64_t child = spawn("bin/child");
    const uint64_t other = spawn("bin/child");
    const uint64_t name_of_other = right_to_task(other);
    run_task(child);
    const uint64_t grandchild = spawn("bin/child");
    // Neither numbers nor names that others have mean anything here.
    for (const uint64_t name : {init, child, other, name_of_other, uint64_t{99}}) {
        EXPECT_EQ(call(Call::TaskKill, {name}), failure(Status::NotFound)) << name;
        EXPECT_EQ(call(Call::TaskWait, {name, buffer}), failure(Status::NotFound)) << name;
    }
    const uint64_t name = right_to_task(grandchild);
    EXPECT_EQ(call(Call::TaskKill, {uint64_t{1} << 32 | name}), failure(Status::NotFound));
    EXPECT_EQ(call(Call::TaskWait, {abi::task_name, buffer}), failure(Status::InvalidArgument));
    EXPECT_EQ(call(Call::TaskKill, {abi::system_name}), failure(Status::InvalidArgument));
    run_task(init);
    EXPECT_EQ(call(Call::TaskKill, {right_to_task(other)}), 0U);
    EXPECT_EQ(wait_for(other).reason, abi::EndReason::Killed);
    EXPECT_EQ(call(Call::TaskKill, {right_to_task(child)}), 0U);
    EXPECT_EQ(wait_for(child).reason, abi::EndReason::Killed);
    run_task(grandchild);
    exit_task(0);
}

TEST_F(TasksTest, AParentReachesGrandchildrenThroughTheirParent) {
    constexpr auto task_type = static_cast<uint64_t>(abi::ObjectType::Task);
    const uint64_t child = spawn("bin/child");
    run_task(child);
    const uint64_t grandchild = spawn("bin/child");
    run_task(init);
    const uint64_t whole = right_to_task(child);
    EXPECT_EQ(call(Call::RightOpen, {whole, task_type, child}), failure(Status::NotFound));
    EXPECT_EQ(call(Call::RightOpen, {whole, task_type, 0}), failure(Status::NotFound));
    EXPECT_EQ(call(Call::RightOpen, {whole, 0, grandchild}), failure(Status::InvalidArgument));
    constexpr auto port_type = static_cast<uint64_t>(abi::ObjectType::Port);
    EXPECT_EQ(call(Call::RightOpen, {whole, port_type, 1}), failure(Status::InvalidArgument));
    const uint64_t looked =
        call(Call::RightCopy, {whole, abi::RightInspect | abi::right_common, 0, 0});
    const uint64_t seen = call(Call::RightOpen, {looked, task_type, grandchild});
    EXPECT_EQ(call(Call::TaskKill, {seen}), failure(Status::PermissionDenied));
    const uint64_t opened = call(Call::RightOpen, {whole, task_type, grandchild});
    // It was derived from the right to the child, and goes with what was derived from that.
    EXPECT_EQ(call(Call::RightRevoke, {whole}), 3U);
    EXPECT_EQ(call(Call::TaskKill, {opened}), failure(Status::NotFound));
    const uint64_t again = call(Call::RightOpen, {whole, task_type, grandchild});
    EXPECT_EQ(call(Call::TaskKill, {again}), 0U);
    EXPECT_EQ(call(Call::TaskKill, {again}), failure(Status::NotFound));  // it has ended
    EXPECT_EQ(call(Call::TaskKill, {whole}), 0U);
    wait_for(child);
    // What the right was for is gone; the name goes when it is closed.
    EXPECT_EQ(call(Call::TaskKill, {again}), failure(Status::NotFound));
    EXPECT_EQ(call(Call::RightClose, {again}), 0U);
    EXPECT_EQ(call(Call::RightClose, {whole}), failure(Status::NotFound));
}

TEST_F(TasksTest, WaitingNeedsItsBitAndUsesTheNameUp) {
    const uint64_t child = spawn("bin/child");
    const uint64_t whole = right_to_task(child);
    const uint64_t control = call(Call::RightCopy, {whole, abi::RightControl, 0, 0});
    const uint64_t copy = call(Call::RightCopy, {whole, ~0U, 0, 0});
    EXPECT_EQ(call(Call::TaskWait, {control, buffer}), failure(Status::PermissionDenied));
    EXPECT_EQ(call(Call::TaskKill, {control}), 0U);
    EXPECT_EQ(call(Call::TaskWait, {copy, buffer}), 0U);
    for (const uint64_t stale : {whole, control, copy}) {
        EXPECT_EQ(call(Call::TaskWait, {stale, buffer}),
                  failure(stale == control ? Status::PermissionDenied : Status::NotFound));
    }
    EXPECT_EQ(call(Call::RightClose, {copy}), failure(Status::NotFound));
    EXPECT_EQ(call(Call::RightClose, {whole}), 0U);
    EXPECT_EQ(call(Call::RightClose, {control}), 0U);
}

TEST_F(TasksTest, ATaskMayEndItself) {
    const uint64_t child = spawn("bin/child");
    run_task(child);
    start_call(Call::TaskKill, {abi::task_name});
    ASSERT_EQ(task().id, init);
    EXPECT_EQ(wait_for(child).reason, abi::EndReason::Killed);
}

TEST_F(TasksTest, KillFindsThreadsInEveryKindOfWait) {
    const uint64_t sleeper = spawn("bin/child");
    const uint64_t reader = spawn("bin/child");
    const uint64_t waiter = spawn("bin/child");
    const uint64_t joiner = spawn("bin/child");
    run_task(sleeper);
    start_call(Call::ThreadSleep, {1'000'000'000'000});
    run_task(reader);
    start_call(Call::ConsoleRead, {buffer, 1});
    run_task(waiter);
    const uint64_t grandchild = spawn("bin/child");
    start_call(Call::TaskWait, {right_to_task(grandchild), buffer});
    run_task(joiner);
    const uint64_t thread_id = create_thread({code, 0, 0, 0});
    start_call(Call::ThreadJoin, {right_to_thread(thread_id)});
    run_task(init);
    for (const uint64_t id : {sleeper, reader, waiter, joiner}) {
        EXPECT_EQ(call(Call::TaskKill, {right_to_task(id)}), 0U);
        EXPECT_EQ(wait_for(id).reason, abi::EndReason::Killed);
    }
    // The grandchild has lost its parent, and the one that waited with it.
    EXPECT_EQ(info_of(grandchild)->parent, 0U);
    run_task(grandchild);
    exit_task(0);
}

TEST_F(TasksTest, AChildHasOneWaiter) {
    const uint64_t child = spawn("bin/child");
    const uint64_t second = create_thread({code, 0, 0, 0});
    start_call(Call::TaskWait, {right_to_task(child), buffer});
    while (task().id != init) start_call(Call::ThreadYield);
    ASSERT_EQ(thread().id, second);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), failure(Status::Busy));
    start_call(Call::ThreadExit, {0});
    run_task(child);
    exit_task(5);
    ASSERT_EQ(task().id, init);
    start_call(Call::TaskWait);
    EXPECT_EQ(frame->x[0], 0U);
    EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(second)}), 0U);
}

TEST_F(TasksTest, AFaultEndsTheTaskWithAReport) {
    const uint64_t child = spawn("bin/child");
    run_task(child);
    machine.take_output();
    for (unsigned i = 0; i < 31; ++i) frame->x[i] = 0x100 + i;
    frame->pstate = 0x6000'0000;
    const hal::UserFrame at_fault = *frame;
    const uint64_t thread_id = thread().id;
    constexpr uint32_t write_abort = 0x24U << 26 | 1U << 25 | 1U << 6 | 0x07;
    trap(hal::TrapKind::Synchronous, write_abort, 0xdead'0000);

    ASSERT_EQ(kernel().info.fault_count, 1U);
    const abi::FaultReport& report = kernel().info.faults[0];
    EXPECT_EQ(report.task, child);
    EXPECT_EQ(report.thread, thread_id);
    EXPECT_STREQ(report.name, "child");
    EXPECT_EQ(report.syndrome, write_abort);
    EXPECT_EQ(report.address, 0xdead'0000U);
    EXPECT_EQ(report.pc, at_fault.pc);
    EXPECT_EQ(report.sp, at_fault.sp);
    EXPECT_EQ(report.pstate, at_fault.pstate);
    EXPECT_EQ(report.x[30], 0x100U + 30);
    EXPECT_EQ(report.instruction_valid, 1U);
    EXPECT_EQ(report.instruction, 0x1f1f'1f1fU);
    const std::string said = machine.take_output();
    EXPECT_NE(said.find("task 2 (child"), std::string::npos) << said;
    EXPECT_NE(said.find("cannot write, address dead0000"), std::string::npos) << said;
    const abi::TaskResult result = wait_for(child);
    EXPECT_EQ(result.reason, abi::EndReason::Faulted);
    EXPECT_EQ(result.syndrome, write_abort);
    EXPECT_EQ(result.address, 0xdead'0000U);
    EXPECT_EQ(result.pc, at_fault.pc);
}

TEST_F(TasksTest, EveryOtherTrapIsAFaultToo) {
    struct Case {
        hal::TrapKind kind;
        uint32_t exception_class;
        bool address_counts;
    };
    for (const Case& fault : {Case{hal::TrapKind::Synchronous, 0x00, false},
                              Case{hal::TrapKind::Synchronous, 0x20, true},
                              Case{hal::TrapKind::Synchronous, 0x22, true},
                              Case{hal::TrapKind::Synchronous, 0x26, false},
                              Case{hal::TrapKind::Synchronous, 0x3c, false},
                              Case{hal::TrapKind::Synchronous, 0x3f, false},
                              Case{hal::TrapKind::SystemError, 0x2f, false},
                              Case{hal::TrapKind::SystemError, 0x15, false}}) {
        const uint64_t child = spawn("bin/child");
        run_task(child);
        frame->pc = 0xbad0;  // the word there cannot be read
        trap(fault.kind, fault.exception_class << 26, 0x1234);
        const abi::FaultReport& report = kernel().info.faults[kernel().info.fault_count - 1];
        EXPECT_EQ(report.instruction_valid, 0U);
        EXPECT_EQ(report.address, fault.address_counts ? 0x1234U : 0U);
        EXPECT_EQ(wait_for(child).reason, abi::EndReason::Faulted);
    }
}

TEST_F(TasksTest, OnlyTheNewestFaultReportsAreKept) {
    for (unsigned i = 0; i < abi::max_fault_reports + 3; ++i) {
        const uint64_t child = spawn("bin/child");
        run_task(child);
        trap(hal::TrapKind::Synchronous, 0x24U << 26, i);
        wait_for(child);
    }
    EXPECT_EQ(kernel().info.fault_count, abi::max_fault_reports + 3);
    EXPECT_EQ(kernel().info.faults[2].address, abi::max_fault_reports + 2);
    EXPECT_EQ(kernel().info.faults[3].address, 3U);
}

TEST_F(TasksDeathTest, PowersOffWhenInitExits) {
    EXPECT_EXIT(exit_task(42), testing::ExitedWithCode(FakeMachine::powered_off),
                "init ended: reason 1 code 42.*\n.*power off, code 42\n.*power-off code 42");
}

TEST_F(TasksDeathTest, PowersOffWhenInitFaults) {
    EXPECT_EXIT(trap(hal::TrapKind::Synchronous, 0x24U << 26, 0),
                testing::ExitedWithCode(FakeMachine::powered_off), "power-off code -1");
}

// What init owned is free when the machine goes off, and six slabs of its entry, objects and
// regions.
TEST_F(TasksDeathTest, InitLeavesNoFramesBehind) {
    const uint64_t all = frames_free + info_of(init)->frames;
    EXPECT_EXIT(exit_task(0), testing::ExitedWithCode(FakeMachine::powered_off),
                "power-off code 0, " + std::to_string(all + 6) + " frames free");
}

TEST_F(TasksDeathTest, InitMayPowerOffAndNobodyElse) {
    EXPECT_EXIT(start_call(Call::PowerOff, {17}), testing::ExitedWithCode(FakeMachine::powered_off),
                "power-off code 17");
    const uint64_t child = spawn("bin/child");
    run_task(child);
    EXPECT_EQ(call(Call::PowerOff, {17}), failure(Status::PermissionDenied));
    exit_task(0);
    wait_for(child);
}

TEST_F(TasksDeathTest, AnExceptionInTheKernelIsAPanic) {
    EXPECT_EXIT(entry::fault_in_kernel({hal::TrapKind::Synchronous, 0x9600'0004, 0x77}, 0x88),
                testing::ExitedWithCode(FakeMachine::halted),
                "exception in the kernel.*\n.*values 96000004 77 88 0");
}

}  // namespace
}  // namespace kernel
