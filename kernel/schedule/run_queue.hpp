// SPDX-License-Identifier: Apache-2.0
// The run queue of one CPU: the scheduling classes in their order, each with its policy. Deadlines
// go before real-time threads, these before normal ones, whose policy is chosen at boot.
//
// Deadline threads belong to the CPU that has reserved their time: they are never stolen.
#pragma once

#include "kernel/schedule/policies/deadline.hpp"
#include "kernel/schedule/policies/policy_choice.hpp"
#include "kernel/schedule/policies/round_robin.hpp"
#include "kernel/schedule/real_time_limit.hpp"

namespace kernel {

class RunQueue final {
  public:
    RunQueue() = default;
    RunQueue(const RunQueue&) = delete;
    RunQueue& operator=(const RunQueue&) = delete;

    // Before anything else, once.
    void initialise(const PolicyKind& normal, TickRate rate) {
        real_time_ = new (real_time_room_) RoundRobin(rate);
        normal_ = normal.create(normal_room_, rate);
        limit_.initialise(rate);
    }

    [[nodiscard]] Policy& policy_of(const Entity& entity) {
        switch (entity.schedule_class) {
            case ScheduleClass::Deadline: return deadline_;
            case ScheduleClass::RealTime: return *real_time_;
            case ScheduleClass::Normal: break;
        }
        return *normal_;
    }
    [[nodiscard]] const Policy& normal() const { return *normal_; }

    // Those that wait for this CPU and may run now.
    [[nodiscard]] size_t size() const {
        return deadline_.size() + real_time_->size() + normal_->size();
    }
    [[nodiscard]] bool empty() const { return size() == 0; }

    // The one to run, no longer queued, or null.
    [[nodiscard]] Entity* take(uint64_t now) {
        deadline_.replenish(now);
        if (Entity* first = deadline_.take()) return first;
        limit_.advance(now);
        if (real_time_is_held()) return normal_->take();
        if (Entity* first = real_time_->take()) return first;
        return normal_->take();
    }
    // The same of the classes that go before `floor`.
    [[nodiscard]] Entity* take_above(ScheduleClass floor, uint64_t now) {
        if (floor == ScheduleClass::Deadline) return nullptr;
        deadline_.replenish(now);
        if (Entity* first = deadline_.take()) return first;
        if (floor == ScheduleClass::RealTime) return nullptr;
        limit_.advance(now);
        return limit_.is_reached() ? nullptr : real_time_->take();
    }
    // The entity, which runs, has done so for so long.
    void charge(Entity& entity, uint64_t now, uint64_t ticks) {
        policy_of(entity).charge(entity, ticks);
        if (entity.schedule_class == ScheduleClass::RealTime) limit_.charge(now, ticks);
    }
    // The best that may run on `cpu`, no longer queued, or null.
    [[nodiscard]] Entity* steal_for(unsigned cpu) {
        if (Entity* first = real_time_->steal_for(cpu)) return first;
        return normal_->steal_for(cpu);
    }

    // Whether one that has just been queued is to run in the place of the one that does.
    [[nodiscard]] bool preempts(const Entity& queued, const Entity& running) {
        if (is_throttled(queued)) return false;
        if (queued.schedule_class != running.schedule_class) {
            if (queued.schedule_class == ScheduleClass::RealTime && limit_.is_reached()) {
                return false;
            }
            return queued.schedule_class < running.schedule_class;
        }
        return policy_of(queued).preempts(queued, running);
    }
    // Whether somebody of a higher class is queued.
    [[nodiscard]] bool outranks(const Entity& entity) const {
        return has_above(entity.schedule_class);
    }
    [[nodiscard]] bool has_above(ScheduleClass floor) const {
        switch (floor) {
            case ScheduleClass::Normal:
                if (real_time_->size() != 0 && !limit_.is_reached()) return true;
                [[fallthrough]];
            case ScheduleClass::RealTime: return deadline_.size() != 0;
            case ScheduleClass::Deadline: break;
        }
        return false;
    }

    [[nodiscard]] bool is_throttled(const Entity& entity) const {
        return entity.schedule_class == ScheduleClass::Deadline && deadline_.is_throttled(entity);
    }
    bool replenish(uint64_t now) { return deadline_.replenish(now); }
    [[nodiscard]] uint64_t next_replenishment() const { return deadline_.next_replenishment(); }

  private:
    // Normal threads wait, and it is their turn.
    [[nodiscard]] bool real_time_is_held() const {
        return limit_.is_reached() && normal_->size() != 0;
    }

    DeadlineQueue deadline_;
    alignas(64) unsigned char real_time_room_[sizeof(RoundRobin)];
    alignas(64) unsigned char normal_room_[policy_room];
    RoundRobin* real_time_ = nullptr;
    Policy* normal_ = nullptr;
    RealTimeLimit limit_;
};

}  // namespace kernel
