// SPDX-License-Identifier: Apache-2.0
// clock_steps ITERATIONS: runs the same loop at every operating point of every clock, on a CPU of
// that clock, and says how long it took. At the end all clocks are at their highest.
#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

constexpr uint64_t default_iterations = 3'000'000;
// Longer than a change of the operating point takes.
constexpr uint64_t settle_time = 1'000'000;

// Returns its duration in nanoseconds.
uint64_t loop(void* argument) {
    uint64_t iterations = *static_cast<const uint64_t*>(argument);
    const uint64_t start = system::clock_now();
    asm volatile(
        "1:\n"
        "subs %[n], %[n], #1\n"
        "b.ne 1b\n"
        : [n] "+r"(iterations)
        :
        : "cc");
    return system::clock_now() - start;
}

Status step(uint32_t index, uint32_t level, uint64_t iterations) {
    const Status set = system::set_performance(index, level);
    if (set != Status::Ok) return set;
    system::sleep(settle_time);
    const auto domain = system::read_performance(index);
    if (!domain) return domain.status();
    print("clock_steps: begin {} {}\n", index, level);
    auto thread = Thread::create(loop, &iterations, domain->cpu_mask);
    if (!thread) return thread.status();
    Thread running = *thread;
    const auto nanoseconds = running.join();
    if (!nanoseconds) return nanoseconds.status();
    print("clock_steps: end {} {} kHz now {} kHz in {} ns\n", index, level, domain->current,
          *nanoseconds);
    return Status::Ok;
}

// All levels of a clock, from the lowest to the highest. NotFound when there is no such clock.
Status all_steps(uint32_t index, uint64_t iterations) {
    const auto domain = system::read_performance(index);
    if (!domain) return domain.status();
    for (uint32_t i = 0; i < domain->level_count; ++i) {
        const Status status = step(index, domain->levels[i], iterations);
        if (status != Status::Ok) return status;
    }
    return Status::Ok;
}

}  // namespace

int user_main(std::string_view arguments) {
    const auto iterations =
        arguments.empty() ? Result(default_iterations) : parse_number(take_word(arguments));
    if (!iterations || *iterations == 0) {
        print("clock_steps: usage: clock_steps ITERATIONS, at least 1\n");
        return 2;
    }
    for (uint32_t index = 0;; ++index) {
        const Status status = all_steps(index, *iterations);
        if (status == Status::NotFound) {
            print("clock_steps: {} clocks, done\n", index);
            return 0;
        }
        if (status == Status::Ok) continue;
        print("clock_steps: clock {}: {}\n", index, status);
        return 1;
    }
}

}  // namespace user
