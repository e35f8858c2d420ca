// SPDX-License-Identifier: Apache-2.0
// The page-frame strategies on the host: the very same sources as in the kernel, alone and with the
// page cache over them, and beside them what a cache line costs that goes from one CPU to another.
//
// All times are for one pair of allocate and free. What counts with several threads is CPU time,
// which is a thread's, so that flat means that threads do not hinder each other; more of them than
// the host has CPUs do not hinder each other more.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "bench/micro/frame_node.hpp"
#include "tests/kernel/thread_machine.hpp"

namespace {

using bench::Node;
using kernel::FrameStrategy;
using kernel::Mobility;
using kernel::PhysicalAddress;

// What the threads of one run share; thread 0 makes it before they all start.
struct Shared {
    std::unique_ptr<Node> node;
    std::atomic<bool> stop{false};
};

class Run {
  public:
    Run(benchmark::State& state, const kernel::StrategyKind& kind, bool page_cache) {
        kernel::ThreadMachine::set_cpu(static_cast<unsigned>(state.thread_index()));
        if (state.thread_index() == 0) shared().node = std::make_unique<Node>(kind, page_cache);
    }
    static Shared& shared() {
        static Shared one;
        return one;
    }
    static FrameStrategy& strategy() { return *shared().node->strategy; }
};

PhysicalAddress take(FrameStrategy& strategy, unsigned cpu, unsigned order = 0) {
    return strategy.allocate({order, Mobility::Movable, cpu}).value();
}

void pair(benchmark::State& state, const kernel::StrategyKind& kind, bool page_cache) {
    const Run run(state, kind, page_cache);
    const auto cpu = static_cast<unsigned>(state.thread_index());
    for (auto _ : state) {
        FrameStrategy& strategy = Run::strategy();
        benchmark::DoNotOptimize(strategy.free(take(strategy, cpu), 0, cpu));
    }
}

void huge_pair(benchmark::State& state, const kernel::StrategyKind& kind, bool page_cache) {
    const Run run(state, kind, page_cache);
    const auto cpu = static_cast<unsigned>(state.thread_index());
    for (auto _ : state) {
        FrameStrategy& strategy = Run::strategy();
        const PhysicalAddress block = take(strategy, cpu, kernel::huge_order);
        benchmark::DoNotOptimize(strategy.free(block, kernel::huge_order, cpu));
    }
}

constexpr unsigned bulk_size = 1024;

// 1024 frames one by one, then their frees in the same order.
void bulk(benchmark::State& state, const kernel::StrategyKind& kind, bool page_cache) {
    const Run run(state, kind, page_cache);
    const auto cpu = static_cast<unsigned>(state.thread_index());
    std::vector<PhysicalAddress> held(bulk_size);
    while (state.KeepRunningBatch(bulk_size)) {
        FrameStrategy& strategy = Run::strategy();
        for (PhysicalAddress& frame : held) frame = take(strategy, cpu);
        for (const PhysicalAddress frame : held) (void)strategy.free(frame, 0, cpu);
    }
}

// The same by the bulk calls.
void bulk_calls(benchmark::State& state, const kernel::StrategyKind& kind, bool page_cache) {
    const Run run(state, kind, page_cache);
    const auto cpu = static_cast<unsigned>(state.thread_index());
    std::vector<PhysicalAddress> held(bulk_size);
    while (state.KeepRunningBatch(bulk_size)) {
        FrameStrategy& strategy = Run::strategy();
        (void)strategy.allocate_bulk(held.data(), bulk_size, Mobility::Movable, cpu);
        (void)strategy.free_bulk(held.data(), bulk_size, cpu);
    }
}

// Each thread holds 4096 frames and changes one of them, at random.
void random_pair(benchmark::State& state, const kernel::StrategyKind& kind, bool page_cache) {
    const Run run(state, kind, page_cache);
    const auto cpu = static_cast<unsigned>(state.thread_index());
    constexpr unsigned count = 4096;
    std::vector<PhysicalAddress> held;
    std::minstd_rand random(cpu + 1);
    for (auto _ : state) {
        FrameStrategy& strategy = Run::strategy();
        while (held.size() < count) held.push_back(take(strategy, cpu));
        PhysicalAddress& frame = held[random() % count];
        (void)strategy.free(frame, 0, cpu);
        frame = take(strategy, cpu);
    }
}

// Threads pass every frame on to the next one, which frees it: a ring of mailboxes.
void remote_free(benchmark::State& state, const kernel::StrategyKind& kind, bool page_cache) {
    const Run run(state, kind, page_cache);
    struct alignas(64) Mailbox {
        std::atomic<PhysicalAddress> slots[256];
    };
    static Mailbox boxes[hal::max_cpus];
    const auto cpu = static_cast<unsigned>(state.thread_index());
    const auto threads = static_cast<unsigned>(state.threads());
    unsigned at = 0;
    for (auto& slot : boxes[cpu].slots) slot.store(0);
    for (auto _ : state) {
        FrameStrategy& strategy = Run::strategy();
        Mailbox& next = boxes[(cpu + 1) % threads];
        // What the neighbour has not fetched yet comes back and is freed here.
        const PhysicalAddress back = next.slots[at].exchange(take(strategy, cpu));
        if (back != 0) (void)strategy.free(back, 0, cpu);
        const PhysicalAddress mine = boxes[cpu].slots[(at + 128) % 256].exchange(0);
        if (mine != 0) (void)strategy.free(mine, 0, cpu);
        at = (at + 1) % 256;
    }
}

// Nothing but the mailboxes of remote_free, to be taken off its figure.
void mailboxes_alone(benchmark::State& state) {
    struct alignas(64) Mailbox {
        std::atomic<uint64_t> slots[256];
    };
    static Mailbox boxes[hal::max_cpus];
    const auto cpu = static_cast<unsigned>(state.thread_index());
    const auto threads = static_cast<unsigned>(state.threads());
    unsigned at = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(boxes[(cpu + 1) % threads].slots[at].exchange(1));
        benchmark::DoNotOptimize(boxes[cpu].slots[(at + 128) % 256].exchange(0));
        at = (at + 1) % 256;
    }
}
BENCHMARK(mailboxes_alone)->Name("frames/mailboxes_alone")->Threads(1)->Threads(2)->UseRealTime();

