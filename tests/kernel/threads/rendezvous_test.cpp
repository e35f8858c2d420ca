// SPDX-License-Identifier: Apache-2.0
// The rendezvous among threads that come by it as CPUs do, several of which want it at once.
#include "kernel/schedule/rendezvous.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "tests/kernel/thread_machine.hpp"

namespace kernel {
namespace {

constexpr unsigned cpu_count = 4;
constexpr uint64_t all_cpus = (1U << cpu_count) - 1;

struct RendezvousTest : testing::Test {
    ThreadMachine machine;
    Rendezvous rendezvous;
    std::array<std::atomic<bool>, cpu_count> interrupted{};
    std::atomic<unsigned> working{cpu_count};
    // Plain memory: each CPU writes its own number outside of a rendezvous, its host writes all.
    // Two at a time are a data race.
    std::array<uint64_t, cpu_count> numbers{};

    void preemption_point(unsigned cpu) {
        if (interrupted[cpu].exchange(false)) rendezvous.stop_if_asked();
    }

    void work(unsigned cpu, unsigned steps, unsigned hosts) {
        ThreadMachine::set_cpu(cpu);
        for (unsigned step = 0; step < steps; ++step) {
            ++numbers[cpu];
            preemption_point(cpu);
            if (cpu >= hosts || step % 16 != 0) continue;
            rendezvous.stop_others([] { return all_cpus; },
                                   [this](unsigned other) { interrupted[other] = true; });
            for (uint64_t& number : numbers) number += 1'000'000;
            rendezvous.resume();
        }
        // Like a CPU with nothing to do, until nobody wants anything any more.
        --working;
        while (working != 0) {
            preemption_point(cpu);
            hal::Machine::relax();
        }
    }

    void run(unsigned steps, unsigned hosts) {
        std::vector<std::thread> threads;
        for (unsigned cpu = 0; cpu < cpu_count; ++cpu) {
            threads.emplace_back([=, this] { work(cpu, steps, hosts); });
        }
        for (std::thread& thread : threads) thread.join();
        const uint64_t meetings = hosts * ((steps + 15) / 16);
        for (const uint64_t number : numbers) EXPECT_EQ(number, steps + 1'000'000 * meetings);
    }
};

TEST_F(RendezvousTest, OneStopsAllOthers) {
    run(2'000, 1);
}

TEST_F(RendezvousTest, TwoAtOnceDoNotDeadlock) {
    run(2'000, 2);
}

TEST_F(RendezvousTest, AllWantOne) {
    run(1'000, cpu_count);
}

}  // namespace
}  // namespace kernel
