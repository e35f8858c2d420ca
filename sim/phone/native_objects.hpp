// SPDX-License-Identifier: Apache-2.0
// The objects of a kernel that runs natively in this process, read in place where KernelInfo does
// not show them: threads and what they wait for, the rights of a task, ports and who names them.
// Only for a machine at rest. Objects without a number are told apart by their physical address.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace orrery::phone {

// What a thread waits for. What does not apply is 0.
struct NativeWait {
    std::string type;     // "thread", "task", "console", "message", "reply", "room", "futex",
                          // "time"; empty: nothing
    uint64_t object = 0;  // a port or port set; of a futex the number of its memory object
    uint64_t offset = 0;  // of a futex in there
    uint32_t thread = 0;  // who is to end, or to answer
    uint32_t task = 0;    // which is to end
    uint64_t until = 0;   // ticks: when the wait ends anyway
};

struct NativeThread {
    uint32_t id;
    uint32_t task;
    std::string state;
    unsigned cpu;  // where it runs, ran last, or is queued
    uint64_t pc;   // at EL0, as of its last way into the kernel
    uint64_t sp;
    uint64_t call;  // system call in progress, as number + 1; 0: none
    NativeWait wait;
};

struct NativeRight {
    uint32_t name;
    std::string type;
    uint32_t mask;  // kernel::abi::RightMask
    uint64_t badge;
    uint64_t object;  // a number, or a physical address; 0 for what has none
};

// A task's right to a port or a port set.
struct NativePortRight {
    uint32_t task;
    uint32_t name;
    uint32_t mask;
    uint64_t badge;
};

// A port or a port set that some task names.
struct NativePort {
    uint64_t object;  // its physical address
    bool is_set;
    uint64_t set;        // that it is a member of; 0: none
    uint64_t queued;     // messages, or ports with messages
    uint64_t limit;      // of messages that nobody waits for; 0 in a set
    uint64_t receivers;  // threads that wait for a message
    uint64_t senders;    // threads that wait for room
    std::vector<NativePortRight> rights;
};

// What a task or a container may have at most, where KernelInfo does not show it. Numbers that are
// kernel::abi::unlimited are no limits.
struct NativeTaskLimit {
    uint32_t task;
    uint64_t frames;  // that it may hold or map
};
struct NativeContainerLimit {
    uint32_t container;
    uint64_t pids;
    uint64_t weight;
    uint64_t quota;   // microseconds of CPU time in each period
    uint64_t period;  // microseconds
};
struct NativeLimits {
    std::vector<NativeTaskLimit> tasks;
    std::vector<NativeContainerLimit> containers;
};

// Nothing if a CPU is about to change them: it holds the lock that guards them, or waits for it.
// Precondition: the kernel runs natively and has started.
[[nodiscard]] std::optional<std::vector<NativeThread>> native_threads();

// The task whose thread runs on a CPU, 0 for none. Exact at a breakpoint of the CPU.
[[nodiscard]] uint32_t native_task(unsigned cpu);

// The rights that a task has names for, nothing as above; an empty answer also for no such task.
[[nodiscard]] std::optional<std::vector<NativeRight>> native_rights(uint32_t task);

// The same of limits.
[[nodiscard]] std::optional<NativeLimits> native_limits();

// The same of ports and port sets, by address.
[[nodiscard]] std::optional<std::vector<NativePort>> native_ports();

}  // namespace orrery::phone
