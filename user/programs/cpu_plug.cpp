// SPDX-License-Identifier: Apache-2.0
// cpu_plug: CPUs are taken out one by one, and put in again, while threads compute on all of them.
// Needs RightSchedule.
#include <atomic>

#include "user/lib/console.hpp"
#include "user/lib/schedule.hpp"
#include "user/lib/thread.hpp"

namespace user {
namespace {

constexpr uint64_t ms = 1'000'000;
constexpr uint32_t cpus = 8;

std::atomic<bool> done{false};
std::atomic<uint32_t> out{0};         // CPUs that are out, for longer than a moment
std::atomic<uint32_t> trespasses{0};  // times a thread ran on one of them

struct alignas(64) Worker {
    std::atomic<uint64_t> rounds{0};
} workers[cpus];

// One is bound to a CPU that goes away, the others are free.
uint64_t compute(void* argument) {
    Worker& mine = *static_cast<Worker*>(argument);
    while (!done.load(std::memory_order_relaxed)) {
        const uint32_t before = out.load();
        const uint32_t cpu = system::cpu_number();
        if ((before >> cpu & 1) != 0 && (out.load() >> cpu & 1) != 0) trespasses.fetch_add(1);
        for (int i = 0; i < 2000; ++i) asm volatile("" ::: "memory");
        mine.rounds.fetch_add(1, std::memory_order_relaxed);
        if (mine.rounds.load(std::memory_order_relaxed) % 50 == 0) system::sleep(ms / 10);
    }
    return 0;
}

// Threads that did nothing for a while.
uint32_t count_stuck() {
    uint64_t before[cpus];
    for (uint32_t i = 0; i < cpus; ++i) before[i] = workers[i].rounds.load();
    system::sleep(20 * ms);
    uint32_t stuck = 0;
    for (uint32_t i = 0; i < cpus; ++i) {
        if (workers[i].rounds.load() == before[i]) ++stuck;
    }
    return stuck;
}

}  // namespace

int user_main(std::string_view) {
    Thread threads[cpus];
    for (uint32_t i = 0; i < cpus; ++i) {
        const auto created = Thread::create(compute, &workers[i], i == 5 ? 1U << 5 : 0);
        if (!created) return 3;
        threads[i] = *created;
    }
    uint32_t refused = 0;
    uint32_t stuck = count_stuck();
    for (uint32_t cpu = cpus; cpu-- > 1;) {
        if (plug_cpu(cpu, false) != Status::Ok) ++refused;
        system::sleep(ms);
        out.fetch_or(1U << cpu);
        stuck += count_stuck();
    }
    const auto info = system::cpu_number();
    print("cpu_plug: all but CPU {} are out, the boot CPU stays: {}\n", info,
          plug_cpu(0, false) == Status::Unsupported ? 1 : 0);
    // Whoever reads this has a look at the CPUs first.
    system::sleep(150 * ms);  // for harnesses that look every 100 ms
    for (uint32_t cpu = 1; cpu < cpus; ++cpu) {
        out.fetch_and(~(1U << cpu));
        if (plug_cpu(cpu, true) != Status::Ok) ++refused;
        stuck += count_stuck();
    }
    done.store(true);
    for (Thread& thread : threads) (void)thread.join();
    print("cpu_plug: {} refused, {} stuck, {} trespasses\n", refused, stuck, trespasses.load());
    return refused + stuck + trespasses.load() == 0 ? 0 : 1;
}

}  // namespace user
