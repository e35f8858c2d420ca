// SPDX-License-Identifier: Apache-2.0
// Flows between interrupts, calls, wake-ups and runs.
#include "gui/trace/flows.hpp"

#include <gtest/gtest.h>

#include "gui/trace/lookup.hpp"
#include "tests/gui/trace/written_trace.hpp"

namespace {

using namespace inspector;
using inspector::testing::record;
using inspector::testing::RecordTranslator;
using inspector::testing::WrittenTrace;
using kernel::abi::TraceType;

// Thread 7 sleeps in a call; an interrupt on CPU 1 wakes it; it wakes thread 8 in a call of its
// own.
void chain(WrittenTrace& trace) {
    RecordTranslator to(trace.writer());
    to.record(10, record(TraceType::ThreadSwitch, 0, 7, 0));
    to.record(20, record(TraceType::SystemCallEnter, 0, 7, 5, 0));
    to.record(30, record(TraceType::ThreadSwitch, 0, 0, 7));
    to.record(40, record(TraceType::InterruptEnter, 1, 0, 33));
    to.record(45, record(TraceType::ThreadWake, 1, 0, 7, 0));
    to.record(48, record(TraceType::InterruptExit, 1, 0, 33));
    to.record(60, record(TraceType::ThreadSwitch, 0, 7, 0));
    to.record(65, record(TraceType::SystemCallExit, 0, 7, 5, 0));
    to.record(70, record(TraceType::SystemCallEnter, 0, 7, 6, 0));
    to.record(75, record(TraceType::ThreadWake, 0, 7, 8, 1));
    to.record(78, record(TraceType::SystemCallExit, 0, 7, 6, 0));
    to.record(80, record(TraceType::ThreadSwitch, 1, 8, 0));
    to.record(99, record(TraceType::ThreadSwitch, 1, 0, 8));
}

TrackId thread_track(const TraceStore& store, uint32_t tid) {
    return store.threads()[*store.find_thread(tid)].track;
}

TEST(Flows, ARunIsLedBackToTheInterruptThatWokeIt) {
    WrittenTrace trace;
    chain(trace);
    const TraceStore& store = trace.read();
    const auto run = run_at(store, store.find_cpu(0, TrackKind::Cpu), 61);
    const auto flows = flows_of(store, *run);
    ASSERT_EQ(flows.size(), 2U);
    EXPECT_EQ(flows[0].kind, FlowKind::InterruptToWake);
    EXPECT_EQ(flows[0].from, *slice_at(store, store.find_cpu(1, TrackKind::Interrupts), 45));
    EXPECT_EQ(flows[1].kind, FlowKind::WakeToRun);
    EXPECT_EQ(flows[1].from, (EventRef{thread_track(store, 7), LaneKind::Wakes, 0, 0}));
    EXPECT_EQ(flows[1].to, *run);
    EXPECT_EQ(flows[1].from_time, 45U);
    EXPECT_EQ(flows[1].to_time, 60U);
    // The thread's own track tells the same.
    EXPECT_EQ(flows_of(store, *run_at(store, thread_track(store, 7), 61)), flows);
    EXPECT_EQ(flows_of(store, flows[1].from), flows);
}

TEST(Flows, AnInterruptLeadsToWhatItWoke) {
    WrittenTrace trace;
    chain(trace);
    const TraceStore& store = trace.read();
    const auto interrupt = slice_at(store, store.find_cpu(1, TrackKind::Interrupts), 45);
    const auto flows = flows_of(store, *interrupt);
    ASSERT_EQ(flows.size(), 2U);
    EXPECT_EQ(flows[0].from, *interrupt);
    EXPECT_EQ(flows[1].kind, FlowKind::WakeToRun);
}

TEST(Flows, ACallLeadsToTheSwitchItSleptBy) {
    WrittenTrace trace;
    chain(trace);
    const TraceStore& store = trace.read();
    const auto call = slice_at(store, thread_track(store, 7), 25);
    const auto flows = flows_of(store, *call);
    ASSERT_EQ(flows.size(), 1U);
    EXPECT_EQ(flows[0].kind, FlowKind::SystemCallToSwitch);
    EXPECT_EQ(flows[0].from, *call);
    EXPECT_EQ(flows[0].to_time, 30U);
    // The run that it ended tells of it too.
    EXPECT_EQ(flows_of(store, flows[0].to), flows);
}

TEST(Flows, ACallLeadsToWhatItWoke) {
    WrittenTrace trace;
    chain(trace);
    const TraceStore& store = trace.read();
    const auto call = slice_at(store, thread_track(store, 7), 72);
    const auto flows = flows_of(store, *call);
    ASSERT_EQ(flows.size(), 2U);
    EXPECT_EQ(flows[0].kind, FlowKind::SystemCallToWake);
    EXPECT_EQ(flows[0].from, *call);
    EXPECT_EQ(flows[0].to, (EventRef{thread_track(store, 8), LaneKind::Wakes, 0, 0}));
    EXPECT_EQ(flows[1].kind, FlowKind::WakeToRun);
    EXPECT_EQ(flows[1].to, *run_at(store, store.find_cpu(1, TrackKind::Cpu), 85));
}

TEST(Flows, WhatHasNoneHasNone) {
    WrittenTrace trace;
    chain(trace);
    const TraceStore& store = trace.read();
    EXPECT_TRUE(flows_of(store, {}).empty());
    // The first run came without a wake-up, but its end was in a call.
    EXPECT_EQ(flows_of(store, *run_at(store, thread_track(store, 8), 85)).size(), 2U);
}

}  // namespace
