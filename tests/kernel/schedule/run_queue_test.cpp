// SPDX-License-Identifier: Apache-2.0
// The order of the classes, under every policy of the normal one.
#include "kernel/schedule/run_queue.hpp"

#include <gtest/gtest.h>

namespace kernel {
namespace {

struct RunQueueTest : testing::TestWithParam<unsigned> {
    RunQueueTest() {
        queue.initialise(policy_at(GetParam()), {1'000'000});
        for (Entity& entity : entities) entity.cpu_mask = ~uint64_t{0};
    }
    Entity& add(ScheduleClass schedule_class) {
        Entity& entity = entities[count++];
        entity.schedule_class = schedule_class;
        entity.deadline.runtime = 100;
        entity.deadline.relative = entity.deadline.period = 1000;
        queue.policy_of(entity).join(entity, 0, Arrival::New);
        queue.policy_of(entity).queue(entity);
        return entity;
    }
    Entity entities[8];
    size_t count = 0;
    RunQueue queue;
};

TEST_P(RunQueueTest, ClassesGoInTheirOrder) {
    const Entity& normal = add(ScheduleClass::Normal);
    const Entity& real_time = add(ScheduleClass::RealTime);
    const Entity& deadline = add(ScheduleClass::Deadline);
    EXPECT_EQ(queue.size(), 3U);
    EXPECT_TRUE(queue.preempts(deadline, real_time));
    EXPECT_TRUE(queue.preempts(real_time, normal));
    EXPECT_FALSE(queue.preempts(normal, real_time));
    EXPECT_TRUE(queue.outranks(normal));
    EXPECT_TRUE(queue.outranks(real_time));
    EXPECT_FALSE(queue.outranks(deadline));
    EXPECT_EQ(queue.take(0), &deadline);
    EXPECT_FALSE(queue.outranks(real_time));
    EXPECT_EQ(queue.take(0), &real_time);
    EXPECT_EQ(queue.take(0), &normal);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.take(0), nullptr);
}

TEST_P(RunQueueTest, AThrottledDeadlineWaitsForItsTime) {
    Entity& deadline = add(ScheduleClass::Deadline);
    Entity& normal = add(ScheduleClass::Normal);
    ASSERT_EQ(queue.take(0), &deadline);
    queue.policy_of(deadline).charge(deadline, 100);
    EXPECT_TRUE(queue.is_throttled(deadline));
    queue.policy_of(deadline).queue(deadline);
    EXPECT_FALSE(queue.preempts(deadline, normal));
    EXPECT_EQ(queue.next_replenishment(), 1000U);
    EXPECT_EQ(queue.take(999), &normal);
    EXPECT_EQ(queue.take(999), nullptr);
    EXPECT_EQ(queue.take(1000), &deadline);
}

// Times are microseconds here.
TEST_P(RunQueueTest, ARealTimeThreadThatNeverWaitsLeavesSomeTimeToNormalOnes) {
    Entity& real_time = add(ScheduleClass::RealTime);
    const Entity& normal = add(ScheduleClass::Normal);
    Entity& other = add(ScheduleClass::RealTime);
    uint64_t now = 5'000'000;  // no part of its first period is over
    ASSERT_EQ(queue.take(now), &real_time);
    for (unsigned i = 0; i < 95; ++i) {
        EXPECT_TRUE(queue.preempts(other, normal)) << i;
        queue.charge(real_time, now += 10'000, 10'000);
    }
    EXPECT_FALSE(queue.preempts(other, normal)) << "so would a wake-up";
    EXPECT_FALSE(queue.outranks(normal));
    EXPECT_EQ(queue.take(now), &normal);
    EXPECT_EQ(queue.take(now), &other) << "nobody else wants the CPU";
    queue.policy_of(other).queue(other);
    EXPECT_EQ(queue.take(now + 60'000), &other) << "a new period";
    EXPECT_TRUE(queue.preempts(other, normal));
}

TEST_P(RunQueueTest, DeadlinesAreNotStolen) {
    add(ScheduleClass::Deadline);
    Entity& normal = add(ScheduleClass::Normal);
    Entity& real_time = add(ScheduleClass::RealTime);
    EXPECT_EQ(queue.steal_for(5), &real_time);
    EXPECT_EQ(queue.steal_for(5), &normal);
    EXPECT_EQ(queue.steal_for(5), nullptr);
    EXPECT_EQ(queue.size(), 1U);
}

TEST_P(RunQueueTest, StealsOnlyWhatMayRunThere) {
    Entity& bound = add(ScheduleClass::Normal);
    Entity& free = add(ScheduleClass::Normal);
    bound.cpu_mask = 1;
    EXPECT_EQ(queue.steal_for(3), &free);
    EXPECT_EQ(queue.steal_for(3), nullptr);
    EXPECT_EQ(queue.steal_for(0), &bound);
}

INSTANTIATE_TEST_SUITE_P(Policies, RunQueueTest, testing::Range(0U, policy_count()),
                         [](const auto& info) { return std::string(policy_at(info.param).name); });

}  // namespace
}  // namespace kernel
