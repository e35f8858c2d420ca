// SPDX-License-Identifier: Apache-2.0
// What the scheduler keeps of a thread beside what its policy needs: figures, what it asked for
// itself, and where its time is reserved.
#pragma once

#include "kernel/schedule/policies/deadline.hpp"

namespace kernel {

// In ticks.
struct ScheduleFigures {
    uint64_t run_time = 0;
    uint64_t switches = 0;     // times it was given a CPU
    uint64_t preemptions = 0;  // times it lost one while it could go on
    uint64_t migrations = 0;   // times that was another CPU than the one before
    uint64_t ready_since = 0;
    uint64_t waited = 0;  // for a CPU, while it could run
    uint64_t longest_wait = 0;
    // Of the deadline class: jobs, from a wake-up or a new period to the next wait or yield.
    uint64_t jobs = 0;
    uint64_t missed = 0;
    uint64_t worst_late = 0;
    uint64_t due = 0;     // of the job under way; 0: none
    uint64_t boosts = 0;  // times that it was to serve input
};

struct ScheduleParameters {
    ScheduleClass schedule_class = ScheduleClass::Normal;
    uint32_t priority = default_priority_level;
    uint32_t weight = default_weight;
};

struct ThreadSchedule {
    ScheduleFigures figures;
    ScheduleParameters own;        // what counts, in Entity, may be lent
    ScheduleParameters unboosted;  // what would count without the boost, which it lends
    uint64_t boosted_until = 0;    // serves input until then; 0: none
    DeadlineState own_server;      // while another one is lent
    unsigned reserved_on = Reservations::none;  // by itself, and how much
    uint32_t reserved = 0;
};

}  // namespace kernel
