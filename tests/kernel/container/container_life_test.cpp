// SPDX-License-Identifier: Apache-2.0
// The life of containers, step by step as the OCI runtime specification has it (runtime.md,
// "Lifecycle"), and what becomes of operations in a state that does not allow them.
#include <gtest/gtest.h>

#include "tests/kernel/container/container_bench.hpp"

namespace kernel {
namespace {

using State = abi::ContainerState;
using Event = abi::ContainerEventKind;
using Call = abi::SystemCall;

// The steps of the specification. Hooks are the owner's, who learns of each step from an event.
TEST_F(ContainerTest, TheThirteenStepsOfTheLifecycle) {
    listen();
    // 1, 2: create; the program is loaded, and nothing of it runs.
    const uint64_t id = create("one");
    ASSERT_EQ(state(id), State::Created);
    const uint64_t process = process_of(id);
    for (unsigned i = 0; i < 20; ++i) start_call(Call::ThreadYield);
    EXPECT_EQ(task().id, init);
    // 3, 4, 5: prestart, createRuntime and createContainer hooks.
    EXPECT_EQ(event(id), Event::Created);
    EXPECT_EQ(event(id), Event::None);
    // 6, 7, 8: start; the program runs.
    EXPECT_EQ(start(id), Status::Ok);
    EXPECT_EQ(state(id), State::Running);
    run_task(process);
    EXPECT_EQ(&task().container, kernel().containers.find(id));
    // 10: the process exits.
    exit_task(7);
    run_task(init);
    // 9: poststart hooks.
    EXPECT_EQ(event(id), Event::Started);
    EXPECT_EQ(event(id), Event::Exited);
    EXPECT_EQ(event(id), Event::Stopped);
    EXPECT_EQ(state(id), State::Stopped);
    EXPECT_EQ(statistics(id).exit_code, 7);
    EXPECT_EQ(statistics(id).process, 0U);
    // 11, 12: delete; 13: poststop hooks.
    EXPECT_EQ(remove(id), Status::Ok);
    EXPECT_EQ(call(Call::ContainerStatistics, {right_to_container(id), buffer}),
              failure(Status::NotFound));
    // Its name may be used again.
    const uint64_t next = create("one");
    EXPECT_GT(next, id);
    EXPECT_EQ(kill(next), Status::Ok);
    EXPECT_EQ(remove(next), Status::Ok);
}

// "Attempting to ... MUST have no effect on the container and MUST generate an error."
TEST_F(ContainerTest, OperationsInTheWrongStateHaveNoEffect) {
    const uint64_t id = create("one");
    const auto refuses = [&](Status starts, Status kills, Status deletes, Status pauses) {
        const State before = state(id);
        if (starts != Status::Ok) EXPECT_EQ(start(id), starts);
        if (kills != Status::Ok) EXPECT_EQ(kill(id), kills);
        if (deletes != Status::Ok) EXPECT_EQ(remove(id), deletes);
        if (pauses != Status::Ok) {
            EXPECT_EQ(pause(id), pauses);
            EXPECT_EQ(resume(id), pauses);
        }
        EXPECT_EQ(state(id), before);
    };
    refuses(Status::Ok, Status::Ok, Status::Busy, Status::Busy);
    ASSERT_EQ(start(id), Status::Ok);
    refuses(Status::Busy, Status::Ok, Status::Busy, Status::Ok);
    ASSERT_EQ(kill(id), Status::Ok);
    ASSERT_EQ(state(id), State::Stopped);
    refuses(Status::Busy, Status::Busy, Status::Ok, Status::Busy);
    ASSERT_EQ(remove(id), Status::Ok);
    EXPECT_EQ(start(id), Status::NotFound);
    EXPECT_EQ(kill(id), Status::NotFound);
    EXPECT_EQ(remove(id), Status::NotFound);
    EXPECT_EQ(pause(id), Status::NotFound);
    EXPECT_EQ(set(id, abi::ContainerLimit::PidsMax, 3), Status::NotFound);
}

TEST_F(ContainerTest, CreationsThatFailWereNeverAttempted) {
    const uint64_t id = create("one");
    const auto fails = [&](Status status, std::string_view name, std::string_view program,
                           const Limits& limits = {}, uint64_t parent = 0) {
        EXPECT_EQ(create(name, program, limits, parent), failure(status)) << name << program;
        EXPECT_EQ(kernel().containers.count(), 2U);
        EXPECT_EQ(kernel().containers.root().pids.current, 2U);
        EXPECT_EQ(kernel().containers.root().live, 2U);
    };
    fails(Status::Busy, "one", "bin/child");
    fails(Status::InvalidArgument, "", "bin/child");
    fails(Status::InvalidArgument, "with space", "bin/child");
    fails(Status::InvalidArgument, "with/slash", "bin/child");
    fails(Status::InvalidArgument, "thirty-two-characters-are-a-lot-", "bin/child");
    fails(Status::NotFound, "two", "bin/none");
    fails(Status::BadImage, "two", "bin/broken");
    fails(Status::NotFound, "two", "bin/child", {}, 77);
    fails(Status::InvalidArgument, "two", "bin/child", {{abi::ContainerLimit::CpuWeight, 10'001}});
    fails(Status::InvalidArgument, "two", "bin/child", {{abi::ContainerLimit::CpuPeriod, 999}});
    fails(Status::InvalidArgument, "two", "bin/child", {{abi::ContainerLimit::CpuQuota, 999}});
    EXPECT_EQ(kill(id), Status::Ok);
    EXPECT_EQ(remove(id), Status::Ok);
}

// "start ... MUST generate an error if process was not set."
TEST_F(ContainerTest, ADomainWithoutAProgramHoldsOthersAndIsNotStarted) {
    const uint64_t domain = create("domain", "");
    EXPECT_EQ(state(domain), State::Created);
    EXPECT_EQ(start(domain), Status::InvalidArgument);
    EXPECT_EQ(spawn_in(domain), failure(Status::Busy));
    const uint64_t inner = running("inner", {}, domain);
    EXPECT_EQ(statistics(domain).descendants, 1U);
    EXPECT_EQ(statistics(domain).tasks, 1U);
    EXPECT_EQ(call(Call::ContainerNext, {right_to_container(domain), 0}), inner);
    EXPECT_EQ(call(Call::ContainerNext, {right_to_container(domain), inner}), 0U);
    EXPECT_EQ(call(Call::ContainerNext, {0, 0}), domain);
    EXPECT_EQ(remove(domain), Status::Busy);
    EXPECT_EQ(kill(domain), Status::Ok);
    EXPECT_EQ(state(inner), State::Stopped);
    EXPECT_EQ(state(domain), State::Stopped);
    EXPECT_EQ(remove(domain), Status::Ok);
    EXPECT_EQ(remove(inner), Status::NotFound);
}

TEST_F(ContainerTest, WithItsProcessAllOthersEndAndNothingIsLeft) {
    const uint64_t id = running("one");
    const uint64_t process = process_of(id);
    const uint64_t other = spawn_in(id);
    run_task(process);
    const uint64_t child = spawn("bin/child");
    const uint64_t inner = create("inner");  // below the caller's own
    EXPECT_EQ(start(inner), Status::Ok);
    const uint64_t prepared = create("prepared", "bin/child", {}, inner);
    EXPECT_LT(prepared, 100U);
    EXPECT_EQ(kernel().containers.find(id)->live, 5U);
    exit_task(3);
    run_task(init);
    EXPECT_EQ(state(id), State::Stopped);
    EXPECT_EQ(state(inner), State::Stopped);
    EXPECT_EQ(state(prepared), State::Stopped);
    EXPECT_EQ(info_of(child), nullptr);
    // The one that init has not waited for yet is the container's.
    ASSERT_NE(info_of(other), nullptr);
    EXPECT_EQ(info_of(other)->reason, abi::EndReason::Killed);
    EXPECT_EQ(remove(id), Status::Ok);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(other), buffer}), failure(Status::NotFound));
}

TEST_F(ContainerTest, ADeepTreeIsKilledWithAllInIt) {
    std::vector<uint64_t> ids;
    for (uint32_t depth = 1; depth < abi::max_container_depth; ++depth) {
        ids.push_back(running("deep" + std::to_string(depth), {}, ids.empty() ? 0 : ids.back()));
        (void)spawn_in(ids.back());
        (void)create("prepared", "bin/child", {}, ids.front());
    }
    EXPECT_EQ(create("deeper", "bin/child", {}, ids.back()), failure(Status::LimitReached));
    for (unsigned i = 0; i < 40; ++i) start_call(Call::ThreadYield);
    run_task(init);
    EXPECT_EQ(kill(ids.front()), Status::Ok);
    for (const uint64_t id : ids) EXPECT_EQ(state(id), State::Stopped);
    EXPECT_EQ(statistics(ids.front()).tasks, 0U);
    EXPECT_EQ(statistics(ids.front()).memory_current, 0U);
    EXPECT_EQ(remove(ids.front()), Status::Ok);
}

TEST_F(ContainerTest, ATaskNamesItsOwnContainerAndWhatIsBelow) {
    const uint64_t first = running("first");
    const uint64_t second = running("second");
    const uint64_t other = process_of(second);
    run_task(process_of(first));
    EXPECT_EQ(statistics(0).id, first);
    EXPECT_EQ(statistics(first).id, first);
    for (const uint64_t id : {second, uint64_t{1}, uint64_t{99}}) {
        EXPECT_EQ(kill(id), Status::NotFound);
        EXPECT_EQ(pause(id), Status::NotFound);
        EXPECT_EQ(set(id, abi::ContainerLimit::PidsMax, 1), Status::NotFound);
        EXPECT_EQ(call(Call::ContainerStatistics, {right_to_container(id), buffer}),
                  failure(Status::NotFound));
        EXPECT_EQ(spawn_in(id), failure(Status::NotFound));
    }
    for (const uint64_t id : {uint64_t{0}, first}) {
        EXPECT_EQ(kill(id), Status::PermissionDenied);
        EXPECT_EQ(set(id, abi::ContainerLimit::PidsMax, 1), Status::PermissionDenied);
        EXPECT_EQ(remove(id), Status::PermissionDenied);
    }
    // Nor tasks elsewhere.
    for (const uint64_t id : {init, other}) {
        EXPECT_EQ(call(Call::TaskKill, {right_to_task(id)}), failure(Status::NotFound));
        EXPECT_EQ(call(Call::TaskWait, {right_to_task(id), buffer}), failure(Status::NotFound));
        EXPECT_EQ(call(Call::BalloonRequest, {right_to_task(id), 1, 1}), failure(Status::NotFound));
    }
    run_task(init);
    constexpr auto task_type = static_cast<uint64_t>(abi::ObjectType::Task);
    const uint64_t inside = call(Call::RightOpen, {right_to_container(second), task_type, other});
    EXPECT_EQ(call(Call::RightOpen, {right_to_container(first), task_type, other}),
              failure(Status::NotFound));
    EXPECT_EQ(call(Call::TaskKill, {inside}), 0U);
    EXPECT_EQ(call(Call::RightClose, {inside}), 0U);
    EXPECT_EQ(state(second), State::Stopped);
    EXPECT_EQ(kill(first), Status::Ok);
    EXPECT_EQ(remove(first), Status::Ok);
    EXPECT_EQ(remove(second), Status::Ok);
}

TEST_F(ContainerTest, APausedContainerDoesNotRunUntilItIsResumed) {
    const uint64_t id = running("one");
    const uint64_t process = process_of(id);
    run_task(process);
    run_task(init);
    EXPECT_EQ(pause(id), Status::Ok);
    EXPECT_EQ(pause(id), Status::Ok);
    EXPECT_EQ(statistics(id).paused, 1U);
    for (unsigned i = 0; i < 50; ++i) {
        start_call(Call::ThreadYield);
        EXPECT_EQ(task().id, init);
    }
    // What is made ready meanwhile waits too.
    const uint64_t other = spawn_in(id);
    for (unsigned i = 0; i < 50; ++i) start_call(Call::ThreadYield);
    EXPECT_EQ(task().id, init);
    EXPECT_EQ(resume(id), Status::Ok);
    run_task(process);
    run_task(other);
    run_task(init);
    // And it can be killed.
    EXPECT_EQ(pause(id), Status::Ok);
    for (unsigned i = 0; i < 5; ++i) start_call(Call::ThreadYield);
    EXPECT_EQ(kill(id), Status::Ok);
    EXPECT_EQ(state(id), State::Stopped);
    EXPECT_EQ(remove(id), Status::Ok);
}

TEST_F(ContainerTest, ARightAllowsWhatItsMaskSays) {
    const uint64_t id = running("one");
    const uint64_t whole = right_to_container(id);
    const auto only = [&](uint32_t mask) { return call(Call::RightCopy, {whole, mask, 0, 0}); };
    const uint64_t looks = only(abi::RightInspect);
    const uint64_t controls = only(abi::RightControl);
    const uint64_t port = call(Call::PortCreate, {0});
    const Status denied = Status::PermissionDenied;
    EXPECT_EQ(status_of(Call::ContainerKill, {looks}), denied);
    EXPECT_EQ(status_of(Call::ContainerPause, {looks}), denied);
    EXPECT_EQ(status_of(Call::ContainerBind, {looks, port}), denied);
    EXPECT_EQ(status_of(Call::AuditControl, {looks, 0}), denied);
    EXPECT_EQ(status_of(Call::ContainerStatistics, {looks, buffer}), Status::Ok);
    EXPECT_EQ(status_of(Call::ContainerStatistics, {controls, buffer}), denied);
    EXPECT_EQ(status_of(Call::ContainerNext, {controls, 0}), denied);
    EXPECT_EQ(status_of(Call::ContainerKill, {abi::task_name}), Status::InvalidArgument);
    EXPECT_EQ(status_of(Call::ContainerKill, {port}), Status::InvalidArgument);
    // Also where something is to begin in it.
    auto spawn = peek<abi::SpawnArguments>(buffer + 0x300);
    spawn.container = static_cast<uint32_t>(controls);
    poke_value(buffer + 0x300, spawn);
    EXPECT_EQ(status_of(Call::TaskSpawn, {buffer + 0x300}), denied);
    auto arguments = peek<abi::ContainerArguments>(buffer + 0x400);
    arguments.parent = static_cast<uint32_t>(looks);
    poke_value(buffer + 0x400, arguments);
    EXPECT_EQ(status_of(Call::ContainerCreate, {buffer + 0x400}), denied);
    EXPECT_EQ(status_of(Call::ContainerKill, {controls}), Status::Ok);
    EXPECT_EQ(remove(id), Status::Ok);
    EXPECT_EQ(status_of(Call::ContainerStatistics, {looks, buffer}), Status::NotFound);
    for (const uint64_t name : {looks, controls, port}) {
        EXPECT_EQ(status_of(Call::RightClose, {name}), Status::Ok);
    }
    EXPECT_EQ(status_of(Call::RightClose, {whole}), Status::NotFound);  // used up
}

TEST_F(ContainerTest, ATaskHasOfItsContainerWhatItWasGiven) {
    const uint64_t id = running("one");
    const uint64_t process = process_of(id);
    poke_value(buffer + 0x300, [&] {
        auto spawn = peek<abi::SpawnArguments>(buffer + 0x300);
        spawn.container = static_cast<uint32_t>(right_to_container(id));
        spawn.container_mask = 0;
        return spawn;
    }());
    const uint64_t poor = spawn_from(buffer + 0x300);
    run_task(poor);
    EXPECT_EQ(status_of(Call::ContainerStatistics, {0, buffer}), Status::PermissionDenied);
    EXPECT_EQ(create("inner"), failure(Status::PermissionDenied));
    run_task(process);
    EXPECT_EQ(statistics(0).id, id);
    run_task(init);
    // What init has taken back, nobody has.
    EXPECT_GE(call(Call::RightRevoke, {right_to_container(id)}), 1U);
    run_task(process);
    EXPECT_EQ(status_of(Call::ContainerStatistics, {0, buffer}), Status::NotFound);
    run_task(init);
    EXPECT_EQ(kill(id), Status::Ok);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(poor), buffer}), 0U);
    EXPECT_EQ(remove(id), Status::Ok);
}

