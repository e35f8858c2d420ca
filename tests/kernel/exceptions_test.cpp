// SPDX-License-Identifier: Apache-2.0
// Exceptions as messages: who is told, what the thread does meanwhile, and what becomes of it when
// whoever was told goes away.
#include <gtest/gtest.h>

#include "kernel/abi/message.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

// ESR_EL1 of an undefined instruction and of a write to what is not mapped.
constexpr uint32_t undefined = 1U << 25;
constexpr uint32_t write_abort = 0x24U << 26 | 1U << 25 | 1U << 6 | 7;
constexpr uint64_t hole = 0x5000'0000;

struct ExceptionsTest : KernelTest {
    static constexpr uint64_t entry = 0x40'0100;
    static constexpr uint64_t stack = 0x41'3000;
    static constexpr uint64_t general = static_cast<uint64_t>(abi::RegisterSet::General);

    uint32_t own = task().id;
    uint32_t first = thread().id;
    uint64_t port = call(Call::PortCreate, {4});

    // Another thread of init, which runs now.
    uint32_t run_other() {
        const auto other = static_cast<uint32_t>(create_thread({entry, stack, 0, 0}));
        start_call(Call::ThreadYield);
        EXPECT_EQ(thread().id, other);
        return other;
    }
    Status bind(uint64_t task_id, uint64_t thread_id, uint64_t to) {
        const uint64_t name = thread_id != 0 ? right_to_thread(thread_id) : right_to_task(task_id);
        return status_of(Call::ExceptionBind, {name, to});
    }
    Status receive(uint64_t from) {
        return status_of(Call::MessageReceive, {from, 0, 0, abi::no_wait, 0, 0, 0, 0});
    }
    // The message that has just been received is about this thread.
    void expect_exception(uint32_t of_task, uint32_t of_thread, uint32_t syndrome,
                          uint64_t address) {
        EXPECT_EQ(frame->x[1], abi::label_exception);
        EXPECT_EQ(frame->x[4], abi::exception_source(of_task, of_thread));
        EXPECT_EQ(frame->x[5], syndrome);
        EXPECT_EQ(frame->x[6], address);
    }
    void fault(uint32_t syndrome = undefined, uint64_t address = 0) {
        trap(hal::TrapKind::Synchronous, syndrome, address);
    }
};

TEST_F(ExceptionsTest, TheTasksPortIsToldAndTheThreadStops) {
    ASSERT_EQ(bind(own, 0, port), Status::Ok);
    const uint32_t other = run_other();
    fault(write_abort, hole);
    ASSERT_EQ(thread().id, first);
    ASSERT_EQ(receive(port), Status::Ok);
    expect_exception(own, other, write_abort, hole);
    EXPECT_EQ(frame->x[7], entry);
    EXPECT_EQ(receive(port), Status::WouldBlock);
    start_call(Call::ThreadYield);
    EXPECT_EQ(thread().id, first);
    EXPECT_EQ(kernel().info.fault_count, 0U);
}

TEST_F(ExceptionsTest, WhoWaitsAtThePortIsWoken) {
    ASSERT_EQ(bind(own, 0, port), Status::Ok);
    const auto other = static_cast<uint32_t>(create_thread({entry, stack, 0, 0}));
    start_call(Call::MessageReceive, {port, 0, 0, abi::wait_forever});
    ASSERT_EQ(thread().id, other);
    fault();
    ASSERT_EQ(thread().id, first);
    expect_exception(own, other, undefined, 0);
}

TEST_F(ExceptionsTest, ARepairedThreadGoesOnWhereItWas) {
    ASSERT_EQ(bind(own, 0, port), Status::Ok);
    const uint32_t other = run_other();
    fault(write_abort, hole);
    ASSERT_EQ(receive(port), Status::Ok);
    EXPECT_EQ(call(Call::MemoryMap, {page, abi::ProtectionRead | abi::ProtectionWrite, hole}),
              hole);
    EXPECT_EQ(status_of(Call::ThreadResume, {right_to_thread(other)}), Status::Ok);
    start_call(Call::ThreadYield);
    ASSERT_EQ(thread().id, other);
    EXPECT_EQ(frame->pc, entry);
    fault(write_abort, hole);  // an ordinary first touch now
    EXPECT_EQ(thread().id, other);
}

