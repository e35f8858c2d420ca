// SPDX-License-Identifier: Apache-2.0
// Round robin on 32 levels: the highest level that has anybody goes first, in turns within it.
//
// A turn adapts to the crowd: the members of a level share `round` between them, so that each comes
// to its turn within about that time, but for no less than `shortest` and no more than `longest`.
// Who is preempted by a higher level keeps the rest of its turn and its place. All operations take
// constant time, but for stealing, which looks at each queued entity at most once.
#pragma once

#include "kernel/schedule/policies/policy.hpp"

namespace kernel {

class RoundRobin final : public Policy {
  public:
    explicit RoundRobin(TickRate rate)
        : shortest_(rate.microseconds(1'000)),
          longest_(rate.microseconds(10'000)),
          round_(rate.microseconds(20'000)) {}

    [[nodiscard]] const char* name() const override { return "rr"; }
    void join(Entity& entity, uint64_t now, Arrival arrival) override;
    void leave(Entity& entity, uint64_t now) override;
    void queue(Entity& entity) override;
    [[nodiscard]] Entity* take() override;
    void remove(Entity& entity) override;
    void start(Entity& entity) override {
        if (entity.turn.left == 0) entity.turn.left = new_turn(entity.priority);
    }
    [[nodiscard]] Entity* steal_for(unsigned cpu) override;
    [[nodiscard]] size_t size() const override { return size_; }
    void charge(Entity& running, uint64_t ticks) override;
    [[nodiscard]] uint64_t slice(Entity& running) override { return running.turn.left; }
    void yield(Entity& running) override { running.turn.left = 0; }
    [[nodiscard]] bool preempts(const Entity& queued, const Entity& running) const override {
        return queued.priority > running.priority;
    }

  private:
    [[nodiscard]] uint64_t new_turn(uint32_t level) const;

    List<Entity, &Entity::turn_node> levels_[priority_levels];
    uint32_t occupied_ = 0;  // a bit for each level that has anybody queued
    uint32_t members_[priority_levels] = {};
    size_t size_ = 0;
    uint64_t shortest_;
    uint64_t longest_;
    uint64_t round_;
};

}  // namespace kernel
