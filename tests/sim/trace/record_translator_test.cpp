// SPDX-License-Identifier: Apache-2.0
// Tests of RecordTranslator: the look of each kernel record in the trace.
#include "sim/trace/record_translator.hpp"

#include <fmt/format.h>

#include <gtest/gtest.h>
#include "kernel/abi/status.hpp"
#include "tests/sim/trace/scratch_folder.hpp"
#include "tests/sim/trace/trace_decoder.hpp"

namespace orrery::trace {
namespace {

using abi::SystemCall;
using abi::TraceType;
using testing::EventType;

class RecordTranslatorTest : public ::testing::Test {
  protected:
    // Gives a record its number as its time.
    void put(TraceType type, uint32_t thread, uint64_t a = 0, uint64_t b = 0, uint16_t cpu = 0) {
        ++time_;
        translator_.record(time_, {time_, type, cpu, thread, a, b});
    }
    void call(TraceType type, uint32_t thread, SystemCall number, int64_t result = 0) {
        put(type, thread, static_cast<uint64_t>(number), static_cast<uint64_t>(result));
    }
    // Task 1 with threads 5 and 6, thread 5 on CPU 0.
    void start() {
        put(TraceType::TaskCreate, 0, 1, 0);
        put(TraceType::ThreadCreate, 0, 5, 1);
        put(TraceType::TaskName, 1, 0x6c6c656873, 0);  // "shell"
        put(TraceType::ThreadCreate, 0, 6, 1);
        put(TraceType::ThreadSwitch, 5, 0);
    }
    testing::DecodedTrace finish() {
        writer_.finish();
        auto trace = testing::decode(folder_.file("t"));
        EXPECT_EQ(testing::complaint(trace), "");
        return trace;
    }

