// SPDX-License-Identifier: Apache-2.0
// Measures the trace store of the inspector: `trace_store_bench generate FILE EVENTS` writes a
// trace, `trace_store_bench measure FILE` reads it and asks of it what a timeline asks. Figures go
// to stdout, one a line: name, value and unit, parted by tabulators.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/trace_store/synthetic_trace.hpp"
#include "gui/trace/aggregate.hpp"
#include "gui/trace/flows.hpp"
#include "gui/trace/search.hpp"
#include "gui/trace/trace_loader.hpp"
#include "gui/trace/visible.hpp"

namespace {

using namespace inspector;
using Clock = std::chrono::steady_clock;

// A timeline on a wide screen: so many pixels, and so many tracks at once.
constexpr uint32_t screen_pixels = 2000;
constexpr size_t screen_tracks = 60;

double milliseconds_since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// The time this thread was on a CPU, in milliseconds: what else the host does is not in it.
double thread_time() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double timed(const std::function<void()>& work) {
    const double begin = thread_time();
    work();
    return thread_time() - begin;
}

void row(std::string_view name, double value, std::string_view unit) {
    std::printf("%.*s\t%.6g\t%.*s\n", static_cast<int>(name.size()), name.data(), value,
                static_cast<int>(unit.size()), unit.data());
    std::fflush(stdout);
}

// The value below which so many hundredths of the values are.
double percentile(std::vector<double> values, size_t hundredths) {
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, values.size() * hundredths / 100)];
}

void rows(const std::string& name, const std::vector<double>& values) {
    row(name + ", median", percentile(values, 50), "ms");
    row(name + ", 95 %", percentile(values, 95), "ms");
    row(name + ", worst", *std::max_element(values.begin(), values.end()), "ms");
}

// The first tracks with something on them, as a timeline that is unfolded shows them.
std::vector<TrackId> shown_tracks(const TraceStore& store) {
    std::vector<TrackId> result;
    const std::function<void(TrackId)> visit = [&](TrackId id) {
        const Track& track = store.track(id);
        const bool something = track.runs || track.marks || track.counter || !track.slices.empty();
        if (something && result.size() < screen_tracks) result.push_back(id);
        for (const TrackId child : store.children(id)) visit(child);
    };
    visit(root_track);
    return result;
}

// What a frame of the timeline asks for; the sum keeps the compiler from leaving it out.
uint64_t frame(const TraceStore& store, const std::vector<TrackId>& tracks, const View& view) {
    uint64_t sum = 0;
    for (const TrackId track : tracks) {
        const TrackPicture picture = visible(store, track, view);
        sum += picture.runs.size() + picture.marks.size() + picture.counter.size();
    }
    return sum;
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void load(TraceLoader& loader, const char* path) {
    const auto begin = Clock::now();
    loader.open(path);
    bool pictured = false;
    std::vector<double> waits;
    while (loader.progress().state == LoadState::Reading) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        const auto asked = Clock::now();
        const bool drawn = loader.read([&](const TraceStore& store) {
            waits.push_back(milliseconds_since(asked));
            const auto tracks = shown_tracks(store);
            if (pictured || tracks.empty()) return pictured;
            return frame(store, tracks, {0, store.end_time(), screen_pixels}) != 0;
        });
        if (drawn && !pictured) row("first picture", milliseconds_since(begin) / 1000, "s");
        pictured = drawn;
    }
    row("indexed", milliseconds_since(begin) / 1000, "s");
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    row("indexed, CPU time of all threads", seconds(usage.ru_utime) + seconds(usage.ru_stime), "s");
    if (!waits.empty()) rows("wait of a question while reading", waits);
}

void measure_frames(const TraceStore& store) {
    const auto tracks = shown_tracks(store);
    row("tracks in a frame", static_cast<double>(tracks.size()), "");
    const uint64_t end = store.end_time();
    std::mt19937_64 random(1);
    std::vector<double> all;
    uint64_t sum = 0;
    for (uint64_t zoom = 1; end / zoom > screen_pixels; zoom *= 4) {
        std::vector<double> times;
        const uint64_t span = end / zoom;
        for (unsigned i = 0; i < 20; ++i) {
            const uint64_t from = zoom == 1 ? 0 : random() % (end - span);
            const View view{from, from + span, screen_pixels};
            times.push_back(timed([&] { sum += frame(store, tracks, view); }));
        }
        row("frame, 1/" + std::to_string(zoom) + " of the trace, median", percentile(times, 50),
            "ms");
        all.insert(all.end(), times.begin(), times.end());
    }
    rows("frame, all zooms", all);
    if (sum == 0) std::abort();
}

void measure_questions(const TraceStore& store) {
    std::vector<TrackId> tracks;
    for (TrackId id = 0; id < store.track_count(); ++id) tracks.push_back(id);
    const uint64_t end = store.end_time();
    row("aggregate of everything",
        timed([&] { static_cast<void>(aggregate(store, 0, end, tracks)); }), "ms");
    row("aggregate of a hundredth",
        timed([&] { static_cast<void>(aggregate(store, end / 2, end / 2 + end / 100, tracks)); }),
        "ms");
    row("search, first 100 of a frequent name",
        timed([&] { static_cast<void>(Search("map memory").next(store)); }), "ms");
    row("search, all rows for a name that no event has",
        timed([&] { static_cast<void>(Search("uart0").next(store, {.rows = UINT64_MAX})); }), "ms");
    row("search, all rows for an argument that is nowhere",
        timed([&] { static_cast<void>(Search("result=-77").next(store, {.rows = UINT64_MAX})); }),
        "ms");
    const TrackId cpu = store.find_cpu(0, TrackKind::Cpu);
    if (cpu == no_track || !store.track(cpu).runs) return;
    const uint64_t runs = store.track(cpu).runs->end_row();
    constexpr unsigned asked = 1000;
    const double time = timed([&] {
        for (unsigned i = 0; i < asked; ++i) {
            static_cast<void>(flows_of(store, {cpu, LaneKind::Runs, 0, runs / asked * i}));
        }
    });
    row("flows of a run, mean", time / asked, "ms");
}

int measure(const char* path) {
    TraceLoader loader;
    load(loader, path);
    const LoadProgress progress = loader.progress();
    for (const std::string& complaint : progress.complaints) {
        std::fprintf(stderr, "%s\n", complaint.c_str());
    }
    row("events", static_cast<double>(progress.built.events), "");
    row("bytes of the file", static_cast<double>(progress.bytes_read) / 1e6, "MB");
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    loader.read([&](const TraceStore& store) {
        row("memory of the store", static_cast<double>(store.bytes()) / 1e6, "MB");
        row("memory of the process, greatest", static_cast<double>(usage.ru_maxrss) * 1024 / 1e6,
            "MB");
        measure_frames(store);
        measure_questions(store);
    });
    return progress.state == LoadState::Done ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
    const std::string_view action = count > 2 ? words[1] : "";
    if (action == "generate" && count == 4) {
        const uint64_t events = std::strtoull(words[3], nullptr, 10);
        trace_bench::write_synthetic_trace(words[2], events);
        return 0;
    }
    if (action == "measure" && count == 3) return measure(words[2]);
    std::fprintf(stderr, "say: trace_store_bench generate FILE EVENTS, or measure FILE\n");
    return 2;
}
