// SPDX-License-Identifier: Apache-2.0
// What others published of cores' speed on small pieces of code, to hold the cost model against.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sim/timing/cost_model.hpp"

namespace orrery::timing {

// One figure: the cycles of each round when a piece of code is repeated without end.
struct PublishedFigure {
    std::string_view core;  // "cortex-a55"
    std::string_view what;
    std::vector<uint32_t> code;  // one round
    double least = 0;            // cycles a round; the two differ where a document gives a range
    double most = 0;
    std::string_view source;
};

// In the order in which they are told.
[[nodiscard]] std::span<const PublishedFigure> published_figures();

// What the model says to the same: the cycles of each of many rounds of `code`.
[[nodiscard]] double cycles_a_round(CostModel& model, std::span<const uint32_t> code);

}  // namespace orrery::timing
