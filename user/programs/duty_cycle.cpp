// SPDX-License-Identifier: Apache-2.0
// duty_cycle THREADS ITERATIONS PERIODS: threads that each wake every 10 ms, run a loop of so many
// iterations, and sleep again. Says how long the slowest loop took from the time it was due.
#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

constexpr uint64_t most_threads = 16;
constexpr uint64_t period = 10'000'000;  // nanoseconds

struct Load {
    uint64_t iterations;
    uint64_t periods;
};

void compute(uint64_t iterations) {
    asm volatile(
        "1:\n"
        "subs %[n], %[n], #1\n"
        "b.ne 1b\n"
        : [n] "+r"(iterations)
        :
        : "cc");
}

// Returns the longest time from a period's begin to the end of its loop.
uint64_t run(void* argument) {
    const Load& load = *static_cast<const Load*>(argument);
    uint64_t longest = 0;
    uint64_t due = system::clock_now();
    for (uint64_t i = 0; i < load.periods; ++i) {
        compute(load.iterations);
        const uint64_t now = system::clock_now();
        if (now - due > longest) longest = now - due;
        due += period;
        // Who is late begins the next period at once.
        if (now < due) {
            system::sleep(due - now);
        } else {
            due = now;
        }
    }
    return longest;
}

uint64_t number(std::string_view& words) {
    const auto value = parse_number(take_word(words));
    return value ? *value : 0;
}

}  // namespace

int user_main(std::string_view arguments) {
    const uint64_t count = number(arguments);
    const Load load{.iterations = number(arguments), .periods = number(arguments)};
    if (count == 0 || count > most_threads || load.iterations == 0 || load.periods == 0) {
        print("duty_cycle: usage: duty_cycle THREADS ITERATIONS PERIODS, 1 to 16 threads\n");
        return 2;
    }
    Thread threads[most_threads];
    for (uint64_t i = 0; i < count; ++i) {
        const auto thread = Thread::create(run, const_cast<Load*>(&load));
        if (!thread) {
            print("duty_cycle: thread {} not created: {}\n", i, thread.status());
            return 1;
        }
        threads[i] = *thread;
    }
    uint64_t longest = 0;
    for (uint64_t i = 0; i < count; ++i) {
        const auto time = threads[i].join();
        if (!time) return 1;
        if (*time > longest) longest = *time;
    }
    print("duty_cycle: {} threads, {} periods, longest {} ns, done\n", count, load.periods,
          longest);
    return 0;
}

}  // namespace user
