// SPDX-License-Identifier: Apache-2.0
// Parts of kernel workloads that are tasks of their own: each ends its task, or waits to be ended.
#include <array>

#include "user/lib/thread.hpp"
#include "user/programs/kernel_load.hpp"

namespace user {
namespace {

constexpr uint64_t an_hour = 3'600'000'000'000;
constexpr uint64_t kinds = 3;

// A sleep, a read of the console that gets nothing, or yields.
uint64_t wait_somehow(void* argument) {
    switch (reinterpret_cast<uint64_t>(argument) % kinds) {
        case 0:
            for (;;) system::sleep(an_hour);
        case 1:
            for (char byte = 0;;) (void)system::read_console({&byte, 1});
        default:
            for (int i = 0; i < 10; ++i) system::yield();
            return 0;
    }
}

// Precondition: the task's threads are few.
std::array<Thread, 2 * kinds> start_threads() {
    std::array<Thread, 2 * kinds> threads;
    for (uint64_t i = 0; i < threads.size(); ++i) {
        const auto thread = Thread::create(wait_somehow, reinterpret_cast<void*>(i),
                                           workload_cpu_mask, abi::page_size);
        if (!thread) system::exit_task(1);
        threads[i] = *thread;
    }
    return threads;
}

uint64_t wait_for_ever(uint64_t) {
    auto threads = start_threads();
    (void)threads[0].join();
    return 0;
}

uint64_t exit_with_threads(uint64_t) {
    start_threads();
    system::yield();
    system::exit_task(5);
}

uint64_t leave_children(uint64_t) {
    for (int i = 0; i < 3; ++i) {
        const auto task = system::spawn_task("bin/kernel_load", "null_call 0", workload_cpu_mask);
        if (!task) system::exit_task(1);
        // One of them has ended when its parent does.
        if (i == 0) system::yield();
    }
    system::exit_task(6);
}

uint64_t yield_some(uint64_t) {
    for (int i = 0; i < 30; ++i) system::yield();
    system::exit_task(7);
}

constexpr KernelWorkload workloads[] = {
    {"part_wait_for_ever", wait_for_ever},
    {"part_exit_with_threads", exit_with_threads},
    {"part_leave_children", leave_children},
    {"part_yield", yield_some},
};

}  // namespace

std::span<const KernelWorkload> task_parts() {
    return workloads;
}

}  // namespace user
