// SPDX-License-Identifier: Apache-2.0
// The tutorial's policy conforms, and does what it says of itself.
#include "docs/first_scheduler/stride_queue.hpp"

#include "tests/kernel/schedule/policy_suite.hpp"

namespace kernel {
namespace {

constexpr PolicyKind stride = policy_kind<StrideQueue>("stride");

INSTANTIATE_TEST_SUITE_P(FirstScheduler, PolicySuite, testing::Values(&stride), policy_test_name);

TEST(StrideQueue, SharesByWeight) {
    StrideQueue policy(TickRate{1'000'000});
    Entity light;
    Entity heavy;
    heavy.weight = 3 * light.weight;
    for (Entity* entity : {&light, &heavy}) {
        policy.join(*entity, 0, Arrival::New);
        policy.queue(*entity);
    }
    int turns_of_heavy = 0;
    for (int turn = 0; turn < 400; ++turn) {
        Entity* entity = policy.take();
        turns_of_heavy += entity == &heavy ? 1 : 0;
        policy.charge(*entity, policy.slice(*entity));
        policy.queue(*entity);
    }
    EXPECT_NEAR(turns_of_heavy, 300, 1);
}

}  // namespace
}  // namespace kernel
