// SPDX-License-Identifier: Apache-2.0
// Fair queueing: earliest eligible virtual deadline first (Stoica and Abdel-Wahab, "Earliest
// Eligible Virtual Deadline First", TR-95-22, Old Dominion University, 1995).
//
// Virtual time V goes on at 1/W of real time, W being the sum of the members' weights: it says how
// much service a weight of one would have had so far if everybody were served at once. A member
// that was served for t real ticks has advanced by t / weight. Its lag is what V is ahead of that.
// Who has a lag of zero or more is eligible; among the eligible the one goes first whose current
// request, `request` ticks of service, ought to be done earliest.
//
// The bound (theorem 1 there): with the members fixed, what one has had differs from its fair share
// by no more than the longest request and the time by which a turn can overrun.
//
// Unit of virtual time: greatest_weight units to the tick for weight one, so that a weight divides
// a member's service with a remainder that is kept. Nothing is lost, the lags always add up to 0.
//
// Deviations, of which the first is also Linux's (since 6.6): V is the average of the members'
// times by weight, which is the same while nobody comes or goes. Lag is kept over a wait, bounded
// by two requests; a debt is worked off while waiting as fast as by waiting in the queue. Time
// without any member is free for all.
//
// Joining, leaving, queueing and taking take O(log n) steps; stealing looks at each queued entity
// at most once.
#pragma once

#include "kernel/schedule/policies/policy.hpp"

namespace kernel {

class FairQueue : public Policy {
  public:
    // Ticks of service that one request asks for, where nothing else is known.
    explicit FairQueue(TickRate rate) : request_(rate.microseconds(3'000)) {}

    [[nodiscard]] const char* name() const override { return "fair"; }
    void join(Entity& entity, uint64_t now, Arrival arrival) override;
    void leave(Entity& entity, uint64_t now) override;
    void queue(Entity& entity) override;
    [[nodiscard]] Entity* take() override;
    void remove(Entity& entity) override { queue_.remove(entity); }
    [[nodiscard]] Entity* steal_for(unsigned cpu) override;
    [[nodiscard]] size_t size() const override { return queue_.size(); }
    void charge(Entity& running, uint64_t ticks) override;
    [[nodiscard]] uint64_t slice(Entity& running) override;
    void yield(Entity& running) override;
    [[nodiscard]] bool preempts(const Entity& queued, const Entity& running) const override;

    [[nodiscard]] uint64_t virtual_time() const { return time_; }
    [[nodiscard]] uint64_t total_weight() const { return weight_; }
    // Sum over all members of weight times what they are ahead of virtual_time(): less than
    // total_weight(), which is the part that virtual_time() leaves off.
    [[nodiscard]] int64_t rounding() const { return sum_; }

  protected:
    [[nodiscard]] uint64_t usual_request() const { return request_; }
    // Ticks of service that the entity's next request asks for.
    [[nodiscard]] virtual uint64_t request(const Entity&) const { return request_; }
    ~FairQueue() = default;

  private:
    [[nodiscard]] static uint64_t virtual_ticks(uint64_t ticks, uint32_t weight) {
        return ticks * greatest_weight / weight;
    }
    void ask(Entity& entity);
    void settle();
    [[nodiscard]] int64_t bounded_lag(const Entity& entity) const;
    [[nodiscard]] int64_t lag_on_return(const Entity& entity, uint64_t now) const;

    OrderedTree queue_;    // by virtual deadline, with virtual time as value
    uint64_t time_ = 0;    // V, rounded down
    int64_t sum_ = 0;      // of weight x (time - V)
    uint64_t weight_ = 0;  // W
    uint64_t request_;
};

}  // namespace kernel
