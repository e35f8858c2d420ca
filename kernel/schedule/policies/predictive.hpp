// SPDX-License-Identifier: Apache-2.0
// Predictive: fair queueing whose requests are as long as the burst that each thread is expected to
// run.
//
// With EEVDF a short request has an early deadline, so a thread that is expected to run shortly
// goes before those that compute (the boost), and takes no more of the CPU than its share all the
// same: the bound of fair.hpp holds with the longest request here. Who is expected to run long has
// long turns, and so fewer switches. On a wake-up the short ones want their last CPU, whose caches
// know them, and the long ones the fastest that is idle. What is expected comes from
// BurstPredictor; a burst that turns out longer loses its advantage with its next request.
#pragma once

#include "kernel/schedule/policies/burst_predictor.hpp"
#include "kernel/schedule/policies/fair.hpp"

namespace kernel {

class PredictiveQueue final : public FairQueue {
  public:
    explicit PredictiveQueue(TickRate rate)
        : FairQueue(rate),
          predictor_(rate.microseconds(1'000)),
          shortest_(rate.microseconds(200)),
          longest_(rate.microseconds(6'000)) {}

    [[nodiscard]] const char* name() const override { return "predictive"; }
    void join(Entity& entity, uint64_t now, Arrival arrival) override;
    void charge(Entity& running, uint64_t ticks) override;
    void block(Entity& running) override { predictor_.end(running.burst); }
    [[nodiscard]] Placement placement(const Entity& entity) const override;

  private:
    [[nodiscard]] uint64_t request(const Entity& entity) const override;

    BurstPredictor predictor_;
    uint64_t shortest_;
    uint64_t longest_;
};

}  // namespace kernel
