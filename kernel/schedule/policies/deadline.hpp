// SPDX-License-Identifier: Apache-2.0
// Deadline scheduling: earliest deadline first (Liu and Layland, 1973) among constant bandwidth
// servers (Abeni and Buttazzo, 1998), by the rules of Linux Documentation/scheduler/
// sched-deadline.rst, section 2.1.
//
// A thread reserves `runtime` in each `period`, to be had within `relative` from the period's
// begin. Its server keeps a scheduling deadline d and a remaining runtime q:
//   wake-up at t:   if d < t or q / (d - t) > runtime / period, then d = t + relative, q = runtime
//   running for t:  q = q - t
//   q <= 0:         throttled until d, which is also its replenishment time
//   replenishment:  d = d + period, q = q + runtime
//   yield:          nothing is left of this period
//
// What it guarantees on one CPU: while the sum of runtime / min(relative, period) over all members
// is at most 1, every one of them has its runtime by its deadline (section 3.2 there), whatever any
// of them does. Used as one queue for M CPUs, a job is late by no more than the bound of
// section 3.1.
//
// One deviation: an overrun of several periods at once is made good for all of them in one step.
// Joining, leaving, queueing and taking take O(log n) steps.
#pragma once

#include "kernel/schedule/policies/policy.hpp"

namespace kernel {

class DeadlineQueue final : public Policy {
  public:
    static constexpr uint64_t never = UINT64_MAX;

    [[nodiscard]] const char* name() const override { return "deadline"; }
    void join(Entity& entity, uint64_t now, Arrival arrival) override;
    void leave(Entity&, uint64_t) override {}
    void queue(Entity& entity) override;
    [[nodiscard]] Entity* take() override;
    void remove(Entity& entity) override;
    [[nodiscard]] Entity* steal_for(unsigned cpu) override;
    // Those that are not throttled.
    [[nodiscard]] size_t size() const override { return ready_.size(); }
    void charge(Entity& running, uint64_t ticks) override;
    [[nodiscard]] uint64_t slice(Entity& running) override;
    void yield(Entity& running) override;
    [[nodiscard]] bool preempts(const Entity& queued, const Entity& running) const override;

    // Gives a new runtime to those whose replenishment time has come; whether there were any.
    bool replenish(uint64_t now);
    // When the next one's comes.
    [[nodiscard]] uint64_t next_replenishment() const;
    [[nodiscard]] bool is_throttled(const Entity& entity) const {
        return entity.deadline.remaining <= 0;
    }

  private:
    OrderedTree ready_;    // by scheduling deadline
    OrderedTree waiting_;  // by replenishment time
};

// Shares of CPUs that are reserved. Sections 3.2 and 4: a thread belongs to one CPU, whose shares
// add up to no more than 95 %, so that something is left for everybody else.
class Reservations final {
  public:
    static constexpr uint32_t whole = 1U << 20;
    static constexpr uint32_t limit = whole / 100 * 95;
    static constexpr unsigned none = UINT32_MAX;
    // Periods in ticks, so that products of two fit in 64 bits.
    static constexpr uint64_t longest_period = uint64_t{1} << 31;

    // Whether 0 < runtime <= relative <= period <= longest_period.
    [[nodiscard]] static bool is_possible(const DeadlineState& wish);
    // runtime / relative, rounded up.
    [[nodiscard]] static uint32_t share_of(const DeadlineState& wish);

    // Reserves on the CPU of the mask that has most left, and says which; `none` when it does not
    // fit on any.
    [[nodiscard]] unsigned reserve(uint32_t share, uint64_t cpus);
    void give_back(uint32_t share, unsigned cpu) { reserved_[cpu] -= share; }
    [[nodiscard]] uint32_t reserved(unsigned cpu) const { return reserved_[cpu]; }

  private:
    static constexpr unsigned max_cpus = 8;
    uint32_t reserved_[max_cpus] = {};
};

}  // namespace kernel
