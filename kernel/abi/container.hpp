// SPDX-License-Identifier: Apache-2.0
// Containers as programs and host tools see them: states and operations of the OCI runtime
// specification 1.2 (runtime.md), limits and counters with the names of Linux's control groups,
// version 2 (Documentation/admin-guide/cgroup-v2.rst).
#pragma once

#include <stdint.h>

namespace kernel::abi {

constexpr uint32_t max_containers = 64;
constexpr uint32_t max_container_depth = 8;    // of the tree, the root included
constexpr uint32_t container_name_size = 32;   // NUL included
constexpr uint32_t max_container_events = 16;  // of one container that wait in its port
constexpr uint64_t unlimited = UINT64_MAX;     // "max" in a control file

// States of the OCI runtime specification ("State").
enum class ContainerState : uint32_t {
    None = 0,      // a free row of a table
    Creating = 1,  // its program is being loaded
    Created = 2,   // nothing of it has run
    Running = 3,
    Stopped = 4,  // its process has ended, and everything else in it
};

constexpr const char* container_state_name(ContainerState state) {
    switch (state) {
        case ContainerState::None: return "none";
        case ContainerState::Creating: return "creating";
        case ContainerState::Created: return "created";
        case ContainerState::Running: return "running";
        case ContainerState::Stopped: return "stopped";
    }
    return "unknown";
}

// What ContainerSet sets. Memory is in bytes, rounded down to whole pages; times in microseconds.
enum class ContainerLimit : uint32_t {
    MemoryMax = 0,       // memory.max
    MemoryHigh = 1,      // memory.high
    SwapMax = 2,         // memory.swap.max
    CpuQuota = 3,        // cpu.max, its first word: at least 1000, or unlimited
    CpuPeriod = 4,       // cpu.max, its second word: 1000 to 1,000,000
    CpuWeight = 5,       // cpu.weight: 1 to 10,000
    PidsMax = 6,         // pids.max
    DescendantsMax = 7,  // cgroup.max.descendants
};
constexpr uint32_t container_limit_count = 8;

constexpr const char* container_limit_name(ContainerLimit limit) {
    constexpr const char* names[] = {
        "memory.max", "memory.high", "memory.swap.max", "cpu.max",
        "cpu.period", "cpu.weight",  "pids.max",        "cgroup.max.descendants"};
    static_assert(sizeof(names) / sizeof(names[0]) == container_limit_count);
    const auto index = static_cast<uint32_t>(limit);
    return index < container_limit_count ? names[index] : "unknown";
}

struct ContainerArguments {
    uint64_t name;  // user address; unique among the children of `parent`
    uint64_t name_length;
    uint64_t program;  // user address of SpawnArguments, or 0: a domain that only holds others
    uint32_t parent;   // name of a container; 0: the caller's own
    uint32_t events;   // name of a port that is told what happens to the container, or 0
    uint64_t limits[container_limit_count];  // 0: the default, which is none, or 100,000 and 100
};
static_assert(sizeof(ContainerArguments) == 96);

// What happened, in the order in which it did.
enum class ContainerEventKind : uint32_t {
    None = 0,
    Created = 1,
    Started = 2,  // value: task id of its process
    Paused = 3,
    Resumed = 4,
    Exited = 5,       // its process has ended; value: EndReason
    Stopped = 6,      // nothing of it is left
    OutOfMemory = 7,  // a task was ended because a limit of memory was met; value: task id
};

constexpr const char* container_event_name(ContainerEventKind kind) {
    constexpr const char* names[] = {"none",    "created", "started", "paused",
                                     "resumed", "exited",  "stopped", "out_of_memory"};
    const auto index = static_cast<uint32_t>(kind);
    return index < sizeof(names) / sizeof(names[0]) ? names[index] : "unknown";
}

// The first word of the message that tells of an event, which has label_container.
constexpr uint64_t container_event(ContainerEventKind kind, uint32_t container) {
    return uint64_t{static_cast<uint32_t>(kind)} << 32 | container;
}
constexpr ContainerEventKind event_kind(uint64_t word) {
    return static_cast<ContainerEventKind>(word >> 32);
}
constexpr uint32_t event_container(uint64_t word) {
    return static_cast<uint32_t>(word);
}

// Stalls as in Linux's pressure stall information (Documentation/accounting/psi.rst).
struct PressureFigures {
    uint64_t total_microseconds;
    uint32_t average10;  // share of the last 10 s, in hundredths of a percent
    uint32_t average60;
    uint32_t average300;
    uint32_t reserved;
};
static_assert(sizeof(PressureFigures) == 24);

struct ContainerStatistics {
    uint32_t id;
    uint32_t parent;
    ContainerState state;
    uint32_t paused;   // it, or a container above it
    uint32_t process;  // task id of its process; 0 when there is none any more
    int32_t exit_code;
    uint32_t end_reason;   // EndReason of its process
    uint32_t descendants;  // cgroup.stat nr_descendants
    uint64_t limits[container_limit_count];
    uint64_t tasks;  // in the container and below
    uint64_t pids_current;
    uint64_t pids_peak;
    uint64_t pids_events_max;
    uint64_t memory_current;  // bytes
    uint64_t memory_peak;
    uint64_t swap_current;
    uint64_t memory_events_high;
    uint64_t memory_events_max;
    uint64_t memory_events_oom;
    uint64_t memory_events_oom_kill;
    uint64_t cpu_usage;  // microseconds, as all of cpu.stat
    uint64_t cpu_periods;
    uint64_t cpu_periods_throttled;
    uint64_t cpu_throttled;
    PressureFigures cpu_some;
    PressureFigures cpu_full;
    PressureFigures memory_some;
    PressureFigures memory_full;
};
static_assert(sizeof(ContainerStatistics) == 312);

// What an audit log records of a container and of those below it that have no log of their own.
enum AuditMode : uint32_t {
    AuditCalls = 1U << 0,         // every system call
    AuditCapabilities = 1U << 1,  // those that make, give, use up or take back rights
};
constexpr uint64_t audit_capacity = 85;  // records that a log keeps

// Numbers of calls that concern rights: starting threads and tasks and waiting for them, memory
// objects, rights, ports and messages with them, containers, logs.
constexpr bool is_capability_call(uint64_t call) {
    return call == 6 || call == 7 || call == 12 || call == 13 || (call >= 23 && call <= 26) ||
           (call >= 37 && call <= 58) || (call >= 80 && call <= 96);
}

struct AuditRecord {
    uint64_t number;  // counts the records of a log, from 1 on
    uint64_t ticks;   // generic timer
    uint32_t task;
    uint32_t thread;
    uint32_t call;      // SystemCall, as it was asked for
    int32_t status;     // below 0: a Status; a call that waits is recorded when it is made, with 0,
                        // and again at its end
    uint64_t argument;  // the first one
};
static_assert(sizeof(AuditRecord) == 40);

// A row of KernelInfo: a container as who looks from outside sees it; id 0 is a free one. Counters
// are as of the last time one of its threads left a CPU, or something about the container changed.
struct ContainerInfo {
    uint32_t id;
    uint32_t parent;
    char name[container_name_size];
    ContainerState state;
    uint32_t paused;
    uint32_t depth;
    uint32_t tasks;  // in the container and below
    uint64_t pids_current;
    uint64_t pids_max;
    uint64_t memory_current;
    uint64_t memory_peak;
    uint64_t memory_max;
    uint64_t cpu_usage_ticks;
    uint64_t cpu_periods_throttled;
    uint64_t out_of_memory_ends;
    uint64_t events;  // posted since its creation
};
static_assert(sizeof(ContainerInfo) == 128);

}  // namespace kernel::abi
