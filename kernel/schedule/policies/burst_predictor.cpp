// SPDX-License-Identifier: Apache-2.0
// The burst predictor.
#include "kernel/schedule/policies/burst_predictor.hpp"

namespace kernel {

int32_t BurstPredictor::output(const BurstState& burst) {
    int32_t sum = 0;
    for (unsigned i = 0; i < BurstState::input_count; ++i) {
        const int32_t weight = burst.weights[i];
        sum += (burst.inputs >> i & 1) != 0 ? weight : -weight;
    }
    return sum;
}

void BurstPredictor::begin(BurstState& burst, uint64_t waited) const {
    constexpr unsigned always = 1;
    unsigned inputs = always;
    inputs |= burst.fast < border_ ? 1U << 1 : 0;
    inputs |= burst.slow < border_ ? 1U << 2 : 0;
    inputs |= burst.last < border_ ? 1U << 3 : 0;
    inputs |= waited > burst.last ? 1U << 4 : 0;
    burst.inputs = static_cast<uint8_t>(inputs);
    burst.expects_short = output(burst) >= 0;
    burst.under_way = true;
    burst.current = 0;
}

void BurstPredictor::run(BurstState& burst, uint64_t ticks) const {
    burst.current += ticks;
}

void BurstPredictor::end(BurstState& burst) const {
    if (!burst.under_way) return;
    burst.under_way = false;
    const bool was_short = burst.current < border_;
    ++burst.predictions;
    if (was_short == burst.expects_short) ++burst.hits;

    const int32_t said = output(burst);
    const int32_t certainty = said < 0 ? -said : said;
    if (was_short != (said >= 0) || certainty <= threshold) {
        for (unsigned i = 0; i < BurstState::input_count; ++i) {
            const bool agrees = ((burst.inputs >> i & 1) != 0) == was_short;
            const int32_t weight = burst.weights[i] + (agrees ? 1 : -1);
            if (weight <= most_weight && weight >= -most_weight) {
                burst.weights[i] = static_cast<int16_t>(weight);
            }
        }
    }

    const bool first = burst.predictions == 1;
    burst.fast = first ? burst.current : burst.fast - burst.fast / 2 + burst.current / 2;
    burst.slow = first ? burst.current : burst.slow - burst.slow / 8 + burst.current / 8;
    burst.last = burst.current;
}

uint64_t BurstPredictor::expected(const BurstState& burst) const {
    if (burst.current >= border_ || !burst.expects_short) {
        const uint64_t average = burst.slow > border_ ? burst.slow : border_;
        return average > burst.current ? average : burst.current;
    }
    return burst.fast < border_ ? burst.fast : border_;
}

}  // namespace kernel
