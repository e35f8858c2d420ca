// SPDX-License-Identifier: Apache-2.0
// kernel_bench CPU: what the kernel's short paths take, each over many rounds on one CPU
// (docs/kernel-benchmarks.md says what each figure is). `kernel_bench partner` is the other task of
// those that need one.
#include <atomic>

#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

constexpr uint64_t rounds = 4000;
constexpr uint64_t sleeps = 200;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

// In memory that both tasks see.
struct Shared {
    std::atomic<uint64_t> turns;  // of the partner
    std::atomic<bool> stop;
};

uint64_t cpu_mask = 1;

// `count`: how often it was done.
void report(std::string_view name, uint64_t count, uint64_t nanoseconds) {
    print("kernel_bench: {} {} times {} ns\n", name, count, nanoseconds);
}

template <class Action>
uint64_t time_of(Action action) {
    action();  // what is done for the first time takes longer
    const uint64_t begin = system::clock_now();
    for (uint64_t i = 0; i < rounds; ++i) action();
    return system::clock_now() - begin;
}

void measure_calls() {
    report("null_call", rounds, time_of([] { (void)system::null(); }));
    report("yield_alone", rounds, time_of([] { system::yield(); }));
    report("clock_now", rounds, time_of([] { (void)system::clock_now(); }));
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

uint64_t measure(void*) {
    measure_calls();
    if (!measure_thread_switch()) return 1;
    if (!measure_task_switch()) return 2;
    measure_wake_ups();
    return 0;
}

int be_partner() {
    const auto memory = system::map_object(0, read_write);
    if (!memory) return 1;
    return static_cast<int>(take_turns(reinterpret_cast<void*>(*memory)));
}

}  // namespace

int user_main(std::string_view arguments) {
    const std::string_view word = take_word(arguments);
    if (word == "partner") return be_partner();
    const auto cpu = parse_number(word);
    if (!cpu || *cpu >= 64) {
        print("kernel_bench: usage: kernel_bench CPU\n");
        return 2;
    }
    cpu_mask = uint64_t{1} << *cpu;
    const auto thread = Thread::create(measure, nullptr, cpu_mask);
    if (!thread) {
        print("kernel_bench: there is no CPU {}\n", *cpu);
        return 2;
    }
    Thread started = *thread;
    const auto result = started.join();
    return result ? static_cast<int>(*result) : 1;
}

}  // namespace user
