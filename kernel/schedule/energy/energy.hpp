// SPDX-License-Identifier: Apache-2.0
// Energy: the books on what threads and CPUs use, where a waking thread goes by them, and what the
// clocks are asked for.
//
// A CPU's utilisation is the sum of those of the threads that ran or were put there last, awake or
// not. Running time counts by what the CPU can do at the clock that was asked for last, so figures
// compare across CPUs and clocks; a clock that heat keeps lower is not known of.
//
// Clocks are asked for in two steps, as a message to the platform takes 10 us and more: a review
// notes a wish under the lock, and a CPU on its way out of the kernel or into idleness carries it
// out without.
//
// All of it is off unless the command line wants it and the machine has operating points with a
// power each. Functions marked "locked" need the Objects lock.
#pragma once

#include <atomic>

#include "kernel/boot/command_line.hpp"
#include "kernel/schedule/energy/energy_placement.hpp"
#include "kernel/schedule/energy/frequency_governor.hpp"
#include "kernel/schedule/energy/utilisation.hpp"

namespace kernel {

class Clocks;
struct MachineDescription;
struct Thread;

// The clocks at boot: a governor that never changes them goes before `cpu_performance=`.
[[nodiscard]] PerformanceWish boot_clocks(const CommandLine& options);

// False when a CPU has no domain, or an operating point no power.
[[nodiscard]] bool make_energy_model(const MachineDescription& machine, const Clocks& clocks,
                                     EnergyModel& model);

class Energy final {
  public:
    // Boot CPU, once the clocks are as boot_clocks() says; tells the log what it will do.
    void initialise(const MachineDescription& machine, const Clocks& clocks,
                    const CommandLine& options);

    [[nodiscard]] bool tracks() const { return tracks_; }
    [[nodiscard]] bool places() const { return places_; }
    [[nodiscard]] const EnergyModel& model() const { return model_; }

    // Locked. The thread begins to run on this CPU; it stops; it has run on; there is none to run.
    void begin(Thread& thread, uint64_t now);
    void end(Thread& thread, uint64_t now);
    void go_on(Thread& thread, uint64_t now);
    void idle(uint64_t now);

    // Locked. A CPU for a thread that was woken or is new, out of `allowed`, with `idle` those that
    // have nothing to run: no_cpu when energy has nothing to say. Precondition: `allowed` is a part
    // of `online`.
    [[nodiscard]] unsigned choose(Thread& thread, uint64_t online, uint64_t allowed, uint64_t idle);
    // Locked. The thread waits on that CPU now.
    void placed(Thread& thread, unsigned cpu);
    // Locked. The thread, which runs, is too much for its CPU, and a larger one is idle.
    [[nodiscard]] bool should_move(const Thread& thread, uint64_t idle) const;
    // Locked. When this CPU, which idles, should see whether clocks can go down; in ticks,
    // UINT64_MAX for never.
    [[nodiscard]] uint64_t next_review() const;

    // Asks for the clocks that reviews have found. Precondition: no lock held.
    void apply();
    // Somebody has set the clock of a domain, or it was so at boot.
    void clock_changed(uint32_t domain, uint32_t kilohertz);

    // Locked.
    [[nodiscard]] uint32_t utilisation(unsigned cpu) const { return used_[cpu].value(); }

  private:
    void advance_cpu(unsigned cpu, uint64_t now);
    void count_on(Thread& thread, unsigned cpu, uint64_t now);
    void review(uint32_t domain, uint64_t now);
    void carry_out(uint32_t domains);

    EnergyModel model_;
    Decay decay_;
    bool tracks_ = false;
    bool places_ = false;
    Governor governor_ = Governor::None;
    uint64_t idle_review_interval_ = 0;  // ticks
    uint64_t running_ = 0;               // CPUs that have a thread
    uint64_t boosted_ = 0;               // of them, those whose thread serves input
    Utilisation used_[hal::max_cpus];
    FrequencyGovernor governors_[EnergyModel::max_domains];
    // What a CPU of the domain can do at the clock that was asked for last.
    std::atomic<uint32_t> capacity_now_[EnergyModel::max_domains] = {};
    std::atomic<uint32_t> wanted_[EnergyModel::max_domains] = {};  // kHz
    std::atomic<uint32_t> pending_{0};                             // domains whose wish is new
    std::atomic<bool> applying_{false};
};

}  // namespace kernel
