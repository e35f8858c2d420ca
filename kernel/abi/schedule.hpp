// SPDX-License-Identifier: Apache-2.0
// Scheduling as programs see it: classes, parameters, figures. Times are nanoseconds.
#pragma once

#include <stdint.h>

namespace kernel::abi {

// In the order in which they go first.
enum class ScheduleClass : uint32_t {
    Deadline = 0,  // `runtime` in each `period`, within `deadline` from its begin
    RealTime = 1,  // by `priority`, in turns among equals
    Normal = 2,    // by the policy of the kernel command line: `weight` or `priority`
};
constexpr uint32_t schedule_class_count = 3;

constexpr const char* schedule_class_name(ScheduleClass schedule_class) {
    switch (schedule_class) {
        case ScheduleClass::Deadline: return "deadline";
        case ScheduleClass::RealTime: return "real time";
        case ScheduleClass::Normal: return "normal";
    }
    return "unknown";
}

struct ThreadParameters {
    ScheduleClass schedule_class;
    uint32_t priority;  // 0 to 31, the greatest first; 16 is usual
    uint32_t weight;    // 1 to 10000, as cpu.weight of cgroup v2; 100 is usual
    uint32_t reserved;
    uint64_t runtime;  // of the deadline class: 0 < runtime <= deadline <= period <= 2 s
    uint64_t deadline;
    uint64_t period;
    uint64_t cpu_mask;  // CPUs it may run on; 0: as it was
};
static_assert(sizeof(ThreadParameters) == 48);

struct ThreadReport {
    ThreadParameters parameters;    // its own
    ScheduleClass effective_class;  // with what is lent to it
    uint32_t cpu;                   // where it runs, or ran last
    uint64_t run_time;
    uint64_t switches;     // times it was given a CPU
    uint64_t preemptions;  // times it lost one while it could go on
    uint64_t migrations;   // times that was another CPU than the one before
    uint64_t waited;       // for a CPU, while it could run
    uint64_t longest_wait;
    uint64_t jobs;  // of the deadline class: ended by a wait or a yield
    uint64_t missed;
    uint64_t worst_late;   // behind the deadline
    uint64_t throttled;    // times its runtime was used up
    uint64_t predictions;  // of scheduler=predictive: bursts
    uint64_t predicted;    // of them, those that were short or long as expected
    uint64_t boosts;       // times it was boosted to serve input
};
static_assert(sizeof(ThreadReport) == 160);

constexpr uint32_t load_windows = 3;  // 0.1 s, 1 s, 10 s
constexpr uint32_t load_one = 65536;  // unit of averages
constexpr uint32_t schedule_cpus = 8;

struct CpuLoad {
    uint32_t online;
    uint32_t isolated;
    uint32_t runnable;                // the thread that runs, and those that wait for this CPU
    uint32_t reserved_share;          // of the deadline class, in units of 1/2^20
    uint32_t averages[load_windows];  // of `runnable`
    uint32_t reserved;
    uint64_t busy;    // runnable times time
    uint64_t stolen;  // threads that it took from other CPUs
};
static_assert(sizeof(CpuLoad) == 48);

// Time during which threads waited for a CPU: on some CPU, and on every one that is online.
struct Pressure {
    uint64_t total;
    uint32_t averages[load_windows];
    uint32_t reserved;
};
static_assert(sizeof(Pressure) == 24);

// In KernelInfo it is as of each CPU's last change, with times in ticks; ScheduleRead brings it up
// to date.
struct ScheduleInfo {
    char policy[16];  // of the normal class
    CpuLoad cpus[schedule_cpus];
    Pressure some;
    Pressure full;
};
static_assert(sizeof(ScheduleInfo) == 448);

}  // namespace kernel::abi