// One cache line that two CPUs write in turn: half of this is one hand-over.
void line_round_trip(benchmark::State& state) {
    alignas(64) static std::atomic<uint32_t> turn{0};
    alignas(64) static std::atomic<uint32_t> running{0};
    const auto me = static_cast<uint32_t>(state.thread_index());
    if (me == 0) turn.store(0);
    running.fetch_add(1);
    for (auto _ : state) {
        // The other thread may have had enough of it.
        for (unsigned spins = 0; turn.load(std::memory_order_acquire) != me; ++spins) {
            if (running.load(std::memory_order_relaxed) < 2 && spins > 1'000'000) break;
        }
        turn.store(1 - me, std::memory_order_release);
    }
    running.fetch_sub(1);
}
BENCHMARK(line_round_trip)->Name("frames/line_round_trip")->Threads(2)->UseRealTime();

using Pattern = void (*)(benchmark::State&, const kernel::StrategyKind&, bool);

void add(const char* pattern_name, Pattern pattern, const kernel::StrategyKind& kind,
         bool page_cache, int most_threads) {
    const std::string name = std::string("frames/") + pattern_name + "/" + std::string(kind.name) +
                             (page_cache ? "+cache" : "");
    benchmark::RegisterBenchmark(
        name.c_str(), [=, &kind](benchmark::State& state) { pattern(state, kind, page_cache); })
        ->ThreadRange(1, most_threads)
        ->UseRealTime();
}

const int registered = [] {
    static const kernel::ThreadMachine machine;
    for (unsigned i = 0; i < kernel::strategy_count(); ++i) {
        const kernel::StrategyKind& kind = kernel::strategy_at(i);
        for (const bool page_cache : {false, true}) {
            constexpr int cpus = static_cast<int>(hal::max_cpus);
            add("pair", pair, kind, page_cache, cpus);
            add("bulk", bulk, kind, page_cache, cpus);
            add("bulk_calls", bulk_calls, kind, page_cache, cpus);
            add("random", random_pair, kind, page_cache, cpus);
            add("remote_free", remote_free, kind, page_cache, cpus);
            if (kind.name != "freelist") add("huge_pair", huge_pair, kind, page_cache, cpus);
        }
    }
    return 0;
}();

}  // namespace