TEST_F(ExceptionsTest, ADebuggerMovesAThreadBehindABreakpoint) {
    ASSERT_EQ(bind(own, 0, port), Status::Ok);
    const uint32_t other = run_other();
    constexpr uint32_t breakpoint = 0x3cU << 26 | 1U << 25;
    fault(breakpoint);
    ASSERT_EQ(receive(port), Status::Ok);
    expect_exception(own, other, breakpoint, 0);
    ASSERT_EQ(status_of(Call::ThreadRead, {right_to_thread(other), general, buffer}), Status::Ok);
    auto registers = peek<abi::GeneralRegisters>(buffer);
    registers.pc += 4;
    registers.x[3] = 99;
    poke_value(buffer, registers);
    ASSERT_EQ(status_of(Call::ThreadWrite, {right_to_thread(other), general, buffer}), Status::Ok);
    ASSERT_EQ(status_of(Call::ThreadResume, {right_to_thread(other)}), Status::Ok);
    start_call(Call::ThreadYield);
    ASSERT_EQ(thread().id, other);
    EXPECT_EQ(frame->pc, entry + 4);
    EXPECT_EQ(frame->x[3], 99U);
}

TEST_F(ExceptionsTest, TheThreadsOwnPortIsToldFirst) {
    const uint64_t nearer = call(Call::PortCreate, {4});
    ASSERT_EQ(bind(own, 0, port), Status::Ok);
    const uint32_t other = run_other();
    ASSERT_EQ(bind(own, other, nearer), Status::Ok);
    fault();
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(receive(port), Status::WouldBlock);
    EXPECT_EQ(receive(nearer), Status::Ok);
    expect_exception(own, other, undefined, 0);
}

TEST_F(ExceptionsTest, WhoResumesWithoutReadingTakesTheMessageBack) {
    ASSERT_EQ(bind(own, 0, port), Status::Ok);
    const uint32_t other = run_other();
    fault();
    EXPECT_EQ(status_of(Call::ThreadResume, {right_to_thread(other)}), Status::Ok);
    EXPECT_EQ(receive(port), Status::WouldBlock);
    start_call(Call::ThreadYield);
    EXPECT_EQ(thread().id, other);
    fault();  // and again
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(receive(port), Status::Ok);
}

// The next exception of the thread finds nobody who wants to know.
TEST_F(ExceptionsTest, WhenThePortDiesTheChildEndsAsWithoutOne) {
    const uint64_t child = spawn("bin/child");
    ASSERT_EQ(bind(child, 0, port), Status::Ok);
    run_task(child);
    fault(write_abort, hole);
    ASSERT_EQ(task().id, own);
    EXPECT_EQ(call(Call::RightClose, {port}), 0U);
    run_task(child);
    fault(write_abort, hole);
    ASSERT_EQ(task().id, own);
    ASSERT_EQ(status_of(Call::TaskWait, {right_to_task(child), buffer}), Status::Ok);
    const auto result = peek<abi::TaskResult>(buffer);
    EXPECT_EQ(result.reason, abi::EndReason::Faulted);
    EXPECT_EQ(result.address, hole);
}

TEST_F(ExceptionsTest, AChildThatIsKilledWhileStoppedLeavesNothing) {
    const uint64_t child = spawn("bin/child");
    ASSERT_EQ(bind(child, 0, port), Status::Ok);
    run_task(child);
    fault();
    ASSERT_EQ(task().id, own);
    EXPECT_EQ(status_of(Call::TaskKill, {right_to_task(child)}), Status::Ok);
    EXPECT_EQ(receive(port), Status::WouldBlock);
    EXPECT_EQ(status_of(Call::TaskWait, {right_to_task(child), buffer}), Status::Ok);
    EXPECT_EQ(call(Call::RightClose, {port}), 0U);
    EXPECT_EQ(kernel().tasks.thread_count(), 1U);
}

TEST_F(ExceptionsTest, AnUnboundPortIsToldNoMore) {
    const uint64_t child = spawn("bin/child");
    ASSERT_EQ(bind(child, 0, port), Status::Ok);
    ASSERT_EQ(bind(child, 0, 0), Status::Ok);
    run_task(child);
    fault();
    ASSERT_EQ(task().id, own);
    EXPECT_EQ(receive(port), Status::WouldBlock);
    EXPECT_EQ(kernel().info.fault_count, 1U);
}

