// SPDX-License-Identifier: Apache-2.0
// The policy of the tutorial docs/first-scheduler.md: stride scheduling (Waldspurger and Weihl,
// MIT/LCS/TM-528, 1995).
//
// Every member has a pass, which goes on by 1 / weight with its service; the least pass goes first.
// Joining, leaving, queueing and taking take O(log n) steps; stealing looks at each queued entity
// at most once.
#pragma once

#include "kernel/schedule/policies/policy.hpp"

namespace kernel {

class StrideQueue final : public Policy {
  public:
    explicit StrideQueue(TickRate rate) : slice_(rate.microseconds(5'000)) {}

    [[nodiscard]] const char* name() const override { return "stride"; }
    void join(Entity& entity, uint64_t now, Arrival arrival) override;
    void leave(Entity&, uint64_t) override {}
    void queue(Entity& entity) override { queue_.insert(entity, pass(entity), 0); }
    [[nodiscard]] Entity* take() override;
    void remove(Entity& entity) override { queue_.remove(entity); }
    [[nodiscard]] Entity* steal_for(unsigned cpu) override;
    [[nodiscard]] size_t size() const override { return queue_.size(); }
    void charge(Entity& running, uint64_t ticks) override;
    [[nodiscard]] uint64_t slice(Entity&) override { return slice_; }
    void yield(Entity& running) override { charge(running, slice_); }
    [[nodiscard]] bool preempts(const Entity&, const Entity&) const override { return false; }

  private:
    // A policy of one's own keeps what it needs to know in Entity::own.
    [[nodiscard]] static uint64_t& pass(Entity& entity) { return entity.own[0]; }

    OrderedTree queue_;  // by pass
    uint64_t pass_ = 0;  // of the one that was taken last
    uint64_t slice_;
};

}  // namespace kernel
