// SPDX-License-Identifier: Apache-2.0
// Deadline scheduling with constant bandwidth servers.
#include "kernel/schedule/policies/deadline.hpp"

namespace kernel {
namespace {

Entity* entity_of(TreeNode* node) {
    return static_cast<Entity*>(node);
}

// Whether what is left, used until the deadline, would be more than the reserved share.
bool exceeds_share(const DeadlineState& server, uint64_t now) {
    if (server.remaining <= 0) return false;
    const auto left = static_cast<uint64_t>(server.remaining);
    return left * server.period > (server.absolute - now) * server.runtime;
}

}  // namespace

void DeadlineQueue::join(Entity& entity, uint64_t now, Arrival arrival) {
    DeadlineState& server = entity.deadline;
    if (arrival == Arrival::Migrated) return;
    const bool fresh = arrival == Arrival::New;
    if (!fresh && !is_before(server.absolute, now) && !exceeds_share(server, now)) return;
    server.absolute = now + server.relative;
    server.remaining = static_cast<int64_t>(server.runtime);
}

void DeadlineQueue::queue(Entity& entity) {
    DeadlineState& server = entity.deadline;
    server.waits = is_throttled(entity);
    (server.waits ? waiting_ : ready_).insert(entity, server.absolute, 0);
}

Entity* DeadlineQueue::take() {
    TreeNode* const first = ready_.first();
    if (first != nullptr) ready_.remove(*first);
    return entity_of(first);
}

void DeadlineQueue::remove(Entity& entity) {
    (entity.deadline.waits ? waiting_ : ready_).remove(entity);
}

Entity* DeadlineQueue::steal_for(unsigned cpu) {
    for (TreeNode* node = ready_.first(); node != nullptr; node = OrderedTree::next(*node)) {
        if (!entity_of(node)->may_run_on(cpu)) continue;
        ready_.remove(*node);
        return entity_of(node);
    }
    return nullptr;
}

void DeadlineQueue::charge(Entity& running, uint64_t ticks) {
    DeadlineState& server = running.deadline;
    const bool had = server.remaining > 0;
    server.remaining -= static_cast<int64_t>(ticks);
    if (had && server.remaining <= 0) ++server.throttled;
}

uint64_t DeadlineQueue::slice(Entity& running) {
    return is_throttled(running) ? 0 : static_cast<uint64_t>(running.deadline.remaining);
}

void DeadlineQueue::yield(Entity& running) {
    if (running.deadline.remaining > 0) running.deadline.remaining = 0;
}

bool DeadlineQueue::preempts(const Entity& queued, const Entity& running) const {
    if (is_throttled(queued)) return false;
    return is_throttled(running) || is_before(queued.deadline.absolute, running.deadline.absolute);
}

bool DeadlineQueue::replenish(uint64_t now) {
    bool any = false;
    for (;;) {
        TreeNode* const node = waiting_.first();
        if (node == nullptr || is_before(now, node->key)) return any;
        Entity& entity = *entity_of(node);
        DeadlineState& server = entity.deadline;
        waiting_.remove(entity);
        const auto runtime = static_cast<int64_t>(server.runtime);
        const int64_t periods = -server.remaining / runtime + 1;
        server.absolute += static_cast<uint64_t>(periods) * server.period;
        server.remaining += periods * runtime;
        queue(entity);
        any = true;
    }
}

uint64_t DeadlineQueue::next_replenishment() const {
    const TreeNode* const node = waiting_.first();
    return node == nullptr ? never : node->key;
}

bool Reservations::is_possible(const DeadlineState& wish) {
    return wish.runtime != 0 && wish.runtime <= wish.relative && wish.relative <= wish.period &&
           wish.period <= longest_period;
}

uint32_t Reservations::share_of(const DeadlineState& wish) {
    return static_cast<uint32_t>((wish.runtime * whole + wish.relative - 1) / wish.relative);
}

unsigned Reservations::reserve(uint32_t share, uint64_t cpus) {
    unsigned best = none;
    for (unsigned cpu = 0; cpu < max_cpus; ++cpu) {
        if ((cpus >> cpu & 1) == 0 || reserved_[cpu] + share > limit) continue;
        if (best == none || reserved_[cpu] < reserved_[best]) best = cpu;
    }
    if (best != none) reserved_[best] += share;
    return best;
}

}  // namespace kernel
