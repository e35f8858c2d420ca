// SPDX-License-Identifier: Apache-2.0
// Trace rings: what is written, what is lost, and when the reader is called.
#include "kernel/trace/trace.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>

#include "tests/kernel/fake_machine.hpp"

namespace kernel {
namespace {

using abi::TraceRecord;
using abi::TraceType;

struct TraceTest : testing::Test {
    static constexpr uint64_t capacity = 8;
    static constexpr unsigned cpus = 2;

    void enable() { trace.enable(records, capacity, cpus); }
    void put(unsigned count) {
        for (unsigned i = 0; i < count; ++i) trace.put(TraceType::ThreadWake, 7, number++, 0);
    }
    abi::TraceRing& ring(unsigned cpu) { return info->rings[cpu]; }
    // Reads a record as the outside does, by the ring's own words.
    TraceRecord take(unsigned cpu) {
        TraceRecord record;
        std::memcpy(
            &record,
            FakeMachine::memory(ring(cpu).records + (ring(cpu).tail % capacity) * sizeof record),
            sizeof record);
        ++ring(cpu).tail;
        return record;
    }

    FakeMachine machine;
    std::unique_ptr<abi::KernelInfo> info = std::make_unique<abi::KernelInfo>();
    TraceRecord* records =
        reinterpret_cast<TraceRecord*>(FakeMachine::memory(FakeMachine::image_end));
    Trace trace{*info};
    uint64_t number = 0;
};

TEST_F(TraceTest, WritesNothingWhileItIsOff) {
    put(3);
    trace.put_name(1, "name");
    EXPECT_FALSE(trace.enabled());
    EXPECT_FALSE(trace.needs_reader());
    EXPECT_EQ(ring(0).records, 0U);
    EXPECT_EQ(ring(0).head, 0U);
    EXPECT_EQ(ring(0).lost, 0U);
}

TEST_F(TraceTest, WritesWholeRecordsToTheRingOfTheCpu) {
    enable();
    const uint64_t ticks = machine.counter();
    trace.put(TraceType::Fault, 3, 0x1234, 0x5678);
    hal::host::present.cpu = 1;
    machine.advance(10);
    trace.put(TraceType::CpuOnline, 0, 1);
    const TraceRecord first = take(0);
    EXPECT_EQ(first.ticks, ticks);
    EXPECT_EQ(first.type, TraceType::Fault);
    EXPECT_EQ(first.cpu, 0U);
    EXPECT_EQ(first.thread, 3U);
    EXPECT_EQ(first.a, 0x1234U);
    EXPECT_EQ(first.b, 0x5678U);
    const TraceRecord second = take(1);
    EXPECT_EQ(second.ticks, ticks + 10);
    EXPECT_EQ(second.cpu, 1U);
    EXPECT_EQ(second.a, 1U);
    EXPECT_EQ(ring(0).head, 1U);
    EXPECT_EQ(ring(1).head, 1U);
    EXPECT_EQ(ring(1).records, ring(0).records + capacity * sizeof(TraceRecord));
    EXPECT_EQ(ring(2).records, 0U);
}

TEST_F(TraceTest, DropsAndCountsWhatDoesNotFit) {
    enable();
    put(capacity + 3);
    EXPECT_EQ(ring(0).head, capacity);
    EXPECT_EQ(ring(0).lost, 3U);
    // What was there is kept, and the neighbour's ring is untouched.
    for (uint64_t i = 0; i < capacity; ++i) EXPECT_EQ(take(0).a, i);
    EXPECT_EQ(ring(1).head, 0U);
    put(1);
    EXPECT_EQ(take(0).a, capacity + 3);
    EXPECT_EQ(ring(0).lost, 3U);
}

TEST_F(TraceTest, WrapsAroundWithoutLossWhileItIsRead) {
    enable();
    for (uint64_t round = 0; round < 100; ++round) {
        put(5);
        for (unsigned i = 0; i < 5; ++i) ASSERT_EQ(take(0).a, round * 5 + i);
    }
    EXPECT_EQ(ring(0).head, 500U);
    EXPECT_EQ(ring(0).lost, 0U);
}

TEST_F(TraceTest, CallsTheReaderWhenARingIsMoreThanHalfFull) {
    enable();
    put(capacity / 2);
    EXPECT_FALSE(trace.needs_reader());
    put(1);
    EXPECT_TRUE(trace.needs_reader());
    (void)take(0);
    EXPECT_FALSE(trace.needs_reader());
    hal::host::present.cpu = 1;
    put(capacity);
    hal::host::present.cpu = 0;
    EXPECT_TRUE(trace.needs_reader());
}

TEST_F(TraceTest, NamesTakeUpToSixteenBytes) {
    enable();
    for (const std::string name : {"", "init", "exactly-sixteen!", "longer-than-sixteen-bytes"}) {
        trace.put_name(9, name.c_str());
        const TraceRecord record = take(0);
        EXPECT_EQ(record.type, TraceType::TaskName);
        EXPECT_EQ(record.thread, 9U);
        char text[17] = {};
        std::memcpy(text, &record.a, 8);
        std::memcpy(text + 8, &record.b, 8);
        EXPECT_EQ(std::string(text), name.substr(0, 16));
    }
}

}  // namespace
}  // namespace kernel
