// SPDX-License-Identifier: Apache-2.0
// Containers: typed calls, one thin function each (docs/containers.md).
#pragma once

#include <span>

#include "user/lib/port.hpp"
#include "user/lib/system.hpp"

namespace user {

// What has happened to a container, as the port that is told of it says.
struct ContainerEvent {
    abi::ContainerEventKind kind;
    uint32_t container;    // id
    uint64_t nanoseconds;  // since boot
    uint64_t value;
    uint64_t lost;  // events before this one for which there was no room
};

// What a container is to be. A limit of 0 is the default.
struct ContainerPlan {
    std::string_view name;
    std::string_view program;  // empty: a domain that only holds others
    std::string_view arguments;
    uint32_t parent = 0;                        // a container's name; 0: the caller's own
    uint32_t system = abi::right_usual_system;  // of the caller's own use of the machine
    uint32_t own = abi::right_usual_container;  // what the program may do with its container
    uint64_t limits[abi::container_limit_count] = {};

    constexpr ContainerPlan& limit(abi::ContainerLimit which, uint64_t value) {
        limits[static_cast<uint32_t>(which)] = value;
        return *this;
    }
};

// A container by name; the name 0 is this task's own. One that was created here has a port that is
// told of its events.
class Container final {
  public:
    constexpr Container() = default;
    constexpr explicit Container(uint32_t name, uint32_t id = 0) : name_(name), id_(id) {}

    [[nodiscard]] static Result<Container> create(const ContainerPlan& plan) {
        const auto port = system::create_port(0);
        if (!port) return port.status();
        const auto made = create(plan, *port);
        if (!made) system::close_right(*port);
        return made;
    }

    [[nodiscard]] uint32_t name() const { return name_; }
    // What consoles and traces print; known of those that were created here or come from
    // next_child().
    [[nodiscard]] uint32_t id() const { return id_; }
    Status start() const { return operate(abi::SystemCall::ContainerStart); }
    Status kill() const { return operate(abi::SystemCall::ContainerKill); }
    // The name is used up, and nothing more can be read of its events.
    Status remove() const {
        const Status status = operate(abi::SystemCall::ContainerDelete);
        if (status == Status::Ok && events_ != 0) system::close_right(events_);
        return status;
    }
    Status pause() const { return operate(abi::SystemCall::ContainerPause); }
    Status resume() const { return operate(abi::SystemCall::ContainerResume); }
    Status set(abi::ContainerLimit limit, uint64_t value) const {
        return system::call(abi::SystemCall::ContainerSet, name_, static_cast<uint64_t>(limit),
                            value)
            .status();
    }
    [[nodiscard]] Result<abi::ContainerStatistics> statistics() const {
        abi::ContainerStatistics statistics{};
        const system::RawResult raw = system::call(abi::SystemCall::ContainerStatistics, name_,
                                                   system::address_of(&statistics));
        if (raw.value < 0) return raw.status();
        return statistics;
    }
    // From now on the calls of its threads are recorded: abi::AuditMode bits, 0 for none.
    Status audit(uint32_t mode) const {
        return system::call(abi::SystemCall::AuditControl, name_, mode).status();
    }
    // Takes the oldest records, at most abi::audit_capacity; how many. `forgotten` grows by those
    // for which there was no room. NotFound: nothing was ever recorded here.
    [[nodiscard]] Result<uint64_t> take_audit(std::span<abi::AuditRecord> records,
                                              uint64_t& forgotten) const {
        const system::RawResult raw = system::call(
            abi::SystemCall::AuditRead, name_, system::address_of(records.data()), records.size());
        if (raw.value < 0) return raw.status();
        forgotten += raw.second;
        return static_cast<uint64_t>(raw.value);
    }
    // The child with the next id above `after`, by a name of its own; id 0 behind the last one.
    [[nodiscard]] Result<Container> next_child(Container after) const {
        const auto id = system::to_result<uint32_t>(
            system::call(abi::SystemCall::ContainerNext, name_, after.id_));
        if (!id) return id.status();
        if (*id == 0) return Container();
        const uint32_t whole = name_ == 0 ? abi::container_name : name_;
        const auto name = system::open_right(whole, abi::ObjectType::Container, *id);
        if (!name) return name.status();
        return Container(*name, *id);
    }
    // The next thing that happened to it; TimedOut when nothing does for so long. NotFound: it was
    // not created here.
    [[nodiscard]] Result<ContainerEvent> wait_event(uint64_t nanoseconds) const {
        system::Message message;
        const Status status = system::receive_message(events_, message, nanoseconds);
        if (status != Status::Ok) return status;
        if (message.label != abi::label_container) return Status::InvalidArgument;
        return ContainerEvent{.kind = abi::event_kind(message.words[0]),
                              .container = abi::event_container(message.words[0]),
                              .nanoseconds = message.words[1],
                              .value = message.words[2],
                              .lost = message.words[3]};
    }
    // Waits until it is Stopped; other events are dropped. TimedOut as wait_event().
    [[nodiscard]] Status wait_stopped(uint64_t nanoseconds) const {
        for (;;) {
            const auto seen = statistics();
            if (!seen) return seen.status();
            if (seen->state == abi::ContainerState::Stopped) return Status::Ok;
            const auto event = wait_event(nanoseconds);
            if (!event) return event.status();
        }
    }
    // A task in it, as a child of the caller's. Its name.
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
            .container = name_,
        };
        return system::to_result<uint32_t>(
            system::call(abi::SystemCall::TaskSpawn, system::address_of(&spawn)));
    }

  private:
    [[nodiscard]] static Result<Container> create(const ContainerPlan& plan, uint32_t port) {
        const abi::SpawnArguments spawn{
            .path = system::address_of(plan.program.data()),
            .path_length = plan.program.size(),
            .arguments = system::address_of(plan.arguments.data()),
            .arguments_length = plan.arguments.size(),
            .cpu_mask = 0,
            .objects = 0,
            .object_count = 0,
            .system = plan.system,
            .container_mask = plan.own,
        };
        abi::ContainerArguments arguments{};
        arguments.name = system::address_of(plan.name.data());
        arguments.name_length = plan.name.size();
        arguments.program = plan.program.empty() ? 0 : system::address_of(&spawn);
        arguments.parent = plan.parent;
        arguments.events = port;
        for (uint32_t i = 0; i < abi::container_limit_count; ++i) {
            arguments.limits[i] = plan.limits[i];
        }
        const system::RawResult raw =
            system::call(abi::SystemCall::ContainerCreate, system::address_of(&arguments));
        if (raw.value < 0) return raw.status();
        Container made(static_cast<uint32_t>(raw.value), static_cast<uint32_t>(raw.second));
        made.events_ = port;
        return made;
    }
    Status operate(abi::SystemCall call) const { return system::call(call, name_).status(); }

    uint32_t name_ = 0;
    uint32_t id_ = 0;
    uint32_t events_ = 0;
};

}  // namespace user
