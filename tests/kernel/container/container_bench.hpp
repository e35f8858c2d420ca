// SPDX-License-Identifier: Apache-2.0
// A running kernel with calls on containers, made by whichever task runs.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "kernel/abi/message.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {

using Limits = std::map<abi::ContainerLimit, uint64_t>;

struct ContainerBench : RunningKernel {
    static constexpr uint64_t init = 1;
    static constexpr uint64_t none = 0;
    static constexpr uint32_t write_abort = 0x24U << 26 | 1U << 25 | 1U << 6 | 0x07;

    using RunningKernel::RunningKernel;

    uint64_t events = 0;  // the port that is told

    // Status values as a call returns them.
    static constexpr uint64_t failure(Status status) {
        return static_cast<uint64_t>(static_cast<int64_t>(status));
    }

    uint64_t create(std::string_view name, std::string_view program = "bin/child",
                    const Limits& limits = {}, uint64_t parent = 0) {
        poke(buffer + 0x200, name);
        poke(buffer + 0x280, program.empty() ? "x" : program);
        poke_value(buffer + 0x300, abi::SpawnArguments{.path = buffer + 0x280,
                                                       .path_length = program.size(),
                                                       .arguments = buffer,
                                                       .arguments_length = 0,
                                                       .cpu_mask = 0,
                                                       .objects = 0,
                                                       .object_count = 0,
                                                       .system = abi::right_usual_system});
        abi::ContainerArguments arguments{};
        arguments.name = buffer + 0x200;
        arguments.name_length = name.size();
        arguments.program = program.empty() ? 0 : buffer + 0x300;
        arguments.parent = static_cast<uint32_t>(right_to_container(parent));
        arguments.events = static_cast<uint32_t>(events);
        for (const auto& [limit, value] : limits) {
            arguments.limits[static_cast<size_t>(limit)] = value;
        }
        poke_value(buffer + 0x400, arguments);
        const uint64_t made = call(abi::SystemCall::ContainerCreate, {buffer + 0x400});
        return static_cast<int64_t>(made) < 0 ? made : frame->x[1];
    }
    // A name for a container of that id: one that the running task has, or one that it opens below
    // its own; what that says, which is no name, if there is none. 0: its own.
    uint64_t right_to_container(uint64_t id) {
        if (id == 0) return 0;
        constexpr auto type = abi::ObjectType::Container;
        const uint64_t known = right_to(type, id);
        if (known != 0) return known;
        return call(abi::SystemCall::RightOpen,
                    {abi::container_name, static_cast<uint64_t>(type), id});
    }
    uint64_t spawn_in(uint64_t container, std::string_view path = "bin/child") {
        poke(buffer + 0x280, path);
        poke_value(
            buffer + 0x300,
            abi::SpawnArguments{.path = buffer + 0x280,
                                .path_length = path.size(),
                                .arguments = buffer,
                                .arguments_length = 0,
                                .cpu_mask = 0,
                                .objects = 0,
                                .object_count = 0,
                                .system = abi::right_usual_system,
                                .container = static_cast<uint32_t>(right_to_container(container))});
        return spawn_from(buffer + 0x300);
    }
    Status operate(abi::SystemCall what, uint64_t id) {
        return status_of(what, {right_to_container(id)});
    }
    Status start(uint64_t id) { return operate(abi::SystemCall::ContainerStart, id); }
    Status kill(uint64_t id) { return operate(abi::SystemCall::ContainerKill, id); }
    Status remove(uint64_t id) { return operate(abi::SystemCall::ContainerDelete, id); }
    Status pause(uint64_t id) { return operate(abi::SystemCall::ContainerPause, id); }
    Status resume(uint64_t id) { return operate(abi::SystemCall::ContainerResume, id); }
    Status set(uint64_t id, abi::ContainerLimit limit, uint64_t value) {
        return status_of(abi::SystemCall::ContainerSet,
                         {right_to_container(id), static_cast<uint64_t>(limit), value});
    }
    abi::ContainerStatistics statistics(uint64_t id) {
        EXPECT_EQ(
            call(abi::SystemCall::ContainerStatistics, {right_to_container(id), buffer + 0x800}),
            0U);
        return peek<abi::ContainerStatistics>(buffer + 0x800);
    }
    abi::ContainerState state(uint64_t id) { return statistics(id).state; }
    // The next event that waits to be read.
    abi::ContainerEventKind event(uint64_t id) {
        constexpr auto receive = abi::SystemCall::MessageReceive;
        if (call(receive, {events, 0, 0, abi::no_wait}) != 0) return abi::ContainerEventKind::None;
        return this_event(id);
    }
    // The one that has just been received.
    abi::ContainerEventKind this_event(uint64_t id) const {
        EXPECT_EQ(frame->x[1], abi::label_container);
        EXPECT_EQ(abi::event_container(frame->x[4]), id);
        return abi::event_kind(frame->x[4]);
    }
    // Has a port be told of the events of containers that are created from now on.
    void listen() { events = call(abi::SystemCall::PortCreate, {0}); }
    // A started one; its process has not run yet.
    uint64_t running(std::string_view name, const Limits& limits = {}, uint64_t parent = 0) {
        const uint64_t id = create(name, "bin/child", limits, parent);
        EXPECT_EQ(start(id), Status::Ok) << name;
        return id;
    }
    uint64_t process_of(uint64_t id) { return statistics(id).process; }
    void exit_task(uint64_t code = 0) { start_call(abi::SystemCall::TaskExit, {code}); }
};

// Nothing may be lost between a test's begin and its end.
struct ContainerTest : testing::Test, ContainerBench {
    uint64_t frames_free = make_room();

    // Names for more rights than a table has of its own.
    uint64_t make_room() {
        EXPECT_EQ(make_names(task(), 200), Status::Ok);
        return settle();
    }
    // What rights name may have gone; the rights are there until they are closed.
    void close_rights() {
        const RightTable& rights = task().rights;
        uint32_t position = abi::given_name(0) & 0xffff;
        while (const Right* right = rights.next(position, rights.end())) {
            EXPECT_EQ(call(abi::SystemCall::RightClose, {right->name}), 0U);
        }
    }
    void TearDown() override {
        close_rights();
        EXPECT_EQ(kernel().containers.count(), 1U);
        EXPECT_EQ(kernel().containers.root().pids.current, 1U);
        EXPECT_EQ(kernel().containers.root().live, 1U);
        EXPECT_EQ(kernel().tasks.task_count(), 1U);
        EXPECT_EQ(kernel().frames.free_frames(), frames_free);
        EXPECT_TRUE(kernel().frames.consistent());
        EXPECT_TRUE(HeldRanks::none());
    }
};

}  // namespace kernel