    testing::ScratchFolder folder_;
    PerfettoWriter writer_{folder_.file("t")};
    RecordTranslator translator_{writer_};
    uint64_t time_ = 0;
};

TEST_F(RecordTranslatorTest, NamesTasksAndThreads) {
    start();
    put(TraceType::TaskCreate, 5, 2, 1);
    put(TraceType::TaskName, 2, 0x4141414141414141, 0x42424242424242ff);
    const auto trace = finish();
    const int32_t base = process_id_base;
    EXPECT_EQ(trace.processes.at(base + 1), "shell 0");
    EXPECT_EQ(trace.processes.at(base + 2), fmt::format("AAAAAAAA?BBBBBBB {}", base + 1));
    EXPECT_EQ(trace.threads.at(5), fmt::format("shell {}", base + 1)) << "named after its creation";
    EXPECT_EQ(trace.threads.at(6), fmt::format("shell {}", base + 1));
}

TEST_F(RecordTranslatorTest, ShowsSystemCallsAsSlices) {
    start();
    call(TraceType::SystemCallEnter, 5, SystemCall::MemoryMap, 0x3000);
    put(TraceType::MemoryMap, 5, 0x1'0000, 0x3000);
    call(TraceType::SystemCallExit, 5, SystemCall::MemoryMap, 0x1'0000);
    call(TraceType::SystemCallEnter, 5, SystemCall::TaskKill, 3);
    call(TraceType::SystemCallExit, 5, SystemCall::TaskKill, -4);
    put(TraceType::SystemCallEnter, 5, 999);
    const auto trace = finish();
    const auto events = trace.on("shell/5");
    ASSERT_EQ(events.size(), 7u);
    EXPECT_EQ(events[0].name, "memory_map");
    EXPECT_EQ(events[0].annotations.at("argument"), "0x3000");
    EXPECT_EQ(events[1].name, "map memory");
    EXPECT_EQ(events[1].annotations.at("address"), "0x10000");
    EXPECT_EQ(events[1].annotations.at("size"), "12288");
    EXPECT_EQ(events[2].annotations.at("result"), "65536");
    EXPECT_EQ(events[4].annotations.at("status"), "not found");
    EXPECT_EQ(events[5].name, "system call 999");
    EXPECT_EQ(events[6].type, EventType::SliceEnd) << "closed at the end of the trace";
    EXPECT_EQ(trace.tracks.at(1).pid, static_cast<int32_t>(process_id_base + 1));
}

TEST_F(RecordTranslatorTest, SurvivesHalvesOfSystemCalls) {
    start();
    call(TraceType::SystemCallExit, 5, SystemCall::Null);
    call(TraceType::SystemCallEnter, 5, SystemCall::ThreadSleep);
    call(TraceType::SystemCallExit, 5, SystemCall::ClockNow);
    call(TraceType::SystemCallEnter, 5, SystemCall::ClockNow);
    call(TraceType::SystemCallExit, 5, SystemCall::ClockNow);
    call(TraceType::SystemCallExit, 77, SystemCall::ClockNow);
    call(TraceType::SystemCallEnter, 0, SystemCall::ClockNow);
    put(TraceType::InterruptExit, 5, 27);
    EXPECT_EQ(translator_.unmatched(), 5u);
    EXPECT_EQ(finish().on("shell/5").size(), 4u);
}

TEST_F(RecordTranslatorTest, TellsWhyAThreadLeftItsCpu) {
    start();
    put(TraceType::ThreadSwitch, 6, 5);  // preempted
    call(TraceType::SystemCallEnter, 6, SystemCall::ThreadYield);
    put(TraceType::ThreadSwitch, 5, 6);
    call(TraceType::SystemCallEnter, 5, SystemCall::ThreadSleep);
    put(TraceType::ThreadSwitch, 6, 5);
    call(TraceType::SystemCallEnter, 6, SystemCall::ThreadExit);
    put(TraceType::ThreadExit, 6, 6, 1);
    put(TraceType::ThreadSwitch, 0, 6);
    const auto trace = finish();
    ASSERT_EQ(trace.switches.size(), 5u);
    EXPECT_EQ(trace.switches[1].state, 0);
    EXPECT_EQ(trace.switches[2].state, 0);
    EXPECT_EQ(trace.switches[3].state, 1);
    EXPECT_EQ(trace.switches[4].state, 16);
    EXPECT_EQ(trace.switches[4].previous, "shell/6") << "named although it has ended";
    EXPECT_EQ(trace.switches[4].next, "idle/0");
}

TEST_F(RecordTranslatorTest, ShowsInterruptsOnATrackPerCpu) {
    put(TraceType::InterruptEnter, 0, 27, 0, 1);
    put(TraceType::InterruptEnter, 0, 3, 0, 1);
    put(TraceType::InterruptExit, 0, 3, 0, 1);
    put(TraceType::InterruptExit, 0, 27, 0, 1);
    put(TraceType::InterruptEnter, 0, 33, 0, 0);
    const auto trace = finish();
    ASSERT_EQ(trace.on("CPU 1 interrupts").size(), 4u);
    EXPECT_EQ(trace.on("CPU 1 interrupts")[0].name, "virtual timer interrupt 27");
    EXPECT_EQ(trace.on("CPU 1 interrupts")[1].name, "inter-processor interrupt 3");
    EXPECT_EQ(trace.on("CPU 0 interrupts")[0].name, "interrupt 33");
}

TEST_F(RecordTranslatorTest, ShowsTheClockOfEachCpuThatSharesIt) {
    put(TraceType::CpuFrequency, 5, 1'800'000, 0x82);
    const auto trace = finish();
    const std::vector<testing::Frequency> expected{{1, 1, 1'800'000}, {1, 7, 1'800'000}};
    EXPECT_EQ(trace.frequencies, expected);
}

TEST_F(RecordTranslatorTest, ShowsFaultsWakesCountersAndEnds) {
    start();
    put(TraceType::Fault, 5, 0xdead'0000, 0x9200'004f);
    put(TraceType::FramesFree, 5, 100, 200);
    put(TraceType::ThreadWake, 5, 6, 3);
    put(TraceType::MemoryUnmap, 5, 0x1'0000, 4096);
    put(TraceType::CpuOnline, 0, 1, 0, 1);
    put(TraceType::TaskExit, 5, 1, static_cast<uint64_t>(abi::EndReason::Faulted));
    put(TraceType::ThreadSwitch, 0, 5);
    const auto trace = finish();
    const auto events = trace.on("shell/5");
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].name, "fault: data abort, write, permission fault level 3");
    EXPECT_EQ(events[0].annotations.at("address"), "0xdead0000");
    EXPECT_EQ(events[1].name, "unmap memory");
    EXPECT_EQ(events[2].annotations.at("reason"), "faulted");
    EXPECT_EQ(trace.on("Free frames")[0].counter, 100);
    EXPECT_EQ(trace.wakings.at(0).woken, "shell/6");
    EXPECT_EQ(trace.wakings.at(0).target, 3);
    EXPECT_EQ(trace.on("CPU 1 kernel")[0].name, "CPU online");
    EXPECT_EQ(trace.switches.back().state, 16) << "the end of a task ends its threads";
}

TEST_F(RecordTranslatorTest, ShowsThreadsFromBeforeTheTrace) {
    put(TraceType::ThreadSwitch, 9, 8);
    call(TraceType::SystemCallEnter, 9, SystemCall::Null);
    const auto trace = finish();
    EXPECT_EQ(trace.switches.at(0).previous, "thread-8/8");
    EXPECT_EQ(trace.on("thread-9").size(), 2u);
}

TEST_F(RecordTranslatorTest, GivesAReusedThreadNumberANewTrack) {
    start();
    call(TraceType::SystemCallEnter, 5, SystemCall::ThreadExit);
    put(TraceType::ThreadExit, 5, 5, 1);
    put(TraceType::ThreadSwitch, 0, 5);
    put(TraceType::TaskCreate, 0, 2, 0);
    put(TraceType::ThreadCreate, 0, 5, 2);
    put(TraceType::ThreadSwitch, 5, 0);
    call(TraceType::SystemCallEnter, 5, SystemCall::Null);
    const auto trace = finish();
    EXPECT_EQ(trace.on("shell/5").size(), 2u);
    EXPECT_EQ(trace.on("task-2/5").size(), 2u);
}

TEST_F(RecordTranslatorTest, ShowsDevices) {
    translator_.device(1, DeviceEventKind::Instant, "uart", "sent", 65);
    translator_.device(2, DeviceEventKind::Level, "uart", "interrupt", 1);
    translator_.device(3, DeviceEventKind::Instant, "uart", "sent", 66);
    translator_.device(4, DeviceEventKind::Level, "uart", "interrupt", 0);
    const auto trace = finish();
    ASSERT_EQ(trace.on("uart").size(), 2u);
    EXPECT_EQ(trace.on("uart")[1].annotations.at("value"), "66");
    ASSERT_EQ(trace.on("uart interrupt").size(), 2u);
    EXPECT_EQ(trace.on("uart interrupt")[0].counter, 1);
    EXPECT_EQ(trace.tracks.size(), 3u) << "the group and two tracks";
}

TEST_F(RecordTranslatorTest, ClosesInterruptsWhenRecordsAreLost) {
    put(TraceType::InterruptEnter, 0, 27);
    translator_.lost(10, 0, 4);
    time_ = 20;
    put(TraceType::ThreadSwitch, 5, 4);
    const auto trace = finish();
    EXPECT_EQ(trace.on("CPU 0 interrupts").at(1).time, 10u);
    EXPECT_EQ(trace.on("CPU 0 kernel").at(0).name, "records lost");
    EXPECT_EQ(trace.on("CPU 0 kernel").at(0).annotations.at("count"), "4");
    EXPECT_EQ(trace.losses, std::vector<uint32_t>{0});
    EXPECT_EQ(trace.switches.at(0).previous, "thread-4/4")
        << "after a gap the record's word counts";
}

}  // namespace
}  // namespace orrery::trace
