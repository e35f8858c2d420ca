// SPDX-License-Identifier: Apache-2.0
// Tests of RecordTap: the bounded queue.
#include "sim/trace/record_tap.hpp"

#include <gtest/gtest.h>

namespace orrery::trace {
namespace {

TappedRecord at(uint64_t time) {
    return {.time = time, .source = "cpu0", .name = "Fault"};
}

TEST(RecordTap, GivesTheOldestFirst) {
    RecordTap tap(10);
    for (uint64_t time = 1; time <= 4; ++time) tap.add(at(time));
    const auto first = tap.take(3);
    ASSERT_EQ(first.size(), 3u);
    EXPECT_EQ(first[0].time, 1u);
    EXPECT_EQ(first[2].time, 3u);
    EXPECT_EQ(tap.size(), 1u);
    EXPECT_EQ(tap.take(3).at(0).time, 4u);
    EXPECT_TRUE(tap.take(3).empty());
    EXPECT_EQ(tap.dropped(), 0u);
}

TEST(RecordTap, DropsTheOldestAndCounts) {
    RecordTap tap(3);
    for (uint64_t time = 1; time <= 5; ++time) tap.add(at(time));
    EXPECT_EQ(tap.size(), 3u);
    EXPECT_EQ(tap.dropped(), 2u);
    EXPECT_EQ(tap.take(1).at(0).time, 3u);
}

TEST(RecordTap, NamesTypes) {
    EXPECT_EQ(trace_type_name(abi::TraceType::ThreadSwitch), "ThreadSwitch");
    EXPECT_EQ(trace_type_name(abi::TraceType::CpuOnline), "CpuOnline");
    EXPECT_EQ(trace_type_name(abi::TraceType::ContainerThrottle), "ContainerThrottle");
    EXPECT_EQ(trace_type_name(static_cast<abi::TraceType>(999)), "Unknown");
}

}  // namespace
}  // namespace orrery::trace
