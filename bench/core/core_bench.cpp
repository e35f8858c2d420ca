// SPDX-License-Identifier: Apache-2.0
// Prints the figures of the cost model and of the memory models beside the published ones, one row
// of tab-separated fields each: part, core, what, the model's figure, its unit, least and most
// published, source. Nothing published is 0.
#include <fmt/format.h>

#include <exception>
#include <vector>

#include "sim/memory/levels.hpp"
#include "sim/timing/cost_model.hpp"
#include "sim/timing/published.hpp"

namespace orrery::timing {
namespace {

void print_cycles(std::string_view core, std::string_view what, double cycles, double least,
                  double most, std::string_view source) {
    fmt::print("pipeline\t{}\t{}\t{:.3f}\tcycles\t{:g}\t{:g}\t{}\n", core, what, cycles, least,
               most, source);
}

// The pipeline alone: every access hits the L1 and every branch is foreseen.
void pipeline_rows() {
    for (const std::string& name : CoreType::list()) {
        CostModel model(CoreType::load(name));
        for (const PublishedFigure& figure : published_figures()) {
            if (figure.core != name) continue;
            print_cycles(name, figure.what, cycles_a_round(model, figure.code), figure.least,
                         figure.most, figure.source);
        }
    }
}

// Caches, translation, DRAM, mispredicted branches.
void memory_rows() {
    for (const memory::LevelRow& row : memory::level_rows()) {
        fmt::print("memory\t{}\t{}\t{:.3f}\t{}\t{:g}\t{:g}\t{}{}\n", row.core, row.name, row.model,
                   row.unit, row.published, row.published, row.source,
                   row.calibrated ? ", calibrated" : "");
    }
}

}  // namespace
}  // namespace orrery::timing

int main() {
    try {
        orrery::timing::pipeline_rows();
        orrery::timing::memory_rows();
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
