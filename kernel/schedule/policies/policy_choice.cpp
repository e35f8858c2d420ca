// SPDX-License-Identifier: Apache-2.0
// The policies of the normal class by name.
#include "kernel/schedule/policies/policy_choice.hpp"

#include "kernel/schedule/policies/fair.hpp"
#include "kernel/schedule/policies/predictive.hpp"
#include "kernel/schedule/policies/round_robin.hpp"

namespace kernel {
namespace {

constexpr PolicyKind kinds[] = {
    policy_kind<FairQueue>("fair"),
    policy_kind<PredictiveQueue>("predictive"),
    policy_kind<RoundRobin>("rr"),
};

}  // namespace

const PolicyKind* find_policy(std::string_view name) {
    for (const PolicyKind& kind : kinds) {
        if (kind.name == name) return &kind;
    }
    return nullptr;
}

unsigned policy_count() {
    return sizeof kinds / sizeof kinds[0];
}

const PolicyKind& policy_at(unsigned index) {
    return kinds[index];
}

}  // namespace kernel
