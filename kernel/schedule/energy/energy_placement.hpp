// SPDX-License-Identifier: Apache-2.0
// Energy-aware placement: the CPU where a waking thread is expected to cost the least.
//
// After Linux, Documentation/scheduler/sched-energy.rst, section 4: in each domain the CPU with
// the most spare capacity is a candidate; of these and the CPU where the thread ran before, the one
// with the least power over all wins, and a draw leaves the thread where it was. Two things are
// different. A candidate that idles goes before one that does not, as threads here do not move
// while they wait in a queue. And CPUs that are used beyond 80 % of their capacity (section 5) are
// no candidates; when one is, the answer is none, as the averages tell little then.
//
// Bound: each CPU is looked at once, and two sums are made for each domain and one for the CPU
// before: domains * (CPUs + operating points).
#pragma once

#include "kernel/schedule/energy/energy_model.hpp"

namespace kernel {

// What is used beyond this is too much: the rest is what a clock needs as a margin, and bursts.
[[nodiscard]] constexpr bool fits(uint32_t utilisation, uint32_t capacity) {
    return uint64_t{utilisation} * 100 <= uint64_t{capacity} * 80;
}

struct PlacementQuestion {
    uint64_t online = 0;                  // all CPUs there are
    uint64_t allowed = 0;                 // of them, those where the thread may run
    uint64_t idle = 0;                    // of them, those with nothing to run
    unsigned previous = 0;                // where the thread ran before
    uint32_t utilisation = 0;             // the thread's
    uint32_t others[hal::max_cpus] = {};  // each CPU's, without the thread
};

constexpr unsigned no_cpu = hal::max_cpus;

// Whether a CPU is used beyond 80 % of its capacity.
[[nodiscard]] bool is_overutilised(const EnergyModel& model, const PlacementQuestion& question);

// Power of all domains with the thread on `cpu`, times 1024; with no_cpu, without it.
[[nodiscard]] uint64_t power_with(const EnergyModel& model, const PlacementQuestion& question,
                                  unsigned cpu);

// no_cpu when a CPU is overutilised, or the thread fits nowhere.
[[nodiscard]] unsigned place_by_energy(const EnergyModel& model, const PlacementQuestion& question);

// An idle CPU for a thread when energy is no guide: the one before if the thread fits there, else
// the smallest where it fits, else the largest. no_cpu when none is idle.
[[nodiscard]] unsigned place_by_capacity(const EnergyModel& model,
                                         const PlacementQuestion& question);

}  // namespace kernel
