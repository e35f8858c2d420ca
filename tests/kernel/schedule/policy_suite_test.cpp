// SPDX-License-Identifier: Apache-2.0
// The kernel's policies under the suite that each of them has to pass.
#include "tests/kernel/schedule/policy_suite.hpp"

namespace kernel {
namespace {

std::vector<const PolicyKind*> all_policies() {
    std::vector<const PolicyKind*> kinds;
    for (unsigned i = 0; i < policy_count(); ++i) kinds.push_back(&policy_at(i));
    return kinds;
}

INSTANTIATE_TEST_SUITE_P(Policies, PolicySuite, testing::ValuesIn(all_policies()),
                         policy_test_name);

TEST(PolicyChoice, KnowsPoliciesByName) {
    for (const PolicyKind* kind : all_policies()) EXPECT_EQ(find_policy(kind->name), kind);
    EXPECT_EQ(find_policy("none"), nullptr);
    EXPECT_EQ(find_policy(""), nullptr);
}

}  // namespace
}  // namespace kernel
