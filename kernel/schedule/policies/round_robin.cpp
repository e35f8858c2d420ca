// SPDX-License-Identifier: Apache-2.0
// Round robin on 32 levels.
#include "kernel/schedule/policies/round_robin.hpp"

namespace kernel {

void RoundRobin::join(Entity& entity, uint64_t, Arrival) {
    entity.turn.left = 0;
    ++members_[entity.priority];
}

void RoundRobin::leave(Entity& entity, uint64_t) {
    --members_[entity.priority];
}

void RoundRobin::queue(Entity& entity) {
    auto& level = levels_[entity.priority];
    Entity* const front = level.front();
    if (entity.turn.left != 0 && front != nullptr) {
        level.insert_before(*front, entity);
    } else {
        level.push_back(entity);
    }
    occupied_ |= 1U << entity.priority;
    ++size_;
}

Entity* RoundRobin::take() {
    if (occupied_ == 0) return nullptr;
    const auto level = static_cast<uint32_t>(31 - __builtin_clz(occupied_));
    Entity* const entity = levels_[level].front();
    remove(*entity);
    start(*entity);
    return entity;
}

void RoundRobin::remove(Entity& entity) {
    auto& level = levels_[entity.priority];
    level.remove(entity);
    if (level.empty()) occupied_ &= ~(1U << entity.priority);
    --size_;
}

Entity* RoundRobin::steal_for(unsigned cpu) {
    for (uint32_t rest = occupied_; rest != 0;) {
        const auto level = static_cast<uint32_t>(31 - __builtin_clz(rest));
        rest &= ~(1U << level);
        for (Entity* e = levels_[level].front(); e != nullptr; e = levels_[level].next(*e)) {
            if (!e->may_run_on(cpu)) continue;
            remove(*e);
            return e;
        }
    }
    return nullptr;
}

void RoundRobin::charge(Entity& running, uint64_t ticks) {
    running.turn.left -= ticks < running.turn.left ? ticks : running.turn.left;
}

uint64_t RoundRobin::new_turn(uint32_t level) const {
    const uint64_t share = round_ / members_[level];
    return share < shortest_ ? shortest_ : share > longest_ ? longest_ : share;
}

}  // namespace kernel
