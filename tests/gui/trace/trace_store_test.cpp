// SPDX-License-Identifier: Apache-2.0
// What the store makes of kernel records: the tree of docs/traces.md, runs, slices, marks,
// counters.
#include "gui/trace/trace_store.hpp"

#include <gtest/gtest.h>

#include "gui/trace/lookup.hpp"
#include "kernel/abi/container.hpp"
#include "tests/gui/trace/written_trace.hpp"

namespace {

using namespace inspector;
using inspector::testing::record;
using inspector::testing::RecordTranslator;
using inspector::testing::track_at;
using inspector::testing::WrittenTrace;
using kernel::abi::TraceType;

uint64_t word(std::string_view text) {
    uint64_t result = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        result |= uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
    }
    return result;
}

// A small run: a task with a thread that calls, an interrupt that wakes it, devices.
void small_run(WrittenTrace& trace) {
    RecordTranslator to(trace.writer());
    to.record(0, record(TraceType::CpuOnline, 0, 0, 0));
    to.record(10, record(TraceType::TaskCreate, 0, 0, 3, 1));
    to.record(11, record(TraceType::TaskName, 0, 3, word("shell")));
    to.record(12, record(TraceType::ThreadCreate, 0, 0, 7, 3));
    to.record(20, record(TraceType::ThreadWake, 0, 0, 7, 0));
    to.record(30, record(TraceType::ThreadSwitch, 0, 7, 0));
    to.record(40, record(TraceType::MemoryMap, 0, 7, 0x40000, 4096));
    to.record(50, record(TraceType::SystemCallEnter, 0, 7, 5, 0x123));
    to.record(60, record(TraceType::ThreadSwitch, 0, 0, 7));
    to.record(70, record(TraceType::InterruptEnter, 0, 0, 33));
    to.record(75, record(TraceType::ThreadWake, 0, 0, 7, 0));
    to.record(80, record(TraceType::InterruptExit, 0, 0, 33));
    to.record(90, record(TraceType::ThreadSwitch, 0, 7, 0));
    to.record(95, record(TraceType::SystemCallExit, 0, 7, 5, static_cast<uint64_t>(-2)));
    to.record(96, record(TraceType::FramesFree, 0, 0, 1000, 2000));
    to.record(97, record(TraceType::CpuFrequency, 0, 0, 1'800'000, 0b10));
    to.record(98, record(TraceType::ContainerName, 0, 4, word("web")));
    to.record(98, record(TraceType::ContainerState, 0, 7, 4, 1));
    to.device(99, orrery::trace::DeviceEventKind::Instant, "uart0", "receive", 65);
    to.device(99, orrery::trace::DeviceEventKind::Level, "uart0", "irq", 1);
    to.record(100, record(TraceType::ThreadSwitch, 0, 0, 7));
}

TEST(TraceStore, TheTreeIsThatOfTheDocument) {
    WrittenTrace trace;
    small_run(trace);
    const TraceStore& store = trace.read();
    EXPECT_EQ(trace.progress().complaints, std::vector<std::string>{});
    std::vector<std::string> names;
    for (const TrackId id : store.children(root_track)) names.emplace_back(store.name(id));
    EXPECT_EQ(names, (std::vector<std::string>{"CPUs", "Containers", "Devices", "Tasks", "Threads",
                                               "Free frames"}));
    names.clear();
    for (const TrackId id : store.children(track_at(store, {"CPUs"}))) {
        names.emplace_back(store.name(id));
    }
    EXPECT_EQ(names, (std::vector<std::string>{"CPU 0", "CPU 0 interrupts", "CPU 0 kernel",
                                               "CPU 1 frequency"}));
    const TrackId thread = track_at(store, {"Tasks", "shell", "shell"});
    ASSERT_NE(thread, no_track);
    EXPECT_EQ(store.track(thread).kind, TrackKind::Thread);
    EXPECT_EQ(store.track(thread).number, 7U);
    EXPECT_EQ(store.track(store.track(thread).parent).number, 3U);
    EXPECT_NE(track_at(store, {"Devices", "uart0"}), no_track);
    EXPECT_EQ(store.track(track_at(store, {"Devices", "uart0 irq"})).kind, TrackKind::Counter);
    EXPECT_EQ(store.begin_time(), 0U);
    EXPECT_EQ(store.end_time(), 100U);
    EXPECT_FALSE(store.complete_from());
}