TEST_F(ContainerTest, EventsWithoutRoomAreCounted) {
    listen();
    const uint64_t id = running("one");
    for (unsigned i = 0; i < abi::max_container_events; ++i) {
        EXPECT_EQ(pause(id), Status::Ok);
        EXPECT_EQ(resume(id), Status::Ok);
    }
    for (unsigned i = 0; i < abi::max_container_events; ++i) EXPECT_NE(event(id), Event::None);
    EXPECT_EQ(event(id), Event::None);
    EXPECT_EQ(kill(id), Status::Ok);
    EXPECT_EQ(event(id), Event::Exited);
    EXPECT_EQ(frame->x[7], 2U + abi::max_container_events);
    EXPECT_EQ(remove(id), Status::Ok);
    EXPECT_EQ(event(id), Event::None);  // what was not received is gone with it
}

TEST_F(ContainerTest, WhoWaitsAtThePortIsWoken) {
    listen();
    const uint64_t id = running("one");
    const uint64_t process = process_of(id);
    while (event(id) != Event::None) {
    }
    start_call(Call::MessageReceive, {events, 0, 0, abi::wait_forever});
    EXPECT_EQ(task().id, process);
    exit_task(0);
    EXPECT_EQ(task().id, init);
    EXPECT_EQ(frame->x[0], 0U);
    EXPECT_EQ(this_event(id), Event::Exited);
    EXPECT_EQ(event(id), Event::Stopped);
    EXPECT_EQ(remove(id), Status::Ok);
}

