// SPDX-License-Identifier: Apache-2.0
// Entity: what a scheduling policy knows of a thread. Plain data, so that policies run in a plain
// program under a small fake clock. All times are ticks of one clock.
#pragma once

#include "kernel/base/list.hpp"
#include "kernel/schedule/policies/ordered_tree.hpp"

namespace kernel {

// In the order in which they go first.
enum class ScheduleClass : uint32_t { Deadline = 0, RealTime = 1, Normal = 2 };

constexpr uint32_t priority_levels = 32;  // the greatest goes first
constexpr uint32_t default_priority_level = 16;
// As cpu.weight of cgroup v2 (Linux Documentation/admin-guide/cgroup-v2.rst).
constexpr uint32_t least_weight = 1;
constexpr uint32_t default_weight = 100;
constexpr uint32_t greatest_weight = 10'000;

// Round robin.
struct TurnState {
    uint64_t left = 0;  // of the turn; 0: the next turn is a new one, behind all others
};

// Earliest eligible virtual deadline first. Virtual times are circular.
struct FairState {
    uint64_t time = 0;       // virtual time up to which it has been served
    uint64_t deadline = 0;   // virtual deadline of the current request
    uint64_t remainder = 0;  // of service that is less than one unit of virtual time
    int64_t lag = 0;         // virtual time that it was owed when it left
    uint64_t left_at = 0;
};

// Constant bandwidth server.
struct DeadlineState {
    uint64_t runtime = 0;   // reserved in each period
    uint64_t relative = 0;  // deadline, from the beginning of a period
    uint64_t period = 0;
    int64_t remaining = 0;   // runtime that is left
    uint64_t absolute = 0;   // scheduling deadline, and replenishment time once nothing is left
    uint64_t throttled = 0;  // times that nothing was left
    bool waits = false;      // among those that wait for replenishment
};

// What is expected of the thread's next burst: a stretch of running from a wake-up to the next
// wait.
struct BurstState {
    static constexpr unsigned input_count = 5;

    uint64_t current = 0;  // of the burst that is under way
    uint64_t fast = 0;     // exponential averages
    uint64_t slow = 0;
    uint64_t last = 0;
    int16_t weights[input_count] = {};
    uint8_t inputs = 0;  // as bits
    bool expects_short = true;
    bool under_way = false;
    uint64_t predictions = 0;
    uint64_t hits = 0;
};

struct Entity : TreeNode {
    ScheduleClass schedule_class = ScheduleClass::Normal;
    uint32_t priority = default_priority_level;
    uint32_t weight = default_weight;
    uint64_t cpu_mask = 0;  // CPUs it may run on

    ListNode turn_node;
    TurnState turn;
    FairState fair;
    DeadlineState deadline;
    BurstState burst;
    uint64_t own[2] = {};  // for a policy that has no fields here

    [[nodiscard]] bool may_run_on(unsigned cpu) const { return (cpu_mask >> cpu & 1) != 0; }
};

}  // namespace kernel
