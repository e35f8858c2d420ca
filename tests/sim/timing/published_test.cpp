// SPDX-License-Identifier: Apache-2.0
#include "sim/timing/published.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace orrery::timing {
namespace {

// The aim of the model: within a tenth of every published figure.
TEST(Published, TheModelIsWithinATenth) {
    for (const std::string& name : CoreType::list()) {
        CostModel model(CoreType::load(name));
        for (const PublishedFigure& figure : published_figures()) {
            if (figure.core != name) continue;
            const double cycles = cycles_a_round(model, figure.code);
            const double nearest = std::clamp(cycles, figure.least, figure.most);
            EXPECT_NEAR(cycles, nearest, 0.1 * nearest) << name << ": " << figure.what;
        }
    }
}

TEST(Published, EachCoreHasFigures) {
    for (const std::string& name : CoreType::list()) {
        const auto is_its = [&](const PublishedFigure& figure) { return figure.core == name; };
        EXPECT_GE(std::ranges::count_if(published_figures(), is_its), 20) << name;
    }
}

}  // namespace
}  // namespace orrery::timing
