// SPDX-License-Identifier: Apache-2.0
// Scheduling: what threads ask for, and how they fared.
#pragma once

#include "user/lib/system.hpp"

namespace user {

constexpr abi::ThreadParameters normal_thread(uint32_t weight, uint64_t cpu_mask = 0) {
    return {.schedule_class = abi::ScheduleClass::Normal,
            .priority = 16,
            .weight = weight,
            .reserved = 0,
            .runtime = 0,
            .deadline = 0,
            .period = 0,
            .cpu_mask = cpu_mask};
}

constexpr abi::ThreadParameters real_time_thread(uint32_t priority, uint64_t cpu_mask = 0) {
    abi::ThreadParameters result = normal_thread(100, cpu_mask);
    result.schedule_class = abi::ScheduleClass::RealTime;
    result.priority = priority;
    return result;
}

// `runtime` in each `period`, by its end; in nanoseconds.
constexpr abi::ThreadParameters deadline_thread(uint64_t runtime, uint64_t period,
                                                uint64_t cpu_mask = 0) {
    abi::ThreadParameters result = normal_thread(100, cpu_mask);
    result.schedule_class = abi::ScheduleClass::Deadline;
    result.runtime = runtime;
    result.deadline = result.period = period;
    return result;
}

// `thread`: the name of any task's thread, 0 for the caller.
[[nodiscard]] inline Status schedule_thread(uint32_t thread,
                                            const abi::ThreadParameters& parameters) {
    return system::call(abi::SystemCall::ThreadSchedule, thread, system::address_of(&parameters))
        .status();
}

[[nodiscard]] inline Result<abi::ThreadReport> read_thread(uint32_t thread) {
    abi::ThreadReport report{};
    const auto raw =
        system::call(abi::SystemCall::ThreadScheduleRead, thread, system::address_of(&report));
    if (raw.value < 0) return raw.status();
    return report;
}

// Computes for so many nanoseconds of the thread's own time; for ever if that cannot be read.
inline void compute_for(uint64_t time) {
    const auto own_time = [] {
        const auto report = read_thread(0);
        return report ? report->run_time : 0;
    };
    const uint64_t begin = own_time();
    while (own_time() - begin < time) {
        for (unsigned i = 0; i < 200; ++i) asm volatile("" ::: "memory");
    }
}

// Takes a CPU out, or puts it in again.
[[nodiscard]] inline Status plug_cpu(uint32_t cpu, bool in) {
    return system::call(abi::SystemCall::CpuPlug, cpu, in ? 1 : 0).status();
}

[[nodiscard]] inline Result<abi::ScheduleInfo> read_schedule() {
    abi::ScheduleInfo info{};
    const auto raw = system::call(abi::SystemCall::ScheduleRead, system::address_of(&info));
    if (raw.value < 0) return raw.status();
    return info;
}

}  // namespace user
