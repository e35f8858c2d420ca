// SPDX-License-Identifier: Apache-2.0
// Reading files that are whole, empty, damaged or none, and live runs.
#include "gui/trace/trace_loader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <protozero/pbf_builder.hpp>
#include <random>
#include <span>
#include <thread>

#include "gui/trace/lookup.hpp"
#include "tests/gui/trace/written_trace.hpp"

namespace {

using namespace inspector;
using inspector::testing::ScratchFolder;
using inspector::testing::track_at;
using inspector::testing::WrittenTrace;

std::string many_marks(uint64_t count) {
    WrittenTrace trace;
    const auto track = trace.writer().named_track("marks");
    for (uint64_t i = 0; i < count; ++i) {
        trace.writer().instant(i, track, i % 2 == 0 ? "even" : "odd", {{"value", i}});
    }
    return trace.bytes();
}

// What reading these bytes as a file says, and what there is then.
struct Outcome {
    LoadProgress progress;
    uint64_t marks = 0;
};

Outcome load(std::string_view bytes, const LoadOptions& options = {}) {
    const ScratchFolder folder;
    const auto path = folder.file("trace.pftrace");
    orrery::trace::testing::write_file(path, std::as_bytes(std::span(bytes)));
    TraceLoader loader(options);
    loader.open(path);
    loader.wait();
    Outcome result{loader.progress()};
    loader.read([&](const TraceStore& store) {
        const TrackId track = track_at(store, {"marks"});
        if (track != no_track && store.track(track).marks) {
            result.marks = store.track(track).marks->end_row();
        }
    });
    return result;
}

// A packet with a mark on the track with uuid 1, written by hand.
std::string mark_packet(uint64_t time, uint32_t clock = perfetto::builtin_clock_boottime) {
    using Field = perfetto::TracePacket;
    std::string packet;
    protozero::pbf_builder<Field> message(packet);
    message.add_uint64(Field::timestamp, time);
    message.add_uint32(Field::trusted_packet_sequence_id, 1);
    message.add_uint32(Field::timestamp_clock_id, clock);
    {
        protozero::pbf_builder<perfetto::TrackEvent> event(message, Field::track_event);
        event.add_enum(perfetto::TrackEvent::type, 3);
        event.add_uint64(perfetto::TrackEvent::track_uuid, 1);
        event.add_string(perfetto::TrackEvent::name, "by hand");
    }
    std::string framed;
    protozero::pbf_builder<perfetto::Trace>(framed).add_message(perfetto::Trace::packet, packet);
    return framed;
}

std::string raw_packet(std::string_view bytes) {
    std::string framed;
    protozero::pbf_builder<perfetto::Trace>(framed).add_message(
        perfetto::Trace::packet, protozero::data_view(bytes.data(), bytes.size()));
    return framed;
}

TEST(TraceLoader, ReadsAWholeFile) {
    const std::string bytes = many_marks(200'000);
    const Outcome outcome = load(bytes);
    EXPECT_EQ(outcome.progress.state, LoadState::Done);
    EXPECT_EQ(outcome.progress.stream, StreamState::Good);
    EXPECT_EQ(outcome.progress.bytes_read, bytes.size());
    EXPECT_EQ(outcome.progress.bytes_total, bytes.size());
    EXPECT_EQ(outcome.progress.complaints, std::vector<std::string>{});
    EXPECT_EQ(outcome.marks, 200'000U);
    EXPECT_EQ(outcome.progress.built.events, 200'000U);
}

TEST(TraceLoader, AnEmptyFileIsCalledEmpty) {
    const Outcome outcome = load("");
    EXPECT_EQ(outcome.progress.stream, StreamState::Empty);
    ASSERT_EQ(outcome.progress.complaints.size(), 1U);
    EXPECT_EQ(outcome.progress.complaints[0],
              "the trace is empty: run the scenario with --trace again");
}

TEST(TraceLoader, WhatIsNoTraceIsCalledSo) {
    for (const std::string_view text :
         {"hello, this is a text\n", "\nwith a line feed first\n", "{\"traceEvents\": []}", "\x0a",
          "\x1f\x8b\x08 compressed", "\x0a\x02zz more of it"}) {
        const Outcome outcome = load(text);
        EXPECT_EQ(outcome.progress.stream, StreamState::NoTrace) << text;
        ASSERT_EQ(outcome.progress.complaints.size(), 1U);
        EXPECT_NE(outcome.progress.complaints[0].find("no Perfetto trace"), std::string::npos);
    }
}

TEST(TraceLoader, AFileThatIsNotThereIsCalledSo) {
    TraceLoader loader;
    loader.open("/does/not/exist.pftrace");
    loader.wait();
    EXPECT_EQ(loader.progress().state, LoadState::Failed);
    ASSERT_FALSE(loader.progress().complaints.empty());
    EXPECT_EQ(loader.progress().complaints[0],
              "cannot open /does/not/exist.pftrace: No such file or directory; check its path and "
              "its rights");
}

TEST(TraceLoader, AFolderIsNoTrace) {
    const ScratchFolder folder;
    TraceLoader loader;
    loader.open(folder.path());
    loader.wait();
    EXPECT_EQ(loader.progress().state, LoadState::Failed);
}

// Wherever it is cut, what is whole is there, and it is said that the rest is missing.
TEST(TraceLoader, OfACutFileThereIsWhatIsWhole) {
    const std::string bytes = many_marks(20);
    uint64_t before = 0;
    unsigned whole = 0;
    for (size_t length = 1; length <= bytes.size(); ++length) {
        const Outcome outcome = load(std::string_view(bytes).substr(0, length));
        EXPECT_GE(outcome.marks, before);
        before = outcome.marks;
        if (outcome.progress.stream == StreamState::Good) {
            ++whole;
            continue;
        }
        ASSERT_EQ(outcome.progress.complaints.size(), 1U);
        const bool first = outcome.progress.stream == StreamState::NoTrace;
        EXPECT_TRUE(first || outcome.progress.stream == StreamState::CutOff);
        if (!first) EXPECT_NE(outcome.progress.complaints[0].find("cut off"), std::string::npos);
    }
    EXPECT_EQ(before, 20U);
    // After each packet: the first one, the track, the marks.
    EXPECT_EQ(whole, 22U);
}

TEST(TraceLoader, NonsenseBetweenPacketsEndsTheReading) {
    std::string bytes = many_marks(100);
    const size_t size = bytes.size();
    bytes += "\x99nonsense";
    const Outcome outcome = load(bytes);
    EXPECT_EQ(outcome.progress.stream, StreamState::Damaged);
    EXPECT_EQ(outcome.marks, 100U);
    ASSERT_EQ(outcome.progress.complaints.size(), 1U);
    EXPECT_NE(outcome.progress.complaints[0].find("byte " + std::to_string(size)),
              std::string::npos);
}

TEST(TraceLoader, PacketsThatAreUnknownOrDamagedAreSkippedAndCounted) {
    std::string bytes = many_marks(100);
    bytes += raw_packet(std::string_view("\x92\x03\x01x", 4));  // field 50, compressed_packets
    bytes += raw_packet(std::string_view("\x5a\xff", 2));       // a track event without its bytes
    bytes += mark_packet(200, 3);                               // CLOCK_MONOTONIC
    bytes += mark_packet(200);
    const Outcome outcome = load(bytes);
    EXPECT_EQ(outcome.progress.stream, StreamState::Good);
    EXPECT_EQ(outcome.progress.read.unknown, 1U);
    EXPECT_EQ(outcome.progress.read.damaged, 1U);
    EXPECT_EQ(outcome.progress.read.other_clock, 1U);
    EXPECT_EQ(outcome.progress.complaints.size(), 3U);
    EXPECT_EQ(outcome.marks, 101U);
}

TEST(TraceLoader, EventsALittleOutOfOrderArePutInOrder) {
    std::string bytes = many_marks(1);
    std::vector<uint64_t> times;
    std::mt19937_64 random(9);
    for (uint64_t i = 0; i < 5000; ++i) times.push_back(100 + i * 10 + random() % 500);
    for (const uint64_t time : times) bytes += mark_packet(time);
    const Outcome outcome = load(bytes, {.window = 1000});
    EXPECT_EQ(outcome.progress.built.late, 0U);
    EXPECT_EQ(outcome.marks, 5001U);
}

TEST(TraceLoader, EventsThatComeMuchTooLateAreCounted) {
    std::string bytes = many_marks(10'000);
    bytes += mark_packet(5);
    const Outcome outcome = load(bytes, {.window = 100});
    EXPECT_EQ(outcome.progress.built.late, 1U);
    EXPECT_EQ(outcome.marks, 10'000U);
    ASSERT_EQ(outcome.progress.complaints.size(), 1U);
    EXPECT_NE(outcome.progress.complaints[0].find("too late"), std::string::npos);
}

TEST(TraceLoader, ALiveRunIsTheSameHoweverItsBytesCome) {
    const std::string bytes = many_marks(3000);
    std::mt19937_64 random(10);
    for (unsigned round = 0; round < 5; ++round) {
        TraceLoader loader({.window = 0});
        uint64_t seen = 0;
        for (size_t at = 0; at < bytes.size();) {
            const size_t count = 1 + random() % (round == 0 ? 3 : 5000);
            loader.append(std::string_view(bytes).substr(at, count));
            at += count;
            const auto progress = loader.progress();
            EXPECT_EQ(progress.state, LoadState::Reading);
            EXPECT_GE(progress.built.events, seen);
            seen = progress.built.events;
        }
        // Nothing is held back.
        EXPECT_EQ(seen, 3000U);
        loader.finish();
        EXPECT_EQ(loader.progress().state, LoadState::Done);
        EXPECT_EQ(loader.progress().stream, StreamState::Good);
    }
}

TEST(TraceLoader, ReadingCanBeCancelled) {
    const ScratchFolder folder;
    const auto path = folder.file("trace.pftrace");
    const std::string bytes = many_marks(300'000);
    orrery::trace::testing::write_file(path, std::as_bytes(std::span(bytes)));
    TraceLoader loader;
    loader.cancel();
    loader.open(path);
    loader.wait();
    EXPECT_EQ(loader.progress().state, LoadState::Cancelled);
    EXPECT_LT(loader.progress().bytes_read, bytes.size());
    // Leaving in the middle waits for nothing but the piece at hand.
    TraceLoader left;
    left.open(path);
}

TEST(TraceLoader, CanBeAskedWhileItReads) {
    const ScratchFolder folder;
    const auto path = folder.file("trace.pftrace");
    const std::string bytes = many_marks(300'000);
    orrery::trace::testing::write_file(path, std::as_bytes(std::span(bytes)));
    TraceLoader loader;
    loader.open(path);
    uint64_t before = 0;
    while (loader.progress().state == LoadState::Reading) {
        const uint64_t end = loader.read([](const TraceStore& store) { return store.end_time(); });
        EXPECT_GE(end, before);
        before = end;
        std::this_thread::yield();
    }
    EXPECT_EQ(loader.read([](const TraceStore& store) { return store.end_time(); }), 299'999U);
}

// Random changes of a trace with everything in it: any outcome, but an outcome.
TEST(TraceLoader, DamageAnywhereIsSurvived) {
    WrittenTrace trace;
    {
        inspector::testing::RecordTranslator to(trace.writer());
        using kernel::abi::TraceType;
        std::mt19937_64 random(11);
        for (uint64_t i = 0; i < 300; ++i) {
            const auto type = static_cast<TraceType>(random() % 20);
            to.record(i * 10, inspector::testing::record(type, random() % 4, random() % 5,
                                                         random() % 40, random() % 5));
        }
    }
    const std::string bytes = trace.bytes();
    std::mt19937_64 random(12);
    for (unsigned round = 0; round < 3000; ++round) {
        std::string damaged = bytes;
        for (unsigned i = 0; i < 1 + round % 8; ++i) {
            damaged[random() % damaged.size()] = static_cast<char>(random());
        }
        TraceLoader loader({.window = round % 50});
        loader.append(damaged);
        loader.finish();
        EXPECT_EQ(loader.progress().state, LoadState::Done);
    }
}

}  // namespace
