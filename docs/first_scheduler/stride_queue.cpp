// SPDX-License-Identifier: Apache-2.0
// The tutorial's policy.
#include "docs/first_scheduler/stride_queue.hpp"

namespace kernel {

// Nobody brings time along that it did not use elsewhere, nor debts.
void StrideQueue::join(Entity& entity, uint64_t, Arrival) {
    pass(entity) = pass_;
}

Entity* StrideQueue::take() {
    auto* first = static_cast<Entity*>(queue_.first());
    if (first == nullptr) return nullptr;
    queue_.remove(*first);
    pass_ = pass(*first);
    return first;
}

Entity* StrideQueue::steal_for(unsigned cpu) {
    for (TreeNode* node = queue_.first(); node != nullptr; node = OrderedTree::next(*node)) {
        auto* entity = static_cast<Entity*>(node);
        if (!entity->may_run_on(cpu)) continue;
        queue_.remove(*entity);
        return entity;
    }
    return nullptr;
}

void StrideQueue::charge(Entity& running, uint64_t ticks) {
    pass(running) += ticks * greatest_weight / running.weight;
}

}  // namespace kernel
