// SPDX-License-Identifier: Apache-2.0
// Result and the two macros that pass a failure on.
#include "kernel/base/result.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace kernel {
namespace {

Result<int> halve(int number) {
    if (number % 2 != 0) return Status::InvalidArgument;
    return number / 2;
}

Result<int> quarter(int number, int& reached) {
    const int half = TRY(halve(number));
    ++reached;
    const int result = TRY(halve(half));
    ++reached;
    return result;
}

Status only_status(Status first, int& reached) {
    TRY_STATUS(first);
    ++reached;
    return Status::Busy;
}

TEST(Result, HoldsAValueOrAStatus) {
    const Result<int> good = 5;
    EXPECT_TRUE(good.ok());
    EXPECT_EQ(good.status(), Status::Ok);
    EXPECT_EQ(good.value(), 5);
    const Result<int> bad = Status::NoMemory;
    EXPECT_FALSE(bad.ok());
    EXPECT_EQ(bad.status(), Status::NoMemory);
}

TEST(Result, TryUnwrapsOrLeavesWithTheStatus) {
    int reached = 0;
    EXPECT_EQ(quarter(12, reached).value(), 3);
    EXPECT_EQ(reached, 2);
    EXPECT_EQ(quarter(6, reached).status(), Status::InvalidArgument);
    EXPECT_EQ(reached, 3);
    EXPECT_EQ(quarter(5, reached).status(), Status::InvalidArgument);
    EXPECT_EQ(reached, 3);
}

TEST(Result, TryStatusLeavesOnlyOnFailure) {
    int reached = 0;
    EXPECT_EQ(only_status(Status::NotFound, reached), Status::NotFound);
    EXPECT_EQ(reached, 0);
    EXPECT_EQ(only_status(Status::Ok, reached), Status::Busy);
    EXPECT_EQ(reached, 1);
}

TEST(Result, EveryStatusHasANameOfItsOwn) {
    std::set<std::string> names;
    for (int code = 0; code >= -15; --code) {
        names.insert(abi::status_name(static_cast<Status>(code)));
    }
    EXPECT_EQ(names.size(), 16U);
    EXPECT_EQ(names.count("unknown status"), 0U);
    EXPECT_STREQ(abi::status_name(static_cast<Status>(-16)), "unknown status");
}

}  // namespace
}  // namespace kernel
