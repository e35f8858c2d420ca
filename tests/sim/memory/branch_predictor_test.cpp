// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/branch_predictor.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/sim/memory/fixture.hpp"

namespace orrery::memory {
namespace {

struct BranchPredictorTest : testing::Test {
    BranchPredictor predictor{"predictor", cortex_a76().branches};

    // How many of so many branches were mispredicted after as many to learn from.
    uint64_t mispredicted(const std::function<Branch(uint64_t)>& branch, uint64_t number) {
        for (uint64_t i = 0; i < number; ++i) predictor.predict(branch(i));
        predictor.reset_counts();
        for (uint64_t i = 0; i < number; ++i) predictor.predict(branch(number + i));
        return predictor.counts().mispredicted;
    }
};

TEST_F(BranchPredictorTest, LearnsABiasInTwoBranches) {
    EXPECT_EQ(predictor.predict(0x1000, true, 0x2000), Prediction::mispredicted);
    EXPECT_EQ(predictor.predict(0x1000, true, 0x2000), Prediction::late) << "no target yet";
    EXPECT_EQ(predictor.predict(0x1000, true, 0x2000), Prediction::right);
    EXPECT_EQ(predictor.predict(0x1000, false, 0x2000), Prediction::mispredicted);
}

TEST_F(BranchPredictorTest, LearnsLoopsByHistory) {
    const auto loop = [](uint64_t i) {
        return Branch{0x1000, 0x0f00, BranchKind::conditional, i % 6 != 5};
    };
    EXPECT_EQ(mispredicted(loop, 6000), 0u);
}

TEST_F(BranchPredictorTest, LearnsWhatFollowsFromAnotherBranch) {
    // Two branches by turns: the second goes as the first did, which is random.
    Random random(1);
    bool direction = false;
    const auto pair = [&](uint64_t i) {
        if (i % 2 == 0) direction = random() % 2 == 0;
        return Branch{i % 2 == 0 ? 0x1000u : 0x1100u, 0x2000, BranchKind::conditional, direction};
    };
    const uint64_t wrong = mispredicted(pair, 200'000);
    EXPECT_GT(wrong, 45'000u) << "the first cannot be known";
    EXPECT_LT(wrong, 60'000u) << "the second can";
}

TEST_F(BranchPredictorTest, KnowsReturnsAsDeepAsItsStack) {
    const uint32_t deep = cortex_a76().branches.return_entries;
    for (const uint32_t depth : {deep, deep + 1}) {
        predictor.clear();
        for (uint32_t i = 0; i < depth; ++i) {
            predictor.predict({0x1000 + 16 * i, 0x4000, BranchKind::call, true});
        }
        predictor.reset_counts();
        for (uint32_t i = depth; i-- > 0;) {
            predictor.predict({0x4100, 0x1004 + 16 * i, BranchKind::return_, true});
        }
        EXPECT_EQ(predictor.counts().mispredicted, depth - deep);
    }
}

TEST_F(BranchPredictorTest, KnowsAlternatingIndirectTargets) {
    const auto interpreter = [](uint64_t i) {
        return Branch{0x1000, 0x2000 + 0x40 * (i % 3), BranchKind::indirect, true};
    };
    EXPECT_EQ(mispredicted(interpreter, 1000), 0u);
}

TEST_F(BranchPredictorTest, ForgetsTargetsBeyondItsBuffer) {
    const uint32_t entries = cortex_a76().branches.btb_entries;
    const auto late = [&](uint32_t branches) {
        predictor.clear();
        for (int round = 0; round < 3; ++round) {
            predictor.reset_counts();
            for (uint32_t i = 0; i < branches; ++i) {
                predictor.predict({0x1000 + 4 * i, 0x100, BranchKind::direct, true});
            }
        }
        return predictor.counts().late;
    };
    EXPECT_EQ(late(entries), 0u);
    EXPECT_EQ(late(entries * 2), entries * 2);
}

TEST(BranchPredictor, RefusesImpossibleGeometry) {
    BranchPredictorGeometry geometry = cortex_a76().branches;
    geometry.direction_entries = 3000;
    EXPECT_EQ(complaint([&] { BranchPredictor("predictor", geometry); }),
              "predictor: direction_entries is 3000, give a power of two");
    geometry = cortex_a76().branches;
    geometry.btb_ways = 5;
    EXPECT_EQ(complaint([&] { BranchPredictor("predictor", geometry); }),
              "predictor: 6144 entries of the BTB in 5 ways, give a multiple");
}

}  // namespace
}  // namespace orrery::memory
