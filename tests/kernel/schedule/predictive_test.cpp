// SPDX-License-Identifier: Apache-2.0
// Burst prediction: what it learns, and what the policy makes of it.
#include "kernel/schedule/policies/predictive.hpp"

#include <gtest/gtest.h>

#include <random>

namespace kernel {
namespace {

constexpr uint64_t border = 1000;

// The share of right predictions over the last half of the bursts.
template <class Bursts>
double learnt(Bursts length) {
    const BurstPredictor predictor(border);
    BurstState burst;
    constexpr uint64_t count = 400;
    uint64_t hits = 0;
    for (uint64_t i = 0; i < count; ++i) {
        if (i == count / 2) hits = burst.hits;
        predictor.begin(burst, 5000);
        predictor.run(burst, static_cast<uint64_t>(length(i)));
        predictor.end(burst);
    }
    EXPECT_EQ(burst.predictions, count);
    return static_cast<double>(burst.hits - hits) / (count / 2);
}

TEST(BurstPredictor, KnowsSteadyThreads) {
    EXPECT_EQ(learnt([](uint64_t) { return 100; }), 1.0);
    EXPECT_EQ(learnt([](uint64_t) { return 9000; }), 1.0);
}

TEST(BurstPredictor, LearnsThatBurstsAlternate) {
    EXPECT_GE(learnt([](uint64_t i) { return i % 2 == 0 ? 200 : 5000; }), 0.95);
}

TEST(BurstPredictor, FollowsAChange) {
    EXPECT_GE(learnt([](uint64_t i) { return i < 300 ? 100 : 8000; }), 0.9);
}

TEST(BurstPredictor, IsNoWorseThanTheCommonerAnswerOnNoise) {
    std::mt19937 random(5);
    EXPECT_GE(learnt([&](uint64_t) { return random() % 10 < 8 ? 300 : 4000; }), 0.65);
}

TEST(BurstPredictor, ABurstThatGoesOnIsExpectedToBeLong) {
    const BurstPredictor predictor(border);
    BurstState burst;
    predictor.begin(burst, 0);
    EXPECT_TRUE(burst.expects_short);
    predictor.run(burst, 300);
    EXPECT_LE(predictor.expected(burst), border);
    predictor.run(burst, 5000);
    EXPECT_GE(predictor.expected(burst), 5300U);
}

struct PredictiveTest : testing::Test {
    void teach(Entity& entity, uint64_t length) {
        entity.cpu_mask = ~uint64_t{0};
        for (int i = 0; i < 20; ++i) {
            policy.join(entity, now, i == 0 ? Arrival::New : Arrival::Woken);
            policy.charge(entity, length);
            now += length;
            policy.block(entity);
            policy.leave(entity, now);
            now += 100'000;
        }
    }
    uint64_t now = 0;
    PredictiveQueue policy{TickRate{1'000'000}};
    Entity quick;
    Entity slow;
};

TEST_F(PredictiveTest, AShortBurstGoesBeforeALongOne) {
    teach(quick, 100);
    teach(slow, 20'000);
    EXPECT_EQ(policy.placement(quick), Placement::Near);
    EXPECT_EQ(policy.placement(slow), Placement::Capable);
    policy.join(slow, now, Arrival::Woken);
    policy.queue(slow);
    ASSERT_EQ(policy.take(), &slow);
    EXPECT_EQ(policy.slice(slow), 6000U);
    policy.join(quick, now, Arrival::Woken);
    policy.queue(quick);
    EXPECT_TRUE(policy.preempts(quick, slow));
    policy.queue(slow);
    ASSERT_EQ(policy.take(), &quick);
    EXPECT_EQ(policy.slice(quick), 200U);
    // But once it has had more than its share, the other one goes on.
    policy.charge(quick, 20'000);
    EXPECT_FALSE(policy.preempts(quick, slow));
    policy.queue(quick);
    EXPECT_EQ(policy.take(), &slow);
}

}  // namespace
}  // namespace kernel
