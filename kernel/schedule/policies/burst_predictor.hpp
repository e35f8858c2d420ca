// SPDX-License-Identifier: Apache-2.0
// The burst predictor: whether a thread's next burst, from a wake-up to the next wait, will be
// short.
//
// Two exponential averages of past bursts, with factors 1/2 and 1/8, and the last burst itself:
// each says "short" or "long" against a border. What they say, and whether the thread waited longer
// than it last ran, are the inputs of a perceptron with small integer weights, which learns after
// every burst, as the branch predictor of Jiménez and Lin does ("Dynamic branch prediction with
// perceptrons", HPCA 2001, with their threshold of 1.93 inputs + 14). Constant time, no division.
#pragma once

#include "kernel/schedule/policies/entity.hpp"

namespace kernel {

class BurstPredictor final {
  public:
    explicit BurstPredictor(uint64_t border) : border_(border) {}

    // A burst begins after a wait of so many ticks. What is expected is in the state afterwards.
    void begin(BurstState& burst, uint64_t waited) const;
    // It goes on. Once it is longer than expected, a long one is expected.
    void run(BurstState& burst, uint64_t ticks) const;
    // It is over: counts whether the prediction was right, and learns.
    void end(BurstState& burst) const;

    // Ticks that the burst is expected to take in all.
    [[nodiscard]] uint64_t expected(const BurstState& burst) const;
    [[nodiscard]] uint64_t border() const { return border_; }

  private:
    static constexpr int32_t threshold = 22;  // 1.93 x 4 + 14
    static constexpr int32_t most_weight = 127;

    [[nodiscard]] static int32_t output(const BurstState& burst);

    uint64_t border_;
};

}  // namespace kernel
