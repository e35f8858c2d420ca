// SPDX-License-Identifier: Apache-2.0
// Round robin: levels, turns, and who keeps a place.
#include "kernel/schedule/policies/round_robin.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kernel {
namespace {

struct RoundRobinTest : testing::Test {
    RoundRobinTest() {
        for (Entity& entity : entities) entity.cpu_mask = ~uint64_t{0};
    }
    void add(Entity& entity) {
        policy.join(entity, 0, Arrival::New);
        policy.queue(entity);
    }
    Entity entities[40];
    RoundRobin policy{TickRate{1'000'000}};  // ticks are microseconds
};

TEST_F(RoundRobinTest, TheHighestLevelGoesFirst) {
    for (uint32_t level = 0; level < priority_levels; ++level) {
        entities[level].priority = (level * 5) % priority_levels;
        add(entities[level]);
    }
    for (uint32_t level = priority_levels; level-- > 0;) {
        EXPECT_EQ(policy.take()->priority, level);
    }
    EXPECT_EQ(policy.take(), nullptr);
}

TEST_F(RoundRobinTest, TurnsGoRound) {
    for (int i = 0; i < 3; ++i) add(entities[i]);
    for (int turn = 0; turn < 9; ++turn) {
        Entity* entity = policy.take();
        ASSERT_EQ(entity, &entities[turn % 3]);
        policy.charge(*entity, policy.slice(*entity));
        policy.queue(*entity);
    }
}

TEST_F(RoundRobinTest, WhoIsPreemptedKeepsTheRestOfTheTurn) {
    add(entities[0]);
    add(entities[1]);
    Entity* first = policy.take();
    EXPECT_EQ(policy.slice(*first), 10'000U);
    policy.charge(*first, 4'000);
    entities[2].priority = 20;
    add(entities[2]);
    EXPECT_TRUE(policy.preempts(entities[2], *first));
    EXPECT_FALSE(policy.preempts(entities[1], *first));
    policy.queue(*first);
    EXPECT_EQ(policy.take(), &entities[2]);
    EXPECT_EQ(policy.take(), first);
    EXPECT_EQ(policy.slice(*first), 6'000U);
    policy.yield(*first);
    policy.queue(*first);
    EXPECT_EQ(policy.take(), &entities[1]);
}

TEST_F(RoundRobinTest, TurnsAdaptToTheCrowd) {
    for (uint64_t crowd = 1; crowd <= 40; ++crowd) {
        add(entities[crowd - 1]);
        Entity* entity = policy.take();
        const uint64_t share = 20'000 / crowd;
        EXPECT_EQ(policy.slice(*entity), std::clamp<uint64_t>(share, 1'000, 10'000));
        policy.yield(*entity);
        policy.queue(*entity);
    }
}

TEST_F(RoundRobinTest, StealsTheBestThatMayRunThere) {
    for (int i = 0; i < 4; ++i) add(entities[i]);
    entities[0].cpu_mask = 1;
    entities[1].cpu_mask = 1U << 3;
    EXPECT_EQ(policy.steal_for(3), &entities[1]);
    EXPECT_EQ(policy.steal_for(3), &entities[2]);
    EXPECT_EQ(policy.steal_for(3), &entities[3]);
    EXPECT_EQ(policy.steal_for(3), nullptr);
    EXPECT_EQ(policy.size(), 1U);
}

}  // namespace
}  // namespace kernel
