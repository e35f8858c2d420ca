// SPDX-License-Identifier: Apache-2.0
// A running kernel with calls on containers, made by whichever task runs.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tests/kernel/running_kernel.hpp"

namespace kernel {

using Limits = std::map<abi::ContainerLimit, uint64_t>;

struct ContainerBench : RunningKernel {
    static constexpr uint64_t init = 1;
    static constexpr uint64_t none = 0;
    static constexpr uint32_t write_abort = 0x24U << 26 | 1U << 25 | 1U << 6 | 0x07;

    using RunningKernel::RunningKernel;

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
        arguments.parent = static_cast<uint32_t>(parent);
        for (const auto& [limit, value] : limits) {
            arguments.limits[static_cast<size_t>(limit)] = value;
        }
        poke_value(buffer + 0x400, arguments);
        return call(abi::SystemCall::ContainerCreate, {buffer + 0x400});
    }
    uint64_t spawn_in(uint64_t container, std::string_view path = "bin/child") {
        poke(buffer + 0x280, path);
        poke_value(buffer + 0x300, abi::SpawnArguments{.path = buffer + 0x280,
                                                       .path_length = path.size(),
                                                       .arguments = buffer,
                                                       .arguments_length = 0,
                                                       .cpu_mask = 0,
                                                       .objects = 0,
                                                       .object_count = 0,
                                                       .system = abi::right_usual_system,
                                                       .container = container});
        return call(abi::SystemCall::TaskSpawn, {buffer + 0x300});
    }
    Status start(uint64_t id) { return status_of(abi::SystemCall::ContainerStart, {id}); }
    Status kill(uint64_t id) { return status_of(abi::SystemCall::ContainerKill, {id}); }
    Status remove(uint64_t id) { return status_of(abi::SystemCall::ContainerDelete, {id}); }
    Status pause(uint64_t id) { return status_of(abi::SystemCall::ContainerPause, {id}); }
    Status resume(uint64_t id) { return status_of(abi::SystemCall::ContainerResume, {id}); }
    Status set(uint64_t id, abi::ContainerLimit limit, uint64_t value) {
        return status_of(abi::SystemCall::ContainerSet, {id, static_cast<uint64_t>(limit), value});
    }
    abi::ContainerStatistics statistics(uint64_t id) {
        EXPECT_EQ(call(abi::SystemCall::ContainerStatistics, {id, buffer + 0x800}), 0U);
        return peek<abi::ContainerStatistics>(buffer + 0x800);
    }
    abi::ContainerState state(uint64_t id) { return statistics(id).state; }
    // The next event that waits to be read.
    abi::ContainerEventKind event(uint64_t id) {
        if (call(abi::SystemCall::ContainerEvent, {id, buffer + 0xa00, 0}) != 0) {
            return abi::ContainerEventKind::None;
        }
        return peek<abi::ContainerEvent>(buffer + 0xa00).kind;
    }
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
    uint64_t frames_free = settle();

    void TearDown() override {
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
