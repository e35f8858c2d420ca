// SPDX-License-Identifier: Apache-2.0
// Every system call with every wrong argument: each is refused and changes nothing, neither for
// the caller nor in the kernel's books.
#include <gtest/gtest.h>

#include <set>

#include "tests/kernel/bad_input/call_world.hpp"

namespace kernel {
namespace {

using Call = abi::SystemCall;

// What the caller finds in x0; nothing if it does not run any more.
Status make_call(CallWorld& world, Call call, const CallWorld::Values& arguments) {
    const Thread* caller = &world.thread();
    for (size_t i = 0; i < 6; ++i) {
        world.frame->x[i] = i < arguments.size() ? arguments[i] : 0;
    }
    world.start_call(call);
    EXPECT_EQ(&world.thread(), caller);
    EXPECT_FALSE(world.thread().repeats);
    const auto result = static_cast<int64_t>(world.frame->x[0]);
    return result < 0 ? static_cast<Status>(result) : Status::Ok;
}

void expect_refused(CallWorld& world, const WrongCall& row, const Wrong& wrong, uint64_t value) {
    CallWorld::Values arguments = row.good;
    arguments[wrong.argument] = value;
    const Counts before = world.counts();
    const Status status = make_call(world, row.call, arguments);
    if (wrong.expected != Status::Ok) {
        EXPECT_STREQ(abi::status_name(status), abi::status_name(wrong.expected))
            << testing::PrintToString(arguments);
    } else {
        EXPECT_NE(status, Status::Ok) << testing::PrintToString(arguments);
    }
    // Known by that name, and no other reason to refuse it.
    EXPECT_STRNE(abi::status_name(status), "unknown status") << testing::PrintToString(arguments);
    EXPECT_NE(status, Status::UnknownCall) << testing::PrintToString(arguments);
    EXPECT_NE(status, Status::NoMemory) << testing::PrintToString(arguments);
    EXPECT_TRUE(world.counts() == before) << testing::PrintToString(arguments);
}

size_t row_count() {
    CallWorld world;
    return wrong_calls(world).size();
}

TEST(WrongArgumentsTest, EachIsRefusedAndChangesNothing) {
    const size_t count = row_count();
    for (size_t i = 0; i < count && !testing::Test::HasFailure(); ++i) {
        CallWorld world;
        world.machine.type("some input");
        world.trap(hal::TrapKind::Interrupt);
        const WrongCall row = wrong_calls(world)[i];
        SCOPED_TRACE(abi::system_call_name(row.call));
        for (const Wrong& wrong : row.wrong) {
            for (const uint64_t value : wrong.values) expect_refused(world, row, wrong, value);
        }
        expect_books_agree();
        // All that was wrong was that one argument.
        if (!row.returns) continue;
        const Status outcome = make_call(world, row.call, row.good);
        EXPECT_STREQ(abi::status_name(outcome), abi::status_name(row.outcome));
    }
}

TEST(WrongArgumentsTest, NoCallIsLeftOut) {
    CallWorld world;
    std::set<Call> described;
    for (const WrongCall& row : wrong_calls(world)) described.insert(row.call);
    for (uint32_t number = 0; number < static_cast<uint32_t>(Call::Limit); ++number) {
        const auto call = static_cast<Call>(number);
        const bool exists = std::string_view(abi::system_call_name(call)) != "unknown";
        EXPECT_EQ(described.contains(call), exists) << abi::system_call_name(call) << number;
    }
}

// What a program is not entrusted with it is refused, whatever its arguments: they are not looked
// at, so that nothing can be learned from them.
TEST(WrongArgumentsTest, WhatIsNotEntrustedIsRefused) {
    CallWorld world;
    world.poke(RunningKernel::buffer + 0x100, "bin/child");
    abi::SpawnArguments arguments{};
    arguments.path = RunningKernel::buffer + 0x100;
    arguments.path_length = 9;
    world.run_task(world.spawn_from(world.at(arguments)));
    for (const Call call :
         {Call::ConsoleWrite, Call::ConsoleRead, Call::TaskSpawn, Call::ArchiveMap,
          Call::SystemInfo, Call::PowerOff, Call::PerformanceRead, Call::PerformanceSet,
          Call::MemoryAudit, Call::FramesOperate, Call::FramesRead, Call::FramesMap,
          Call::MemoryCompact, Call::InterruptCreate, Call::ContainerCreate, Call::CpuPlug}) {
        SCOPED_TRACE(abi::system_call_name(call));
        const Counts before = world.counts();
        EXPECT_EQ(make_call(world, call, {RunningKernel::buffer, 1, 0}), Status::PermissionDenied);
        EXPECT_EQ(make_call(world, call, {8, 8, 8}), Status::PermissionDenied);
        EXPECT_TRUE(world.counts() == before);
    }
    expect_books_agree();
}

}  // namespace
}  // namespace kernel
