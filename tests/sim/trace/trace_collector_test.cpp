// SPDX-License-Identifier: Apache-2.0
// Tests of TraceCollector: rings, their merge, and nonsense in them.
#include "sim/trace/trace_collector.hpp"

#include <fmt/format.h>

#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include "tests/sim/trace/fake_phone.hpp"
#include "tests/sim/trace/scratch_folder.hpp"
#include "tests/sim/trace/trace_decoder.hpp"

namespace orrery::trace {
namespace {

using abi::TraceType;
using testing::FakePhone;

// A phone with its trace under way. Most tests put marks: instants that carry a number.
struct Recording {
    explicit Recording(uint32_t cpus = 2, uint64_t capacity = 8,
                       size_t limit = TraceCollector::default_held_limit)
        : phone(cpus, capacity), collector(view, writer, limit) {}

    testing::DecodedTrace finish() {
        collector.finish();
        return testing::decode(folder.file("t"));
    }

    FakePhone phone;
    testing::ScratchFolder folder;
    KernelView view{phone.memory(), FakePhone::info_physical};
    PerfettoWriter writer{folder.file("t")};
    TraceCollector collector;
};

std::vector<std::string> marks(const testing::DecodedTrace& trace) {
    std::vector<std::string> found;
    for (const auto& event : trace.events) {
        const auto address = event.annotations.find("address");
        found.push_back(address != event.annotations.end() ? address->second : event.name);
    }
    return found;
}

using Marks = std::vector<std::string>;

TEST(TraceCollector, MergesByTimeThenCpuThenRing) {
    Recording recording;
    recording.phone.mark(1, 10, 0x1);
    recording.phone.mark(1, 20, 0x4);
    recording.phone.mark(0, 15, 0x2);
    recording.phone.mark(0, 20, 0x3);
    recording.phone.mark(1, 20, 0x5);
    recording.collector.device_event(20'000, "uart", "sent", 1);
    recording.collector.device_event(10'001, "uart", "received", 1);
    const auto trace = recording.finish();
    EXPECT_EQ(marks(trace), (Marks{"0x1", "received", "0x2", "sent", "0x3", "0x4", "0x5"}));
    EXPECT_EQ(testing::complaint(trace), "");
    EXPECT_EQ(trace.events[0].time, 10'000u);
    EXPECT_EQ(recording.phone.info().rings[1].tail, 3u);
}

TEST(TraceCollector, WrapsAroundTheRing) {
    Recording recording(1, 4);
    Marks expected;
    for (uint64_t i = 1; i <= 50; ++i) {
        recording.phone.mark(0, i, i);
        expected.push_back(fmt::format("{:#x}", i));
        if (i % 3 == 0) recording.collector.drain();
    }
    EXPECT_EQ(marks(recording.finish()), expected);
    EXPECT_EQ(recording.collector.lost(), 0u);
    EXPECT_EQ(recording.phone.info().rings[0].head, 50u);
}

TEST(TraceCollector, HoldsWhatOthersMayPrecede) {
    Recording recording;
    recording.phone.mark(0, 30, 0x3);
    recording.collector.drain();
    EXPECT_EQ(recording.collector.held(), 1u) << "CPU 1 may still say something earlier";
    recording.phone.mark(1, 10, 0x1);
    recording.phone.mark(1, 20, 0x2);
    recording.collector.drain();
    EXPECT_EQ(recording.collector.handed_on(), 1u) << "at the time 20 there may be more";
    recording.collector.drain(30);
    EXPECT_EQ(recording.collector.handed_on(), 2u);
    recording.collector.drain(31);
    EXPECT_EQ(recording.collector.held(), 0u);
    EXPECT_EQ(marks(recording.finish()), (Marks{"0x1", "0x2", "0x3"}));
    EXPECT_EQ(recording.collector.late(), 0u);
}

TEST(TraceCollector, DoesNotWaitForCpusThatAreOff) {
    Recording recording;
    recording.phone.info().cpus[1].online = 0;
    recording.phone.mark(0, 1, 0x1);
    recording.phone.mark(0, 2, 0x2);
    recording.collector.drain();
    EXPECT_EQ(recording.collector.handed_on(), 1u);
}

TEST(TraceCollector, DoesNotDependOnTheMomentsOfDraining) {
    const auto run = [](uint64_t every) {
        Recording recording(3, 64);
        uint64_t random = 1;
        uint64_t ticks = 0;
        for (uint64_t i = 0; i < 100; ++i) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            ticks += random >> 62;
            const auto cpu = static_cast<uint16_t>((random >> 40) % 3);
            recording.phone.put(cpu, ticks, TraceType::ThreadSwitch,
                                static_cast<uint32_t>((random >> 33) % 4));
            if (i % 7 == 0) recording.collector.device_event(ticks * 1000, "net", "frame", 1);
            if (i % every == 0) recording.collector.drain();
            if (i % (2 * every) == 0) recording.collector.drain(ticks);
        }
        const auto trace = recording.finish();
        EXPECT_EQ(testing::complaint(trace), "");
        EXPECT_EQ(trace.switches.size(), 100u);
        EXPECT_EQ(recording.collector.late(), 0u);
        return testing::read_file(recording.folder.file("t"));
    };
    const std::string reference = run(1);
    EXPECT_EQ(run(1), reference);
    EXPECT_EQ(run(5), reference);
    EXPECT_EQ(run(31), reference);
}

TEST(TraceCollector, BoundsWhatItHolds) {
    Recording recording(2, 64, 10);
    for (uint64_t i = 0; i < 50; ++i) recording.phone.mark(0, 100 + i, i);
    recording.collector.drain();
    EXPECT_EQ(recording.collector.held(), 10u);
    recording.phone.mark(1, 5, 0xff);
    const auto trace = recording.finish();
    EXPECT_EQ(recording.collector.late(), 1u);
    EXPECT_EQ(marks(trace).size(), 51u);
    EXPECT_EQ(marks(trace)[40], "0xff");
    EXPECT_EQ(trace.events[40].time, 5'000u) << "late, with its true time";
}

TEST(TraceCollector, ReportsLostRecords) {
    Recording recording(1, 4);
    for (uint64_t i = 1; i <= 7; ++i) recording.phone.mark(0, i, i);
    recording.collector.drain();
    for (uint64_t i = 8; i <= 9; ++i) recording.phone.mark(0, i, i);
    const auto trace = recording.finish();
    EXPECT_EQ(recording.collector.lost(0), 3u);
    EXPECT_EQ(recording.collector.lost(), 3u);
    EXPECT_EQ(marks(trace), (Marks{"0x1", "0x2", "0x3", "0x4", "records lost", "0x8", "0x9"}));
    EXPECT_EQ(trace.events[4].annotations.at("count"), "3");
    EXPECT_EQ(trace.losses, std::vector<uint32_t>{0});
}

// Breaks a ring, and expects one clear complaint while the other CPU's records are kept.
template <typename Break>
void expect_nonsense(const std::string& sentence, const Break& break_ring) {
    SCOPED_TRACE(sentence);
    Recording recording;
    recording.phone.mark(0, 10, 0x1);
    recording.phone.mark(0, 11, 0x2);
    recording.phone.mark(1, 12, 0x3);
    break_ring(recording.phone);
    std::string reason;
    try {
        recording.collector.drain();
    } catch (const TraceError& error) {
        reason = error.what();
    }
    EXPECT_NE(reason.find("trace ring of CPU 0: "), std::string::npos) << reason;
    EXPECT_NE(reason.find(sentence), std::string::npos) << reason;
    EXPECT_NO_THROW(recording.collector.drain()) << "a ring is given up once";
    const auto trace = recording.finish();
    bool told = false;
    for (const auto& event : trace.events) {
        told = told ||
               (event.name == "trace ring unreadable" && event.annotations.at("reason") == reason);
    }
    EXPECT_TRUE(told);
    EXPECT_EQ(marks(trace).back(), "0x3");
}

TEST(TraceCollector, RefusesNonsense) {
    expect_nonsense("unknown type 0", [](FakePhone& phone) { phone.slot(0, 1).type = {}; });
    expect_nonsense("unknown type 999",
                    [](FakePhone& phone) { phone.slot(0, 1).type = static_cast<TraceType>(999); });
    expect_nonsense("time goes backwards at record 1, from tick 10 to 3",
                    [](FakePhone& phone) { phone.slot(0, 1).ticks = 3; });
    expect_nonsense("record 1 names CPU 600", [](FakePhone& phone) { phone.slot(0, 1).cpu = 600; });
    expect_nonsense("head 2 and tail 3", [](FakePhone& phone) { phone.info().rings[0].tail = 3; });
    expect_nonsense("head 9 and tail 0", [](FakePhone& phone) { phone.info().rings[0].head = 9; });
    expect_nonsense("capacity 7", [](FakePhone& phone) { phone.info().rings[0].capacity = 7; });
}

TEST(TraceCollector, RefusesARingOutsideMemory) {
    Recording recording;
    recording.phone.mark(0, 10, 0x1);
    recording.phone.info().rings[0].records = 0x1000;
    EXPECT_THROW(recording.collector.drain(), TraceError);
    Recording huge;
    huge.phone.mark(0, 10, 0x1);
    huge.phone.info().rings[0].capacity = uint64_t{1} << 60;
    EXPECT_THROW(huge.collector.drain(), TraceError);
}

TEST(TraceCollector, NoticesThatTheKernelStartedAnew) {
    Recording recording(1);
    recording.phone.mark(0, 10, 0x1);
    recording.collector.drain();
    recording.phone.info().rings[0].head = 0;
    recording.phone.info().rings[0].tail = 0;
    EXPECT_THROW(recording.collector.drain(), TraceError);
    Recording lost(1);
    lost.phone.info().rings[0].lost = 5;
    lost.collector.drain();
    lost.phone.info().rings[0].lost = 4;
    EXPECT_THROW(lost.collector.drain(), TraceError);
}

TEST(TraceCollector, FinishesTheTraceInSpiteOfNonsense) {
    Recording recording;
    recording.phone.mark(1, 10, 0x1);
    recording.phone.mark(0, 12, 0x2);
    recording.phone.slot(0, 0).type = TraceType::None;
    EXPECT_THROW(recording.collector.finish(), TraceError);
    EXPECT_EQ(marks(testing::decode(recording.folder.file("t"))),
              (Marks{"trace ring unreadable", "0x1"}));
}

TEST(TraceCollector, HasNothingToDoBeforeTheKernelTraces) {
    Recording recording;
    for (auto& ring : recording.phone.info().rings) ring = {};
    recording.phone.info().timer_frequency = 0;
    recording.collector.drain();
    recording.collector.drain(1000);
    EXPECT_EQ(recording.finish().events.size(), 0u);
}

// The kernel writes on another host thread, as QEMU's would, while the collector reads.
TEST(TraceCollector, ReadsWhileTheKernelWrites) {
    constexpr uint64_t count = 200'000;
    Recording recording(1, 256);
    abi::TraceRing& ring = recording.phone.info().rings[0];
    std::thread kernel([&] {
        std::atomic_ref<uint64_t> head(ring.head);
        for (uint64_t i = 0; i < count;) {
            const uint64_t tail =
                std::atomic_ref<uint64_t>(ring.tail).load(std::memory_order_acquire);
            if (i - tail >= ring.capacity) {
                std::this_thread::yield();
                continue;
            }
            recording.phone.slot(0, i) = {i, TraceType::FramesFree, 0, 0, i, count};
            head.store(++i, std::memory_order_release);
        }
    });
    while (recording.collector.handed_on() + recording.collector.held() < count) {
        recording.collector.drain();
    }
    kernel.join();
    const auto trace = recording.finish();
    ASSERT_EQ(trace.events.size(), count);
    for (uint64_t i = 0; i < count; ++i) {
        ASSERT_EQ(trace.events[i].counter, static_cast<int64_t>(i));
    }
}

TEST(TraceCollector, TapsWhatItHandsOn) {
    Recording recording(2, 2);
    const auto all = std::make_shared<RecordTap>(100);
    auto short_lived = std::make_shared<RecordTap>(100);
    recording.collector.add_tap(all);
    recording.collector.add_tap(short_lived);
    recording.phone.put(1, 10, TraceType::ThreadSwitch, 5, 6, 7);
    recording.collector.device_event(20'000, "uart", "sent", 9);
    recording.collector.drain();
    // Nothing that could still be overtaken: CPU 0 has said nothing.
    EXPECT_EQ(all->size(), 0u);
    short_lived.reset();
    for (uint64_t address = 1; address <= 3; ++address) recording.phone.mark(0, 30, address);
    const auto trace = recording.finish();
    const auto records = all->take(100);
    ASSERT_EQ(records.size(), 5u);
    EXPECT_EQ(records[0].source, "cpu1");
    EXPECT_EQ(records[0].name, "ThreadSwitch");
    EXPECT_EQ(records[0].time, 10'000u);
    EXPECT_EQ(records[0].thread, 5u);
    EXPECT_EQ(records[0].a, 6u);
    EXPECT_EQ(records[0].b, 7u);
    EXPECT_EQ(records[1].source, "uart");
    EXPECT_EQ(records[1].name, "sent");
    EXPECT_EQ(records[1].a, 9u);
    EXPECT_EQ(records[3].name, "MemoryMap");
    EXPECT_EQ(records[4].name, "Lost");
    EXPECT_EQ(records[4].a, 1u);
}

}  // namespace
}  // namespace orrery::trace
