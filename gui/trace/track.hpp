// SPDX-License-Identifier: Apache-2.0
// Track: a line of the timeline, and the threads and tasks that lines tell of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "gui/trace/counter_lane.hpp"
#include "gui/trace/interval_lane.hpp"
#include "gui/trace/point_lane.hpp"
#include "gui/trace/string_pool.hpp"

namespace inspector {

using TrackId = uint32_t;
using ThreadIndex = uint32_t;
constexpr TrackId no_track = UINT32_MAX;
constexpr TrackId root_track = 0;
constexpr ThreadIndex idle_thread = 0;

// In the order in which children of one parent are shown.
enum class TrackKind : uint8_t {
    Root,
    Group,       // only children
    Cpu,         // runs of threads; `number` is the CPU
    Interrupts,  // slices: the interrupts of the CPU `number`
    Kernel,      // marks: what the kernel says of the CPU `number`
    Frequency,   // a counter in kHz: the clock of the CPU `number`
    Task,        // children are its threads; `number` is the task's id
    Thread,      // system calls as slices, marks, runs on CPUs, wake-ups; `number` is the tid
    Container,   // marks: changes of state; `number` is the container's id
    Counter,     // a counter
    Events,      // slices and marks of anything else, such as a device
};

struct Track {
    TrackKind kind = TrackKind::Root;
    StringId name = empty_string;
    TrackId parent = no_track;
    uint32_t number = 0;
    ThreadIndex thread = idle_thread;  // of TrackKind::Thread
    std::vector<TrackId> children;     // in the order in which they became known

    // What is on it; null where there is nothing. Slices of depth N are in slices[N].
    std::vector<std::unique_ptr<IntervalLane>> slices;  // key: StringId, detail: ArgumentsRef
    std::unique_ptr<PointLane> marks;                   // key: StringId, detail: ArgumentsRef
    std::unique_ptr<CounterLane> counter;
    // On a CPU the key is the thread, on a thread the CPU; the detail is how a run ended.
    std::unique_ptr<IntervalLane> runs;
    // On a CPU those that happened there, key: the woken thread, detail: waker and target CPU; on a
    // thread its own, key: the waker, detail: the CPU where it happened and the target CPU.
    std::unique_ptr<PointLane> wakes;
};

// How a thread left its CPU, as Linux numbers prev_state (include/linux/sched.h): 0 it could go on,
// 16 it has ended (EXIT_DEAD), else it sleeps.
enum class RunEnd : uint8_t { Runnable, Sleeping, Ended, Unknown };

struct Wake {
    uint64_t time = 0;
    ThreadIndex waker = idle_thread;  // idle: an interrupt, or the kernel
    ThreadIndex woken = idle_thread;
    uint32_t cpu = 0;     // where it happened
    uint32_t target = 0;  // where the woken thread was queued

    bool operator==(const Wake&) const = default;
};

constexpr uint32_t most_cpus = 4096;  // more is taken for damage

constexpr uint64_t wake_detail(uint32_t high, uint32_t target) {
    return uint64_t{high} << 32 | target;
}
constexpr uint32_t wake_high(uint64_t detail) {
    return static_cast<uint32_t>(detail >> 32);
}
constexpr uint32_t wake_target(uint64_t detail) {
    return static_cast<uint32_t>(detail);
}

struct ThreadInfo {
    uint32_t tid = 0;
    uint32_t pid = 0;  // as in the trace; 0: unknown
    StringId name = empty_string;
    bool described = false;  // the name is the process tree's, not a guess from the scheduler
    TrackId track = no_track;
};

struct TaskInfo {
    uint32_t pid = 0;
    uint32_t parent_pid = 0;
    StringId name = empty_string;
    TrackId track = no_track;
};

// One of the lanes of a track.
enum class LaneKind : uint8_t { Slices, Marks, Counter, Runs, Wakes };

// Where an event is. Rows keep their numbers for as long as they are there.
struct EventRef {
    TrackId track = no_track;
    LaneKind lane = LaneKind::Slices;
    uint32_t depth = 0;  // of LaneKind::Slices
    uint64_t row = 0;

    bool operator==(const EventRef&) const = default;
};

}  // namespace inspector
