// SPDX-License-Identifier: Apache-2.0
// The objects of a kernel that runs natively.
//
// Safety: kernel functions count what they cost the CPU that calls them, and nobody calls here. So
// nothing of the kernel is called but what is inlined (gnu::flatten), and nothing is written.
#include "sim/phone/native_objects.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "hal/host/port.hpp"
#include "kernel/kernel.hpp"

namespace orrery::phone {
namespace {

const char* state_name(kernel::ThreadState state) {
    constexpr std::array names = {"new",          "ready",      "running",      "sleeping",
                                  "wait_thread",  "wait_task",  "wait_console", "ended",
                                  "wait_message", "wait_reply", "wait_room",    "suspended",
                                  "throttled",    "frozen",     "wait_futex"};
    static_assert(static_cast<size_t>(kernel::ThreadState::WaitFutex) + 1 == names.size());
    const auto index = static_cast<size_t>(state);
    return index < names.size() ? names[index] : "unknown";
}

// CPUs note the lock's rank before they wait for it, so this errs to the safe side.
bool objects_change() {
    constexpr uint32_t objects = 1U << static_cast<uint32_t>(kernel::LockRank::Objects);
    const auto& held = kernel::kernel().held_ranks;
    return std::any_of(std::begin(held), std::end(held),
                       [](uint32_t ranks) { return (ranks & objects) != 0; });
}

template <typename Visit>
void for_each_task(const Visit& visit) {
    for (uint32_t slot = 0; slot < kernel::abi::max_tasks; ++slot) {
        kernel::Task* const task = kernel::kernel().tasks.at_slot(slot);
        if (task != nullptr) visit(*task);
    }
}

// Where an object of the kernel lies in the phone's memory.
uint64_t place_of(const void* object) {
    return reinterpret_cast<uint64_t>(object) - hal::host::direct_base;
}

// What a right refers to: a number where it holds one (kernel/capability/named_objects.hpp).
uint64_t object_of(const kernel::Right& right) {
    using kernel::ObjectType;
    const auto value = reinterpret_cast<uint64_t>(right.object);
    switch (right.type) {
        case ObjectType::Task:
        case ObjectType::Thread:
        case ObjectType::Container:
        case ObjectType::Reply: return static_cast<uint32_t>(value);
        case ObjectType::None:
        case ObjectType::System: return 0;
        default: return value == 0 ? 0 : place_of(right.object);
    }
}

bool is_port(const kernel::Right& right) {
    const bool is_type =
        right.type == kernel::ObjectType::Port || right.type == kernel::ObjectType::PortSet;
    return is_type && right.object != nullptr;
}

template <typename Visit>
void for_each_right(kernel::Task& task, const Visit& visit) {
    for (uint32_t position = 0; position < task.rights.end(); ++position) {
        const kernel::Right* const right = task.rights.at(position);
        if (right != nullptr) visit(*right);
    }
}

// Whose list of waiting threads it is, of those that some task names.
using Queues = std::map<const kernel::WaitQueue*, uint64_t>;

Queues queues() {
    Queues all;
    for_each_task([&all](kernel::Task& task) {
        for_each_right(task, [&all](const kernel::Right& right) {
            if (!is_port(right)) return;
            if (right.type == kernel::ObjectType::Port) {
                const auto& port = *static_cast<const kernel::Port*>(right.object);
                all[&port.receivers] = all[&port.blocked_senders] = place_of(right.object);
            } else {
                const auto& set = *static_cast<const kernel::PortSet*>(right.object);
                all[&set.receivers] = place_of(right.object);
            }
        });
    });
    return all;
}

uint64_t port_of(const Queues& all, const kernel::Thread& thread) {
    const auto found = all.find(thread.waits_in);
    return found == all.end() ? 0 : found->second;
}

uint32_t awaited_thread(kernel::Thread& thread) {
    auto& threads = thread.task->threads;
    for (kernel::Thread* other = threads.front(); other != nullptr; other = threads.next(*other)) {
        if (other->joiner == &thread) return other->id;
    }
    return 0;
}

NativeWait wait_of(const Queues& all, kernel::Thread& thread) {
    using kernel::ThreadState;
    NativeWait wait;
    if (thread.timed) wait.until = thread.wake_at;
    switch (thread.state) {
        case ThreadState::Sleeping:
        case ThreadState::Throttled:
            wait.type = "time";
            wait.until = thread.wake_at;
            break;
        case ThreadState::WaitThread:
            wait.type = "thread";
            wait.thread = awaited_thread(thread);
            break;
        case ThreadState::WaitTask:
            wait.type = "task";
            wait.task = thread.awaited == nullptr ? 0 : thread.awaited->id;
            break;
        case ThreadState::WaitConsole: wait.type = "console"; break;
        case ThreadState::WaitMessage:
            wait.type = "message";
            wait.object = port_of(all, thread);
            break;
        case ThreadState::WaitReply: {
            const auto& messages = thread.messages;
            wait.type = "reply";
            if (messages.answered_by != nullptr) {
                wait.thread = messages.answered_by->id;
            } else if (messages.call.port != nullptr) {
                wait.object = place_of(messages.call.port);
            }
            break;
        }
        case ThreadState::WaitRoom:
            wait.type = "room";
            wait.object = port_of(all, thread);
            break;
        case ThreadState::WaitFutex:
            wait.type = "futex";
            wait.object = thread.futex_key.object;
            wait.offset = thread.futex_key.offset;
            break;
        default: break;
    }
    return wait;
}

// Lists count what is in them.
NativePort shown(const kernel::Port& port) {
    return {.object = place_of(&port),
            .is_set = false,
            .set = port.set == nullptr ? 0 : place_of(port.set),
            .queued = port.queue.size(),
            .limit = port.limit,
            .receivers = port.receivers.size(),
            .senders = port.blocked_senders.size(),
            .rights = {}};
}

NativePort shown(const kernel::PortSet& set) {
    return {.object = place_of(&set),
            .is_set = true,
            .set = 0,
            .queued = set.ready.size(),
            .limit = 0,
            .receivers = set.receivers.size(),
            .senders = 0,
            .rights = {}};
}

}  // namespace

[[gnu::flatten]] std::optional<std::vector<NativeThread>> native_threads() {
    if (objects_change()) return {};
    std::vector<NativeThread> threads;
    const Queues all = queues();
    for_each_task([&threads, &all](kernel::Task& task) {
        for (kernel::Thread* thread = task.threads.front(); thread != nullptr;
             thread = task.threads.next(*thread)) {
            threads.push_back({.id = thread->id,
                               .task = task.id,
                               .state = state_name(thread->state),
                               .cpu = thread->cpu,
                               .pc = thread->frame.pc,
                               .sp = thread->frame.sp,
                               .call = thread->call,
                               .wait = wait_of(all, *thread)});
        }
    });
    return threads;
}

[[gnu::flatten]] uint32_t native_task(unsigned cpu) {
    const kernel::Thread* const thread = kernel::kernel().scheduler.current(cpu);
    return thread == nullptr ? 0 : thread->task->id;
}

[[gnu::flatten]] std::optional<std::vector<NativeRight>> native_rights(uint32_t id) {
    if (objects_change()) return {};
    std::vector<NativeRight> rights;
    for_each_task([&rights, id](kernel::Task& task) {
        if (task.id != id) return;
        for_each_right(task, [&rights](const kernel::Right& right) {
            rights.push_back({.name = right.name,
                              .type = kernel::abi::object_type_name(right.type),
                              .mask = right.mask,
                              .badge = right.badge,
                              .object = object_of(right)});
        });
    });
    return rights;
}

[[gnu::flatten]] std::optional<NativeLimits> native_limits() {
    if (objects_change()) return {};
    NativeLimits limits;
    for_each_task([&limits](kernel::Task& task) {
        limits.tasks.push_back({task.id, task.space.frame_limit()});
    });
    for (unsigned slot = 0; slot < kernel::abi::max_containers; ++slot) {
        const kernel::Container& container = kernel::kernel().containers.at_slot(slot);
        if (container.state == kernel::abi::ContainerState::None) continue;
        limits.containers.push_back({.container = container.id,
                                     .pids = container.pids.max,
                                     .weight = container.weight,
                                     .quota = container.quota,
                                     .period = container.period});
    }
    return limits;
}

[[gnu::flatten]] std::optional<std::vector<NativePort>> native_ports() {
    if (objects_change()) return {};
    std::map<uint64_t, NativePort> ports;
    for_each_task([&ports](kernel::Task& task) {
        for_each_right(task, [&ports, &task](const kernel::Right& right) {
            if (!is_port(right)) return;
            NativePort& port = ports[place_of(right.object)];
            if (port.rights.empty()) {
                port = right.type == kernel::ObjectType::Port
                           ? shown(*static_cast<const kernel::Port*>(right.object))
                           : shown(*static_cast<const kernel::PortSet*>(right.object));
            }
            port.rights.push_back({task.id, right.name, right.mask, right.badge});
        });
    });
    std::vector<NativePort> all;
    for (auto& [place, port] : ports) all.push_back(std::move(port));
    return all;
}

}  // namespace orrery::phone
