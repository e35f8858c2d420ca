// SPDX-License-Identifier: Apache-2.0
// Fair queueing by earliest eligible virtual deadline.
#include "kernel/schedule/policies/fair.hpp"

namespace kernel {
namespace {

Entity* entity_of(TreeNode* node) {
    return static_cast<Entity*>(node);
}

int64_t difference(uint64_t a, uint64_t b) {
    return static_cast<int64_t>(a - b);
}

}  // namespace

// Moves V to where the sum is no more than a remainder. Numbers stay far from 64 bits: a lag is
// bounded by two requests, and the sum was a remainder before its last change.
void FairQueue::settle() {
    if (weight_ == 0) {
        sum_ = 0;
        return;
    }
    const auto weight = static_cast<int64_t>(weight_);
    int64_t step = sum_ / weight;
    if (sum_ % weight < 0) --step;
    time_ += static_cast<uint64_t>(step);
    sum_ -= step * weight;
}

void FairQueue::ask(Entity& entity) {
    entity.fair.deadline = entity.fair.time + virtual_ticks(request(entity), entity.weight);
}

int64_t FairQueue::bounded_lag(const Entity& entity) const {
    const auto most = static_cast<int64_t>(2 * virtual_ticks(request_, entity.weight));
    const int64_t lag = difference(time_, entity.fair.time);
    return lag > most ? most : lag < -most ? -most : lag;
}

// What it has waited for elsewhere counts towards a debt as waiting in the queue would have done.
int64_t FairQueue::lag_on_return(const Entity& entity, uint64_t now) const {
    const int64_t lag = entity.fair.lag;
    if (lag >= 0) return lag;
    const uint64_t debt = static_cast<uint64_t>(-lag);
    const uint64_t away = now - entity.fair.left_at;
    if (away >= debt / greatest_weight * (weight_ + entity.weight)) return 0;
    return lag + static_cast<int64_t>(away * greatest_weight / (weight_ + entity.weight));
}

void FairQueue::join(Entity& entity, uint64_t now, Arrival arrival) {
    FairState& fair = entity.fair;
    if (arrival == Arrival::New || weight_ == 0) {
        fair.time = time_;
    } else {
        // The newcomer pulls the average towards itself: of what is put in, only W / (W + w) stays.
        const int64_t lag = lag_on_return(entity, now);
        const auto sum = static_cast<int64_t>(weight_ + entity.weight);
        fair.time = time_ - static_cast<uint64_t>(lag * sum / static_cast<int64_t>(weight_));
    }
    sum_ += static_cast<int64_t>(entity.weight) * difference(fair.time, time_);
    weight_ += entity.weight;
    settle();
    ask(entity);
}

void FairQueue::leave(Entity& entity, uint64_t now) {
    entity.fair.lag = bounded_lag(entity);
    entity.fair.left_at = now;
    sum_ -= static_cast<int64_t>(entity.weight) * difference(entity.fair.time, time_);
    weight_ -= entity.weight;
    settle();
}

void FairQueue::queue(Entity& entity) {
    queue_.insert(entity, entity.fair.deadline, entity.fair.time);
}

Entity* FairQueue::take() {
    TreeNode* best = queue_.first_up_to(time_);
    // Only while the one that runs is far behind all others.
    if (best == nullptr) best = queue_.first();
    if (best != nullptr) queue_.remove(*best);
    return entity_of(best);
}

Entity* FairQueue::steal_for(unsigned cpu) {
    for (TreeNode* node = queue_.first(); node != nullptr; node = OrderedTree::next(*node)) {
        if (!entity_of(node)->may_run_on(cpu)) continue;
        queue_.remove(*node);
        return entity_of(node);
    }
    return nullptr;
}

void FairQueue::charge(Entity& running, uint64_t ticks) {
    FairState& fair = running.fair;
    const uint64_t service = ticks * greatest_weight + fair.remainder;
    const uint64_t step = service / running.weight;
    fair.remainder = service % running.weight;
    fair.time += step;
    sum_ += static_cast<int64_t>(step * running.weight);
    settle();
    if (!is_before(fair.time, fair.deadline)) ask(running);
}

uint64_t FairQueue::slice(Entity& running) {
    const uint64_t rest = running.fair.deadline - running.fair.time;
    const uint64_t ticks = (rest * running.weight + greatest_weight - 1) / greatest_weight;
    const uint64_t most = request(running);
    return ticks < most ? ticks : most;
}

// As late as if it had a request more to wait for; not later each time.
void FairQueue::yield(Entity& running) {
    running.fair.deadline = running.fair.time + 2 * virtual_ticks(request(running), running.weight);
}

bool FairQueue::preempts(const Entity& queued, const Entity& running) const {
    const bool eligible = !is_before(time_, queued.fair.time);
    return eligible && is_before(queued.fair.deadline, running.fair.deadline);
}

}  // namespace kernel
