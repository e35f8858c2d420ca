// SPDX-License-Identifier: Apache-2.0
// Tests of PerfettoWriter: what is written can be read back.
#include "sim/trace/perfetto_writer.hpp"

#include <fmt/format.h>

#include <gtest/gtest.h>
#include "sim/trace/guest_memory.hpp"
#include "tests/sim/trace/scratch_folder.hpp"
#include "tests/sim/trace/trace_decoder.hpp"

namespace orrery::trace {
namespace {

using namespace std::string_view_literals;
using testing::complaint;
using testing::decode;
using testing::EventType;
using testing::ScratchFolder;

void write_example(const std::filesystem::path& path) {
    PerfettoWriter writer(path);
    writer.task(10, 1, 0, "init");
    writer.thread(20, 7, 1, "init");
    const Track thread = writer.thread_track(7, 1, "init");
    const Track devices = writer.group_track("Devices");
    const Track uart = writer.named_track("uart", devices);
    const Track free = writer.counter_track("Free frames");
    writer.thread_switch(30, 0, {0, "idle"}, ThreadState::Runnable, {7, "init"});
    writer.thread_waking(31, 0, 7, {8, "shell"}, 2);
    writer.thread_switch(32, 1, {0, "idle"}, ThreadState::Runnable, {8, "shell"});
    writer.slice_begin(40, thread, "console_write", {{"argument", Address{0x1'0000}}});
    writer.instant(41, uart, "sent", {{"value", int64_t{-65}}, {"note", "first"sv}});
    writer.slice_end(50, thread, {{"result", uint64_t{12}}});
    writer.counter(60, free, -5);
    writer.thread_switch(70, 0, {7, "init"}, ThreadState::Ended, {0, "idle"});
    writer.finish();
}

TEST(PerfettoWriter, WritesWhatItWasTold) {
    const ScratchFolder folder;
    write_example(folder.file("t"));
    const auto trace = decode(folder.file("t"));
    EXPECT_EQ(complaint(trace), "");

    EXPECT_EQ(trace.processes.at(process_id_base + 1), "init 0");
    EXPECT_EQ(trace.threads.at(7), fmt::format("init {}", process_id_base + 1));
    ASSERT_EQ(trace.switches.size(), 3u);
    EXPECT_EQ(trace.switches[0], (testing::Switch{30, 0, "idle/0", 0, "init/7"}));
    EXPECT_EQ(trace.switches[1], (testing::Switch{32, 1, "idle/0", 0, "shell/8"}));
    EXPECT_EQ(trace.switches[2], (testing::Switch{70, 0, "init/7", 16, "idle/0"}));
    ASSERT_EQ(trace.wakings.size(), 1u);
    EXPECT_EQ(trace.wakings[0], (testing::Waking{31, 0, 7, "shell/8", 2}));

    ASSERT_EQ(trace.events.size(), 4u);
    EXPECT_EQ(
        trace.events[0],
        (testing::Event{
            40, EventType::SliceBegin, "init/7", "console_write", 0, {{"argument", "0x10000"}}}));
    EXPECT_EQ(
        trace.events[1],
        (testing::Event{
            41, EventType::Instant, "uart", "sent", 0, {{"value", "-65"}, {"note", "first"}}}));
    EXPECT_EQ(trace.events[2],
              (testing::Event{50, EventType::SliceEnd, "init/7", "", 0, {{"result", "12"}}}));
    EXPECT_EQ(trace.events[3], (testing::Event{60, EventType::Counter, "Free frames", "", -5, {}}));
}

TEST(PerfettoWriter, WritesTheSameBytesTwice) {
    const ScratchFolder folder;
    write_example(folder.file("a"));
    write_example(folder.file("b"));
    EXPECT_FALSE(testing::read_file(folder.file("a")).empty());
    EXPECT_EQ(testing::read_file(folder.file("a")), testing::read_file(folder.file("b")));
}

TEST(PerfettoWriter, BundlesSwitchesOfACpu) {
    const ScratchFolder folder;
    constexpr uint64_t count = 10'000;
    PerfettoWriter writer(folder.file("t"));
    for (uint64_t i = 0; i < count; ++i) {
        writer.thread_switch(i, 3, {0, "idle"}, ThreadState::Runnable, {0, "idle"});
    }
    writer.finish();
    const auto trace = decode(folder.file("t"));
    EXPECT_EQ(trace.switches.size(), count);
    EXPECT_LT(trace.packets, 50u);
    EXPECT_GT(trace.packets, 5u) << "a bundle must not grow without bound";
    EXPECT_EQ(complaint(trace), "");
}

TEST(PerfettoWriter, ClosesOpenSlices) {
    const ScratchFolder folder;
    PerfettoWriter writer(folder.file("t"));
    const Track a = writer.named_track("a");
    const Track b = writer.named_track("b");
    EXPECT_FALSE(writer.slice_end(1, a));
    writer.slice_begin(2, b, "outer");
    writer.slice_begin(3, b, "inner");
    writer.slice_begin(4, a, "other");
    writer.finish();
    const auto trace = decode(folder.file("t"));
    EXPECT_EQ(complaint(trace), "");
    EXPECT_EQ(trace.events.size(), 6u);
    EXPECT_EQ(trace.events.back().time, 4u);
}

TEST(PerfettoWriter, WritesNamesBeyondItsTable) {
    const ScratchFolder folder;
    PerfettoWriter writer(folder.file("t"));
    const Track track = writer.named_track("track");
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 5000; ++i) writer.instant(1, track, fmt::format("event {}", i));
    }
    writer.finish();
    const auto trace = decode(folder.file("t"));
    ASSERT_EQ(trace.events.size(), 10'000u);
    EXPECT_EQ(trace.events[0].name, "event 0");
    EXPECT_EQ(trace.events[9'999].name, "event 4999");
}

TEST(PerfettoWriter, LeavesNothingWhenAbandoned) {
    const ScratchFolder folder;
    {
        PerfettoWriter writer(folder.file("t"));
        writer.task(1, 1, 0, "init");
    }
    EXPECT_EQ(folder.entries(), 0);
    EXPECT_THROW(PerfettoWriter(folder.file("none") / "t"), TraceError);
}

}  // namespace
}  // namespace orrery::trace
