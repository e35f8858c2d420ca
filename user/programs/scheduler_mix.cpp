// SPDX-License-Identifier: Apache-2.0
// scheduler_mix [MILLISECONDS [SEED]]: threads that mostly wait, among threads that compute: how
// long the former take to answer, and how the latter share a CPU by weight. To compare policies
// with.
#include <atomic>

#include "user/lib/console.hpp"
#include "user/lib/schedule.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"

namespace user {
namespace {

constexpr uint64_t us = 1000;
constexpr uint64_t ms = 1000 * us;
// CPU 1 for the threads that share by weight, 2 and 3 for the mix.
constexpr uint64_t share_cpu = 1U << 1;
constexpr uint64_t mix_cpus = 1U << 2 | 1U << 3;
constexpr uint32_t weights[] = {25, 50, 100};
constexpr size_t mix_count = 6;
constexpr size_t foreground_count = 3;
constexpr size_t most_answers = 512;

std::atomic<bool> done{false};

struct Computing {
    uint32_t weight;
    uint64_t cpus;
    abi::ThreadReport report;
};

struct Foreground {
    uint64_t seed;
    uint32_t answers;
    uint32_t times[most_answers];  // us, from when it was to wake until its work was done
    abi::ThreadReport report;
};

Computing sharing[std::size(weights)];
Computing mix[mix_count];
Foreground foreground[foreground_count];

void spin(unsigned rounds) {
    for (unsigned i = 0; i < rounds; ++i) asm volatile("" ::: "memory");
}

uint64_t compute(void* argument) {
    Computing& mine = *static_cast<Computing*>(argument);
    if (schedule_thread(0, normal_thread(mine.weight, mine.cpus)) != Status::Ok) return 1;
    while (!done.load(std::memory_order_relaxed)) spin(5000);
    const auto report = read_thread(0);
    if (!report) return 1;
    mine.report = *report;
    return 0;
}

// xorshift64 (Marsaglia, 2003).
uint64_t draw(uint64_t& state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

uint64_t answer(void* argument) {
    Foreground& mine = *static_cast<Foreground*>(argument);
    if (schedule_thread(0, normal_thread(100, mix_cpus)) != Status::Ok) return 1;
    while (!done.load(std::memory_order_relaxed) && mine.answers < most_answers) {
        const uint64_t wake = system::clock_now() + (1 + draw(mine.seed) % 8) * ms;
        system::sleep(wake - system::clock_now());
        spin(20'000 + static_cast<unsigned>(draw(mine.seed) % 40'000));
        mine.times[mine.answers++] = static_cast<uint32_t>((system::clock_now() - wake) / us);
    }
    const auto report = read_thread(0);
    if (!report) return 1;
    mine.report = *report;
    return 0;
}

void print_answers() {
    for (const Foreground& each : foreground) {
        for (uint32_t i = 0; i < each.answers; ++i) {
            print("scheduler_mix: answer {} us\n", each.times[i]);
        }
    }
}

void print_figures() {
    uint64_t predictions = 0;
    uint64_t predicted = 0;
    uint64_t switches = 0;
    for (const Foreground& each : foreground) {
        predictions += each.report.predictions;
        predicted += each.report.predicted;
        switches += each.report.switches;
    }
    for (const Computing& each : mix) switches += each.report.switches;
    for (const Computing& each : sharing) {
        print("scheduler_mix: weight {} had {} us\n", each.weight, each.report.run_time / us);
        switches += each.report.switches;
    }
    print("scheduler_mix: {} switches, {} of {} predicted\n", switches, predicted, predictions);
}

bool start(Thread& thread, Thread::Function function, void* argument) {
    const auto created = Thread::create(function, argument);
    if (created) thread = *created;
    return static_cast<bool>(created);
}

}  // namespace

int user_main(std::string_view arguments) {
    const auto duration = parse_number(take_word(arguments));
    const auto seed = parse_number(take_word(arguments));
    Thread threads[std::size(weights) + mix_count + foreground_count];
    size_t count = 0;
    for (size_t i = 0; i < std::size(weights); ++i) {
        sharing[i] = {weights[i], share_cpu, {}};
        if (!start(threads[count++], compute, &sharing[i])) return 3;
    }
    for (Computing& each : mix) {
        each = {100, mix_cpus, {}};
        if (!start(threads[count++], compute, &each)) return 3;
    }
    for (size_t i = 0; i < foreground_count; ++i) {
        foreground[i].seed =
            ((seed ? *seed : 1) * foreground_count + i) * 0x9e37'79b9'7f4a'7c15 + 1;
        if (!start(threads[count++], answer, &foreground[i])) return 3;
    }
    system::sleep((duration ? *duration : 200) * ms);
    done.store(true);
    int failures = 0;
    for (Thread& thread : threads) {
        const auto value = thread.join();
        if (!value || *value != 0) ++failures;
    }
    print_answers();
    print_figures();
    print("scheduler_mix: {} failures\n", failures);
    return failures == 0 ? 0 : 1;
}

}  // namespace user
