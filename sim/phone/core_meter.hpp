// SPDX-License-Identifier: Apache-2.0
// CoreMeter: what an engine charges for a block: the cost model's answer for one core type.
#pragma once

#include "sim/engine/meter.hpp"
#include "sim/timing/cost_model.hpp"

namespace orrery::phone {

class CoreMeter final : public engine::Meter {
  public:
    explicit CoreMeter(const timing::CoreType& core) : model_(core) {}

    [[nodiscard]] uint32_t block(std::span<const uint32_t> code) override {
        return model_.cost(code);
    }

  private:
    static_assert(engine::parts_per_cycle == timing::parts_per_cycle);
    timing::CostModel model_;
};

}  // namespace orrery::phone
