// SPDX-License-Identifier: Apache-2.0
// kernel_bench CPU OTHER [loaded]: what the kernel's short paths take, each over many rounds on one
// CPU, and between two (docs/kernel-benchmarks.md says what each figure is); `loaded`: messages
// while all other CPUs keep the kernel busy. `kernel_bench partner`, `client`, `ring` and `load`
// are the other tasks of those that need some, `contained` measures inside a container. Interrupts
// want init's `devices schedule`.
#include <atomic>

#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"
#include "user/programs/kernel_bench_parts.hpp"
#include "user/programs/kernel_work.hpp"

namespace user {

namespace {

constexpr uint64_t rounds = 4000;
constexpr uint64_t sleeps = 200;
constexpr uint32_t most_cpus = 64;

// In memory that both tasks see.
struct Shared {
    std::atomic<uint64_t> turns;  // of the partner
    std::atomic<bool> stop;
};

uint64_t own_cpu = 0;
uint64_t cpu_mask = 1;
uint64_t other_mask = 2;

void measure_calls() {
    report("null_call", rounds, time_of(rounds, [] { (void)system::null(); }));
    report("yield_alone", rounds, time_of(rounds, [] { system::yield(); }));
    report("clock_now", rounds, time_of(rounds, [] { (void)system::clock_now(); }));
}

uint64_t take_turns(void* argument) {
    Shared& shared = *static_cast<Shared*>(argument);
    while (!shared.stop.load(std::memory_order_relaxed)) {
        shared.turns.fetch_add(1, std::memory_order_relaxed);
        system::yield();
    }
    return 0;
}

// Yields to a partner, who yields back: each of its turns is two switches.
void measure_switches(std::string_view name, Shared& shared) {
    while (shared.turns.load(std::memory_order_relaxed) == 0) system::yield();
    system::yield();
    const uint64_t before = shared.turns.load(std::memory_order_relaxed);
    const uint64_t begin = system::clock_now();
    for (uint64_t i = 0; i < rounds; ++i) system::yield();
    const uint64_t time = system::clock_now() - begin;
    report(name, 2 * (shared.turns.load(std::memory_order_relaxed) - before), time);
    shared.stop.store(true, std::memory_order_relaxed);
}

bool measure_thread_switch() {
    Shared shared{};
    const auto partner = Thread::create(take_turns, &shared, cpu_mask);
    if (!partner) return false;
    Thread started = *partner;
    measure_switches("switch_threads", shared);
    return started.join().status() == Status::Ok;
}

bool measure_task_switch() {
    const auto object = system::create_object(abi::page_size);
    if (!object) return false;
    const auto memory = system::map_object(*object, read_write);
    if (!memory) return false;
    const uint32_t passed[] = {*object};
    const auto partner = system::spawn_task("bin/kernel_bench", "partner", cpu_mask, passed);
    if (!partner) return false;
    measure_switches("switch_tasks", *reinterpret_cast<Shared*>(*memory));
    return system::wait_task(*partner).status() == Status::Ok;
}

// From the end of a sleep on a CPU with nothing else to do to the program, the call that reads the
// clock included.
void measure_wake_ups() {
    constexpr uint64_t nap = 50'000;
    uint64_t late = 0;
    for (uint64_t i = 0; i < sleeps; ++i) {
        const uint64_t begin = system::clock_now();
        system::sleep(nap);
        late += system::clock_now() - begin - nap;
    }
    report("wake_from_idle", sleeps, late);
}

// Tasks that keep the kernel busy, one on each CPU but the two of this program.
class Load final {
  public:
    Load() = default;
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load() {
        for (uint32_t i = 0; i < count_; ++i) {
            (void)system::kill_task(tasks_[i]);
            (void)system::wait_task(tasks_[i]);
        }
    }

    [[nodiscard]] Status start() {
        const auto info = system::system_info();
        if (!info) return info.status();
        for (uint32_t cpu = 0; cpu < info->cpus_online; ++cpu) {
            const uint64_t mask = uint64_t{1} << cpu;
            if ((mask & (cpu_mask | other_mask)) != 0) continue;
            const auto task = system::spawn_task("bin/kernel_bench", "load", mask);
            if (!task) return task.status();
            tasks_[count_++] = *task;
        }
        return Status::Ok;
    }

  private:
    uint32_t tasks_[most_cpus] = {};
    uint32_t count_ = 0;
};

int be_load() {
    for (;;) (void)work_once();
}

// What takes longer while others work.
uint64_t measure_loaded(void*) {
    Load load;
    if (load.start() != Status::Ok) return 1;
    system::sleep(1'000'000);  // until they are at it
    if (!measure_short_messages("near_loaded", cpu_mask)) return 2;
    if (!measure_short_messages("far_loaded", other_mask)) return 3;
    return 0;
}

uint64_t measure(void*) {
    measure_calls();
    if (!measure_thread_switch()) return 1;
    if (!measure_task_switch()) return 2;
    measure_wake_ups();
    if (!measure_messages(cpu_mask, other_mask)) return 3;
    if (!measure_interrupts(cpu_mask)) return 4;
    if (!measure_ring("ring_near", cpu_mask)) return 5;
    if (!measure_ring("ring_far", other_mask)) return 6;
    if (!measure_audit(own_cpu)) return 7;
    return 0;
}

int be_partner() {
    const auto memory = system::map_object(abi::given_name(0), read_write);
    if (!memory) return 1;
    return static_cast<int>(take_turns(reinterpret_cast<void*>(*memory)));
}

}  // namespace

int user_main(std::string_view arguments) {
    const std::string_view word = take_word(arguments);
    if (word == "partner") return be_partner();
    if (word == "client") return be_message_client(arguments);
    if (word == "load") return be_load();
    if (word == "ring") return be_ring_consumer();
    if (word == "contained") return be_contained(arguments);
    const auto cpu = parse_number(word);
    const auto other = parse_number(take_word(arguments));
    if (!cpu || *cpu >= most_cpus || !other || *other >= most_cpus) {
        print("kernel_bench: usage: kernel_bench CPU OTHER [loaded]\n");
        return 2;
    }
    own_cpu = *cpu;
    cpu_mask = uint64_t{1} << own_cpu;
    other_mask = uint64_t{1} << *other;
    const bool loaded = take_word(arguments) == "loaded";
    const auto thread = Thread::create(loaded ? measure_loaded : measure, nullptr, cpu_mask);
    if (!thread) {
        print("kernel_bench: there is no CPU {}\n", *cpu);
        return 2;
    }
    Thread started = *thread;
    const auto result = started.join();
    return result ? static_cast<int>(*result) : 1;
}

}  // namespace user