TEST_F(ExceptionsTest, WrongArgumentsAreRefused) {
    EXPECT_EQ(bind(own, 0, 4711), Status::NotFound);
    EXPECT_EQ(bind(own, 999, port), Status::NotFound);
    EXPECT_EQ(bind(999, 0, port), Status::NotFound);
    const uint64_t child = spawn("bin/child");
    run_task(child);
    EXPECT_EQ(bind(own, 0, 0), Status::NotFound);  // it has no name for its parent
    EXPECT_EQ(status_of(Call::ExceptionBind, {abi::system_name, 0}), Status::InvalidArgument);
}

// A pager in small: the parent shows its memory where the child has none.
TEST_F(ExceptionsTest, AParentShowsMemoryInItsChild) {
    const uint64_t child = spawn("bin/child");
    ASSERT_EQ(bind(child, 0, port), Status::Ok);
    const uint64_t object = call(Call::MemoryObjectCreate, {0, 4 * page});
    abi::MapArguments arguments{};
    arguments.handle = static_cast<uint32_t>(object);
    arguments.protection = abi::ProtectionRead | abi::ProtectionWrite;
    const uint64_t here = 0x6000'0000;
    arguments.address = here;
    poke_value(buffer, arguments);
    ASSERT_EQ(call(Call::MemoryMapObject, {buffer}), here);
    start_call(Call::MessageReceive, {port, 0, 0, abi::wait_forever});
    ASSERT_EQ(task().id, child);
    fault(write_abort, hole);
    ASSERT_EQ(task().id, own);
    const uint64_t source = frame->x[4];
    EXPECT_EQ(space().populate(here, page), Status::Ok);
    EXPECT_EQ(space().write(here, "from the pager", 14), Status::Ok);
    arguments.task = static_cast<uint32_t>(right_to_task(child));
    arguments.address = hole;
    poke_value(buffer, arguments);
    ASSERT_EQ(call(Call::MemoryMapObject, {buffer}), hole);
    const uint64_t stopped =
        call(Call::RightOpen, {right_to_task(child), static_cast<uint64_t>(abi::ObjectType::Thread),
                               source & 0xffff'ffff});
    ASSERT_EQ(status_of(Call::ThreadResume, {stopped}), Status::Ok);
    run_task(child);
    fault(write_abort, hole);
    ASSERT_EQ(task().id, child);
    EXPECT_EQ(peek(hole, 14), "from the pager");
}

TEST_F(ExceptionsTest, MemoryIsShownToNobodyElse) {
    const uint64_t object = call(Call::MemoryObjectCreate, {0, page});
    abi::MapArguments arguments{};
    arguments.handle = static_cast<uint32_t>(object);
    arguments.protection = abi::ProtectionRead;
    arguments.task = 999;
    poke_value(buffer, arguments);
    EXPECT_EQ(status_of(Call::MemoryMapObject, {buffer}), Status::NotFound);
    arguments.task = abi::task_name;
    poke_value(buffer, arguments);
    EXPECT_EQ(status_of(Call::MemoryMapObject, {buffer}), Status::InvalidArgument);
    arguments.task = static_cast<uint32_t>(port);
    poke_value(buffer, arguments);
    EXPECT_EQ(status_of(Call::MemoryMapObject, {buffer}), Status::InvalidArgument);
    arguments.task = static_cast<uint32_t>(
        call(Call::RightCopy, {abi::task_name, abi::RightInspect | abi::right_common, 0, 0}));
    poke_value(buffer, arguments);
    EXPECT_EQ(status_of(Call::MemoryMapObject, {buffer}), Status::PermissionDenied);
    arguments.flags = abi::MapPrivate;
    poke_value(buffer, arguments);
    EXPECT_EQ(status_of(Call::MemoryMapObject, {buffer}), Status::InvalidArgument);
    EXPECT_EQ(status_of(Call::MemoryObjectClose, {object}), Status::Ok);
}

}  // namespace
}  // namespace kernel
