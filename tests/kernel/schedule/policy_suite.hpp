// SPDX-License-Identifier: Apache-2.0
// What every policy of the normal class has to keep, whatever its order: nobody is lost, given
// twice or forgotten.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "kernel/schedule/policies/policy_choice.hpp"

namespace kernel {

struct PolicySuite : testing::TestWithParam<const PolicyKind*> {
    static constexpr TickRate rate{1'000'000};

    PolicySuite() : policy(*GetParam()->create(room, rate)), entities(24) {
        for (Entity& entity : entities) entity.cpu_mask = ~uint64_t{0};
    }
    void add(Entity& entity, Arrival arrival = Arrival::New) {
        policy.join(entity, now, arrival);
        policy.queue(entity);
        ++queued;
    }
    // One turn; who had it.
    Entity* turn() {
        Entity* entity = policy.take();
        if (entity == nullptr) return nullptr;
        const uint64_t ticks = policy.slice(*entity);
        EXPECT_GT(ticks, 0U);
        EXPECT_LE(ticks, rate.microseconds(100'000));
        now += ticks;
        policy.charge(*entity, ticks);
        policy.queue(*entity);
        return entity;
    }

    alignas(64) unsigned char room[policy_room];
    Policy& policy;
    std::vector<Entity> entities;
    uint64_t now = 1'000'000;
    size_t queued = 0;
};

TEST_P(PolicySuite, WhoIsQueuedIsTakenOnce) {
    for (Entity& entity : entities) add(entity);
    EXPECT_EQ(policy.size(), entities.size());
    std::vector<Entity*> taken;
    while (Entity* entity = policy.take()) taken.push_back(entity);
    EXPECT_EQ(policy.size(), 0U);
    std::sort(taken.begin(), taken.end());
    EXPECT_EQ(std::unique(taken.begin(), taken.end()), taken.end());
    EXPECT_EQ(taken.size(), entities.size());
}

TEST_P(PolicySuite, EverybodyHasItsTurns) {
    for (Entity& entity : entities) add(entity);
    std::vector<size_t> turns(entities.size());
    for (int i = 0; i < 2000; ++i) ++turns[static_cast<size_t>(turn() - entities.data())];
    EXPECT_GE(*std::min_element(turns.begin(), turns.end()), 20U);
}

TEST_P(PolicySuite, AYieldLetsAnotherOneGoFirst) {
    add(entities[0]);
    add(entities[1]);
    Entity* first = policy.take();
    policy.yield(*first);
    policy.queue(*first);
    EXPECT_NE(policy.take(), first);
}

TEST_P(PolicySuite, StealsWhoMayRunThere) {
    for (Entity& entity : entities) {
        entity.cpu_mask = &entity - entities.data() == 7 ? 0b100 : 0b011;
        add(entity);
    }
    EXPECT_EQ(policy.steal_for(2), &entities[7]);
    policy.leave(entities[7], now);
    EXPECT_EQ(policy.steal_for(2), nullptr);
    EXPECT_EQ(policy.size(), entities.size() - 1);
}

// A long random life, with a count of who is queued as oracle.
TEST_P(PolicySuite, ComingAndGoingLosesNobody) {
    std::mt19937 random(1);
    std::vector<bool> member(entities.size());
    for (int step = 0; step < 20'000; ++step) {
        const size_t index = random() % entities.size();
        Entity& entity = entities[index];
        if (!member[index]) {
            add(entity, random() % 2 == 0 ? Arrival::Woken : Arrival::Migrated);
            member[index] = true;
        } else if (random() % 4 == 0) {
            policy.remove(entity);
            policy.leave(entity, now);
            member[index] = false;
            --queued;
        } else {
            Entity* ran = policy.take();
            ASSERT_NE(ran, nullptr);
            const uint64_t ticks = 1 + random() % policy.slice(*ran);
            now += ticks;
            policy.charge(*ran, ticks);
            if (random() % 3 == 0) {
                policy.block(*ran);
                policy.leave(*ran, now);
                member[static_cast<size_t>(ran - entities.data())] = false;
                --queued;
            } else {
                policy.queue(*ran);
            }
        }
        ASSERT_EQ(policy.size(), queued);
    }
}

inline std::string policy_test_name(const testing::TestParamInfo<const PolicyKind*>& info) {
    return std::string(info.param->name);
}

}  // namespace kernel
