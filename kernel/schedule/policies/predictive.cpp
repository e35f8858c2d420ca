// SPDX-License-Identifier: Apache-2.0
// Fair queueing with predicted requests.
#include "kernel/schedule/policies/predictive.hpp"

namespace kernel {

// The request is made when the entity has joined, so what is expected comes first.
void PredictiveQueue::join(Entity& entity, uint64_t now, Arrival arrival) {
    if (arrival != Arrival::Migrated) {
        const bool is_new = arrival == Arrival::New;
        predictor_.begin(entity.burst, is_new ? 0 : now - entity.fair.left_at);
    }
    FairQueue::join(entity, now, arrival);
}

void PredictiveQueue::charge(Entity& running, uint64_t ticks) {
    predictor_.run(running.burst, ticks);
    FairQueue::charge(running, ticks);
}

uint64_t PredictiveQueue::request(const Entity& entity) const {
    // Twice of what is expected, so that a burst that is a little longer keeps its turn.
    const uint64_t wanted = 2 * predictor_.expected(entity.burst);
    return wanted < shortest_ ? shortest_ : wanted > longest_ ? longest_ : wanted;
}

Placement PredictiveQueue::placement(const Entity& entity) const {
    return entity.burst.predictions != 0 && !entity.burst.expects_short ? Placement::Capable
                                                                        : Placement::Near;
}

}  // namespace kernel