TEST_F(ContainerTest, OnePortIsToldAtATime) {
    const uint64_t id = running("one");
    const uint64_t whole = right_to_container(id);
    listen();
    EXPECT_EQ(status_of(Call::ContainerBind, {whole, events}), Status::Ok);
    const uint64_t other = call(Call::PortCreate, {0});
    EXPECT_EQ(status_of(Call::ContainerBind, {whole, other}), Status::Busy);
    EXPECT_EQ(status_of(Call::ContainerBind, {whole, 99}), Status::NotFound);
    EXPECT_EQ(pause(id), Status::Ok);
    // A port that dies takes with it what it was told; another may be bound then.
    EXPECT_EQ(status_of(Call::RightClose, {events}), Status::Ok);
    EXPECT_EQ(resume(id), Status::Ok);
    EXPECT_EQ(status_of(Call::ContainerBind, {whole, other}), Status::Ok);
    events = other;
    EXPECT_EQ(event(id), Event::None);
    EXPECT_EQ(pause(id), Status::Ok);
    EXPECT_EQ(event(id), Event::Paused);
    EXPECT_EQ(resume(id), Status::Ok);
    EXPECT_EQ(status_of(Call::ContainerBind, {whole, 0}), Status::Ok);  // takes it back
    EXPECT_EQ(event(id), Event::None);
    EXPECT_EQ(kill(id), Status::Ok);
    EXPECT_EQ(event(id), Event::None);
    EXPECT_EQ(remove(id), Status::Ok);
    EXPECT_EQ(status_of(Call::RightClose, {other}), Status::Ok);
}

}  // namespace
}  // namespace kernel
