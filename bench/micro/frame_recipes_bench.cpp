// SPDX-License-Identifier: Apache-2.0
// The recipes of user/lib/ageing on the host: the very same headers as on the phone, over the very
// same strategies, without system calls.
//
// A time is the CPU time of a pair of allocate and free: what waits at a barrier or for the host's
// CPU does not count, what spins for a lock does. `of_buddy` is that time as a share of the buddy's
// without page cache, the plain locked buddy, in the same run of this program.
#include <benchmark/benchmark.h>

#include <pthread.h>
#include <time.h>

#include <barrier>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/micro/frame_node.hpp"
#include "tests/kernel/thread_machine.hpp"
#include "user/lib/ageing/recipes.hpp"

namespace {

using bench::Node;
using kernel::FrameStrategy;
using kernel::PhysicalAddress;

constexpr uint64_t memory_size = uint64_t{128} << 20;
constexpr uint32_t frames = memory_size >> 12;

int64_t cpu_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// What the threads of a run share.
struct Shared {
    Shared(FrameStrategy& used, unsigned threads)
        : strategy(used), barrier(static_cast<std::ptrdiff_t>(threads)), blocks(frames) {}

    FrameStrategy& strategy;
    std::barrier<> barrier;
    std::vector<PhysicalAddress> blocks;  // by slot; 0 for none
};

class DirectMemory final {
  public:
    DirectMemory(Shared& shared, unsigned cpu) : shared_(shared), cpu_(cpu) {}

    void allocate(uint32_t slot, uint32_t order, ageing::Mobility mobility) {
        const auto block =
            shared_.strategy.allocate({order, static_cast<kernel::Mobility>(mobility), cpu_});
        shared_.blocks[slot] = block.ok() ? block.value() : 0;
        ++operations_;
    }
    void free(uint32_t slot, uint32_t order) {
        const PhysicalAddress block = shared_.blocks[slot];
        shared_.blocks[slot] = 0;
        if (block != 0) (void)shared_.strategy.free(block, order, cpu_);
        ++operations_;
    }
    void settle() {}
    bool together() {
        shared_.barrier.arrive_and_wait();
        return cpu_ == 0;
    }
    void wait_for(const std::atomic_ref<uint32_t>& value, uint32_t wanted) {
        while (value.load(std::memory_order_acquire) != wanted) std::this_thread::yield();
    }
    void measure(bool on) {
        if (on) {
            since_ = cpu_nanoseconds();
            before_ = operations_;
        } else {
            nanoseconds += cpu_nanoseconds() - since_;
            measured += operations_ - before_;
        }
    }
    void look() {}

    int64_t nanoseconds = 0;
    uint64_t measured = 0;

  private:
    Shared& shared_;
    unsigned cpu_;
    uint64_t operations_ = 0;
    int64_t since_ = 0;
    uint64_t before_ = 0;
};

struct Case {
    const ageing::Recipe<DirectMemory>* recipe;
    const kernel::StrategyKind* kind;
    bool page_cache;
    unsigned threads;
    uint32_t fill;
};

uint32_t rounds_of(std::string_view recipe) {
    if (recipe == "filling") return 50;
    if (recipe == "fragmentation") return 10;
    return recipe == "apps" ? 20 : 2;
}

// Seconds for a pair of operations.
double run(const Case& what) {
    const Node node(*what.kind, what.page_cache, memory_size);
    Shared shared(*node.strategy, what.threads);
    std::vector<uint32_t> slots(frames);
    std::vector<uint8_t> orders(frames);
    uint32_t counts[ageing::most_threads] = {};
    const ageing::Work work{slots.data(), orders.data(), frames, counts};
    ageing::Plan plan;
    plan.seed = 1;
    plan.threads = what.threads;
    plan.frames = frames;
    plan.fill = what.fill;
    plan.rounds = rounds_of(what.recipe->name);

    std::vector<DirectMemory> memories;
    for (unsigned cpu = 0; cpu < what.threads; ++cpu) memories.emplace_back(shared, cpu);
    std::vector<std::thread> threads;
    for (unsigned cpu = 0; cpu < what.threads; ++cpu) {
        threads.emplace_back([&, cpu] {
            kernel::ThreadMachine::set_cpu(cpu);
            what.recipe->run(memories[cpu], plan, work, cpu);
        });
    }
    for (std::thread& thread : threads) thread.join();
    int64_t nanoseconds = 0;
    uint64_t operations = 0;
    for (const DirectMemory& memory : memories) {
        nanoseconds += memory.nanoseconds;
        operations += memory.measured;
    }
    return 2e-9 * static_cast<double>(nanoseconds) / static_cast<double>(operations);
}

std::string name_without_strategy(const Case& what) {
    return std::string(what.recipe->name) + "/fill_" + std::to_string(what.fill) + "/threads_" +
           std::to_string(what.threads);
}

// The plain buddy's time, measured when it is first asked for.
double buddy_seconds(const Case& what) {
    static std::map<std::string, double> known;
    const auto [place, is_new] = known.try_emplace(name_without_strategy(what), 0.0);
    if (is_new) {
        Case buddy = what;
        buddy.kind = kernel::find_strategy("buddy");
        buddy.page_cache = false;
        place->second = run(buddy);
    }
    return place->second;
}

void measure(benchmark::State& state, const Case& what) {
    double sum = 0;
    uint64_t runs = 0;
    for (auto _ : state) {
        const double seconds = run(what);
        state.SetIterationTime(seconds);
        sum += seconds;
        ++runs;
    }
    state.counters["of_buddy"] = sum / static_cast<double>(runs) / buddy_seconds(what);
}

void add(const Case& what) {
    const std::string strategy = std::string(what.kind->name) + (what.page_cache ? "+cache" : "");
    const std::string name = "recipes/" + std::string(what.recipe->name) + "/" + strategy +
                             "/fill_" + std::to_string(what.fill) + "/threads_" +
                             std::to_string(what.threads);
    benchmark::RegisterBenchmark(name.c_str(),
                                 [what](benchmark::State& state) { measure(state, what); })
        ->Iterations(1)
        ->UseManualTime();
}

const int registered = [] {
    for (const auto& recipe : ageing::recipes<DirectMemory>) {
        if (recipe.name == "replay") continue;  // there is nothing to replay here
        for (unsigned i = 0; i < kernel::strategy_count(); ++i) {
            for (const bool page_cache : {false, true}) {
                for (const uint32_t fill : {50U, 90U, 99U}) {
                    for (const unsigned threads : {1U, 2U, 4U, 8U}) {
                        add({&recipe, &kernel::strategy_at(i), page_cache, threads, fill});
                    }
                }
            }
        }
    }
    return 0;
}();

}  // namespace