TEST(TraceStore, RunsAreOnTheCpuAndOnTheThread) {
    WrittenTrace trace;
    small_run(trace);
    const TraceStore& store = trace.read();
    const IntervalLane& cpu = *store.track(track_at(store, {"CPUs", "CPU 0"})).runs;
    const IntervalLane& own = *store.track(track_at(store, {"Tasks", "shell", "shell"})).runs;
    ASSERT_EQ(cpu.end_row(), 2U);
    ASSERT_EQ(own.end_row(), 2U);
    for (uint64_t row = 0; row < 2; ++row) {
        EXPECT_EQ(cpu.begin(row), row == 0 ? 30U : 90U);
        EXPECT_EQ(cpu.end(row), row == 0 ? 60U : 100U);
        EXPECT_EQ(store.threads()[cpu.key(row)].tid, 7U);
        EXPECT_EQ(own.begin(row), cpu.begin(row));
        EXPECT_EQ(own.end(row), cpu.end(row));
        EXPECT_EQ(own.key(row), 0U);
    }
    EXPECT_EQ(static_cast<RunEnd>(cpu.detail(0)), RunEnd::Sleeping);
    EXPECT_EQ(static_cast<RunEnd>(cpu.detail(1)), RunEnd::Runnable);
}

TEST(TraceStore, ACallHasTheArgumentsOfBothItsEnds) {
    WrittenTrace trace;
    small_run(trace);
    const TraceStore& store = trace.read();
    const TrackId thread = track_at(store, {"Tasks", "shell", "shell"});
    const auto call = slice_at(store, thread, 55);
    ASSERT_TRUE(call);
    const EventDetails about = details(store, *call);
    EXPECT_EQ(about.begin, 50U);
    EXPECT_EQ(about.end, 95U);
    std::string text;
    for (const Argument& one : about.arguments) {
        text += std::string(store.strings().view(one.name)) + "=" +
                value_text(one, store.strings()) + " ";
    }
    EXPECT_TRUE(text.starts_with("argument=0x123 result=-2 status=")) << text;
}

TEST(TraceStore, MarksAndCountersAreThere) {
    WrittenTrace trace;
    small_run(trace);
    const TraceStore& store = trace.read();
    const Track& thread = store.track(track_at(store, {"Tasks", "shell", "shell"}));
    ASSERT_EQ(thread.marks->end_row(), 2U);
    EXPECT_EQ(store.strings().view(thread.marks->key(0)), "map memory");
    EXPECT_EQ(value_at(store, track_at(store, {"Free frames"}), 96), 1000);
    EXPECT_EQ(value_at(store, track_at(store, {"Free frames"}), 95), std::nullopt);
    EXPECT_EQ(value_at(store, track_at(store, {"CPUs", "CPU 1 frequency"}), 100), 1'800'000);
    const TrackId container = track_at(store, {"Containers", "web"});
    ASSERT_NE(container, no_track);
    EXPECT_EQ(store.track(container).number, 4U);
    EXPECT_EQ(store.track(container).marks->end_row(), 1U);
}

// A thread from before the trace is known by a name at the root only.
TEST(TraceStore, AThreadFromBeforeTheTraceHasOneTrack) {
    WrittenTrace trace;
    {
        RecordTranslator to(trace.writer());
        to.record(10, record(TraceType::ThreadSwitch, 1, 9, 0));
        to.record(20, record(TraceType::SystemCallEnter, 1, 9, 5, 0));
    }
    const TraceStore& store = trace.read();
    const TrackId thread = track_at(store, {"Threads", "thread-9"});
    ASSERT_NE(thread, no_track);
    EXPECT_EQ(store.track(thread).slices.size(), 1U);
    EXPECT_TRUE(store.track(thread).runs->last_is_open());
}

TEST(TraceStore, SlicesNestByDepth) {
    WrittenTrace trace;
    const auto track = trace.writer().named_track("nested");
    trace.writer().slice_begin(1, track, "outer");
    trace.writer().slice_begin(2, track, "inner");
    EXPECT_TRUE(trace.writer().slice_end(3, track));
    trace.writer().slice_begin(4, track, "second");
    EXPECT_TRUE(trace.writer().slice_end(5, track));
    EXPECT_TRUE(trace.writer().slice_end(6, track));
    const TraceStore& store = trace.read();
    const auto& slices = store.track(track_at(store, {"nested"})).slices;
    ASSERT_EQ(slices.size(), 2U);
    EXPECT_EQ(slices[0]->end(0), 6U);
    EXPECT_EQ(slices[1]->end_row(), 2U);
    EXPECT_EQ(slices[1]->begin(1), 4U);
}

TEST(TraceStore, ALossEndsWhatRan) {
    WrittenTrace trace;
    RecordTranslator to(trace.writer());
    to.record(10, record(TraceType::ThreadSwitch, 0, 9, 0));
    to.record(50, record(TraceType::ThreadSwitch, 1, 8, 0));
    to.lost(60, 0, 100);
    to.record(90, record(TraceType::ThreadSwitch, 0, 0, 5));
    const TraceStore& store = trace.read();
    const IntervalLane& cpu = *store.track(track_at(store, {"CPUs", "CPU 0"})).runs;
    ASSERT_EQ(cpu.end_row(), 1U);
    EXPECT_EQ(cpu.end(0), 50U);
    EXPECT_EQ(static_cast<RunEnd>(cpu.detail(0)), RunEnd::Unknown);
    EXPECT_EQ(trace.progress().built.losses, 1U);
}

}  // namespace
