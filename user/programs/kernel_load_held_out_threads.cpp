// SPDX-License-Identifier: Apache-2.0
// Kernel workloads of threads, held out: written after native timing was frozen, to check it.
#include <array>
#include <atomic>

#include "user/lib/thread.hpp"
#include "user/programs/kernel_load.hpp"

namespace user {
namespace {

constexpr uint64_t page = abi::page_size;

[[nodiscard]] Result<Thread> start(Thread::Function function, void* argument) {
    return Thread::create(function, argument, workload_cpu_mask, page);
}

void add_join(Checksum& sum, Thread& thread) {
    const auto value = thread.join();
    sum.add(value ? *value : 1000);
}

// Nobody else wants the CPU.
uint64_t yield_alone(uint64_t rounds) {
    for (uint64_t i = 0; i < rounds; ++i) system::yield();
    return rounds;
}

uint64_t yield_times(void* times) {
    const uint64_t count = *static_cast<const uint64_t*>(times);
    for (uint64_t i = 0; i < count; ++i) system::yield();
    return count;
}

// Six threads, one after the other.
uint64_t yield_in_circle(uint64_t rounds) {
    std::array<Thread, 6> threads;
    for (Thread& each : threads) {
        const auto thread = start(yield_times, &rounds);
        if (!thread) return 0;
        each = *thread;
    }
    Checksum sum;
    for (Thread& thread : threads) add_join(sum, thread);
    return sum.value();
}

// Sleeps that are over when they begin, or nearly.
uint64_t sleep_briefly(uint64_t rounds) {
    for (uint64_t i = 0; i < rounds; ++i) system::sleep(i % 2);
    return rounds;
}

uint64_t sleep_for(void* nanoseconds) {
    system::sleep(*static_cast<const uint64_t*>(nanoseconds));
    return *static_cast<const uint64_t*>(nanoseconds);
}

// The last to lie down is the first to get up, so everyone is queued at the front.
uint64_t sleep_in_reverse(uint64_t rounds) {
    constexpr uint64_t count = 10;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        std::array<Thread, count> threads;
        std::array<uint64_t, count> times{};
        for (uint64_t k = 0; k < count; ++k) {
            times[k] = 1'500'000 - k * 100'000;
            const auto thread = start(sleep_for, &times[k]);
            if (!thread) return 0;
            threads[k] = *thread;
        }
        for (Thread& thread : threads) add_join(sum, thread);
    }
    return sum.value();
}

struct Stranger {
    std::atomic<uint32_t> self{0};
    uint64_t rounds = 0;
};

uint64_t join_nobody(void* argument) {
    auto& stranger = *static_cast<Stranger*>(argument);
    while (stranger.self == 0) system::yield();
    Checksum sum;
    for (uint64_t i = 0; i < stranger.rounds; ++i) {
        sum.add(system::join_thread(stranger.self).status());
        for (const uint32_t name : {0U, 1U, 1'000'000U}) {
            sum.add(system::join_thread(name).status());
        }
    }
    return sum.value();
}

// Joins with oneself, with other tasks' threads and with nobody.
uint64_t join_strangers(uint64_t rounds) {
    Stranger stranger;
    stranger.rounds = rounds;
    const auto thread = start(join_nobody, &stranger);
    if (!thread) return 0;
    Thread started = *thread;
    stranger.self = started.name();
    Checksum sum;
    add_join(sum, started);
    sum.add(system::join_thread(started.name()).status());
    return sum.value();
}

// One of those who want to join gets to, and frees the stack.
uint64_t join_shared(void* thread) {
    const auto value = static_cast<Thread*>(thread)->join();
    if (value) return *value;
    return static_cast<uint64_t>(-static_cast<int64_t>(value.status()));
}

uint64_t contend_to_join(uint64_t rounds) {
    constexpr uint64_t count = 6;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        uint64_t yields = 20;
        const auto target = start(yield_times, &yields);
        if (!target) return 0;
        Thread shared = *target;
        std::array<Thread, count> threads;
        for (Thread& each : threads) {
            const auto thread = start(join_shared, &shared);
            if (!thread) return 0;
            each = *thread;
        }
        for (Thread& thread : threads) add_join(sum, thread);
    }
    return sum.value();
}

struct Link {
    Thread thread;
    Link* before = nullptr;
};

uint64_t join_before(void* argument) {
    Link& link = *static_cast<Link*>(argument);
    if (link.before == nullptr) {
        system::yield();
        return 1;
    }
    const auto value = link.before->thread.join();
    return value ? *value + 1 : 0;
}

// Each waits for the one before it: one end sets off all others.
uint64_t join_in_chain(uint64_t rounds) {
    constexpr uint64_t count = 12;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        std::array<Link, count> links;
        for (uint64_t k = 0; k < count; ++k) {
            links[k].before = k == 0 ? nullptr : &links[k - 1];
            const auto thread = start(join_before, &links[k]);
            if (!thread) return 0;
            links[k].thread = *thread;
        }
        add_join(sum, links[count - 1].thread);
    }
    return sum.value();
}

// As many threads as a task may have.
uint64_t reach_thread_limit(uint64_t rounds) {
    constexpr uint64_t most = 100;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        std::array<Thread, most> threads;
        uint64_t yields = i % 3;
        uint64_t count = 0;
        Status status = Status::Ok;
        while (count < most && status == Status::Ok) {
            const auto thread = start(yield_times, &yields);
            status = thread.status();
            if (thread) threads[count++] = *thread;
        }
        sum.add(count);
        sum.add(status);
        // Every third first, so that the list has gaps.
        for (uint64_t k = 0; k < count; ++k) add_join(sum, threads[k * 3 % count]);
    }
    return sum.value();
}

constexpr KernelWorkload workloads[] = {
    {"yield_alone", yield_alone},       {"yield_in_circle", yield_in_circle},
    {"sleep_briefly", sleep_briefly},   {"sleep_in_reverse", sleep_in_reverse},
    {"join_strangers", join_strangers}, {"contend_to_join", contend_to_join},
    {"join_in_chain", join_in_chain},   {"reach_thread_limit", reach_thread_limit},
};

}  // namespace

std::span<const KernelWorkload> held_out_threads() {
    return workloads;
}

}  // namespace user
