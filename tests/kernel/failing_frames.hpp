// SPDX-License-Identifier: Apache-2.0
// Fault injection: an operation is run again and again, each time with another one of its
// frame allocations refused, until it needs no more than were granted.
#pragma once

#include <gtest/gtest.h>

#include "tests/kernel/frames_bench.hpp"

namespace kernel {

enum class Refusal {
    Onwards,  // that allocation and all after it: memory has run out
    Once,     // only that one: it is there again when something else is tried
};

// For n from 1: prepare(), then operation() with its n-th allocation refused, then
// check(status, refused), which sees to it that nothing is lost and takes back what was done.
// `operation` returns a Status: Ok, or NoMemory if one was refused. Returns the number of
// allocation sites that were refused.
template <class Prepare, class Operation, class Check>
uint64_t refuse_each(RefusingStrategy& strategy, Refusal refusal, Prepare prepare,
                     Operation operation, Check check) {
    for (uint64_t site = 1;; ++site) {
        SCOPED_TRACE(testing::Message() << "allocation " << site << " is refused");
        prepare();
        if (refusal == Refusal::Once) {
            strategy.refuse_only(site);
        } else {
            strategy.refuse_from(site);
        }
        const Status status = operation();
        const bool refused = strategy.has_refused();
        strategy.refuse_from(0);
        if (status != Status::Ok) {
            EXPECT_EQ(status, Status::NoMemory);
            EXPECT_TRUE(refused) << "it failed although everything was granted";
        }
        check(status, refused);
        if (!refused || testing::Test::HasFailure()) return site - 1;
    }
}

}  // namespace kernel
