// SPDX-License-Identifier: Apache-2.0
// Prints the cost model's figures beside the published ones, one row of tab-separated fields each:
// core, what, cycles of the model, least and most cycles published, source. Whoever adds rows that
// need more than the pipeline (caches, DRAM, mispredicted branches) adds a function like
// pipeline_rows() and calls it from main().
#include <fmt/format.h>

#include <exception>
#include <vector>

#include "sim/timing/cost_model.hpp"
#include "sim/timing/published.hpp"

namespace orrery::timing {
namespace {

void print_row(std::string_view core, std::string_view what, double cycles, double least,
               double most, std::string_view source) {
    fmt::print("{}\t{}\t{:.3f}\t{:g}\t{:g}\t{}\n", core, what, cycles, least, most, source);
}

// The pipeline alone: every access hits the L1 and every branch is foreseen.
void pipeline_rows() {
    for (const std::string& name : CoreType::list()) {
        CostModel model(CoreType::load(name));
        for (const PublishedFigure& figure : published_figures()) {
            if (figure.core != name) continue;
            print_row(name, figure.what, cycles_a_round(model, figure.code), figure.least,
                      figure.most, figure.source);
        }
    }
}

}  // namespace
}  // namespace orrery::timing

int main() {
    try {
        orrery::timing::pipeline_rows();
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
