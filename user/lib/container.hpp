// SPDX-License-Identifier: Apache-2.0
// Containers: typed calls, one thin function each (docs/containers.md).
#pragma once

#include "user/lib/system.hpp"

namespace user {

// What a container is to be. A limit of 0 is the default.
struct ContainerPlan {
    std::string_view name;
    std::string_view program;  // empty: a domain that only holds others
    std::string_view arguments;
    uint32_t parent = 0;                        // 0: the caller's own container
    uint32_t system = abi::right_usual_system;  // of the caller's own use of the machine
    uint64_t limits[abi::container_limit_count] = {};

    constexpr ContainerPlan& limit(abi::ContainerLimit which, uint64_t value) {
        limits[static_cast<uint32_t>(which)] = value;
        return *this;
    }
};

class Container final {
  public:
    constexpr Container() = default;
    constexpr explicit Container(uint32_t id) : id_(id) {}

    [[nodiscard]] static Result<Container> create(const ContainerPlan& plan) {
        const abi::SpawnArguments spawn{
            .path = system::address_of(plan.program.data()),
            .path_length = plan.program.size(),
            .arguments = system::address_of(plan.arguments.data()),
            .arguments_length = plan.arguments.size(),
            .cpu_mask = 0,
            .objects = 0,
            .object_count = 0,
            .system = plan.system,
        };
        abi::ContainerArguments arguments{};
        arguments.name = system::address_of(plan.name.data());
        arguments.name_length = plan.name.size();
        arguments.program = plan.program.empty() ? 0 : system::address_of(&spawn);
        arguments.parent = plan.parent;
        for (uint32_t i = 0; i < abi::container_limit_count; ++i) {
            arguments.limits[i] = plan.limits[i];
        }
        const system::RawResult raw =
            system::call(abi::SystemCall::ContainerCreate, system::address_of(&arguments));
        if (raw.value < 0) return raw.status();
        return Container(static_cast<uint32_t>(raw.value));
    }

    [[nodiscard]] uint32_t id() const { return id_; }
    Status start() const { return operate(abi::SystemCall::ContainerStart); }
    Status kill() const { return operate(abi::SystemCall::ContainerKill); }
    Status remove() const { return operate(abi::SystemCall::ContainerDelete); }
    Status pause() const { return operate(abi::SystemCall::ContainerPause); }
    Status resume() const { return operate(abi::SystemCall::ContainerResume); }
    Status set(abi::ContainerLimit limit, uint64_t value) const {
        return system::call(abi::SystemCall::ContainerSet, id_, static_cast<uint64_t>(limit), value)
            .status();
    }

    // Of the container, or with id 0 of the caller's own.
    [[nodiscard]] Result<abi::ContainerStatistics> statistics() const {
        abi::ContainerStatistics statistics{};
        const system::RawResult raw = system::call(abi::SystemCall::ContainerStatistics, id_,
                                                   system::address_of(&statistics));
        if (raw.value < 0) return raw.status();
        return statistics;
    }
    // The child with the next number above `after`; id 0 behind the last one.
    [[nodiscard]] Result<Container> next_child(Container after) const {
        const system::RawResult raw = system::call(abi::SystemCall::ContainerNext, id_, after.id_);
        if (raw.value < 0) return raw.status();
        return Container(static_cast<uint32_t>(raw.value));
    }
    // The next thing that happened to it; WouldBlock when nothing does for so long.
    [[nodiscard]] Result<abi::ContainerEvent> wait_event(uint64_t nanoseconds) const {
        abi::ContainerEvent event{};
        const system::RawResult raw = system::call(abi::SystemCall::ContainerEvent, id_,
                                                   system::address_of(&event), nanoseconds);
        if (raw.value < 0) return raw.status();
        return event;
    }
    // Waits until it is Stopped; other events are dropped. WouldBlock as wait_event().
    [[nodiscard]] Status wait_stopped(uint64_t nanoseconds) const {
        for (;;) {
            const auto seen = statistics();
            if (!seen) return seen.status();
            if (seen->state == abi::ContainerState::Stopped) return Status::Ok;
            const auto event = wait_event(nanoseconds);
            if (!event) return event.status();
        }
    }
    // A task in it, as a child of the caller's.
    [[nodiscard]] Result<uint32_t> spawn(std::string_view path, std::string_view arguments,
                                         uint32_t system_rights = abi::right_usual_system) const {
        const abi::SpawnArguments spawn{
            .path = system::address_of(path.data()),
            .path_length = path.size(),
            .arguments = system::address_of(arguments.data()),
            .arguments_length = arguments.size(),
            .cpu_mask = 0,
            .objects = 0,
            .object_count = 0,
            .system = system_rights,
            .container = id_,
        };
        return system::to_result<uint32_t>(
            system::call(abi::SystemCall::TaskSpawn, system::address_of(&spawn)));
    }

  private:
    Status operate(abi::SystemCall call) const { return system::call(call, id_).status(); }

    uint32_t id_ = 0;
};

}  // namespace user
