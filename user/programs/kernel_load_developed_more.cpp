// SPDX-License-Identifier: Apache-2.0
// More kernel workloads that native timing was developed on: those that were looked at later.
#include <array>

#include "user/lib/system.hpp"
#include "user/lib/thread.hpp"
#include "user/programs/kernel_load.hpp"

namespace user {
namespace {

constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint64_t page = abi::page_size;

// Calls that are refused: numbers and addresses that nobody has.
uint64_t refused_calls(uint64_t rounds) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        sum += static_cast<uint64_t>(-system::call(1000 + i % 7).value);
        sum += static_cast<uint64_t>(-system::call(abi::SystemCall::ConsoleWrite, 16, 64).value);
        sum += static_cast<uint64_t>(-system::call(abi::SystemCall::MemoryMap, i % 3, 7).value);
        sum += static_cast<uint64_t>(-system::call(abi::SystemCall::ThreadJoin, 9999).value);
    }
    return sum;
}

// Small questions.
uint64_t small_calls(uint64_t rounds) {
    uint64_t sum = 0;
    uint64_t last = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        const uint64_t now = system::clock_now();
        sum += now >= last ? 1 : 0;
        last = now;
        sum += (workload_cpu_mask >> system::cpu_number()) & 1;
    }
    return sum;
}

// Pages far from each other: each needs tables of its own.
uint64_t map_far(uint64_t rounds) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (uint64_t k = 1; k <= 6; ++k) {
            const uint64_t address = k << 39 | (i % 64) << 21;
            const auto place = system::map_memory(page, read_write, address);
            if (!place) continue;
            *reinterpret_cast<volatile uint64_t*>(*place) = k;
            sum += *reinterpret_cast<volatile uint64_t*>(*place);
            system::unmap_memory(*place, page);
        }
    }
    return sum;
}

// A region that grows a page at a time, and goes at once.
uint64_t grow_region(uint64_t rounds) {
    constexpr uint64_t base = 0x40'0000'0000;
    constexpr uint64_t pages = 20;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (uint64_t k = 0; k < pages; ++k) {
            const auto place = system::map_memory(page, read_write, base + k * page);
            sum += place ? 1 : 0;
        }
        for (uint64_t k = 0; k < pages; ++k) {
            sum += system::unmap_memory(base + k * page, page) == Status::Ok ? 1 : 0;
        }
    }
    return sum;
}

// The middle of a region changes, and changes back.
uint64_t split_region(uint64_t rounds) {
    constexpr uint64_t pages = 9;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto place = system::map_memory(pages * page, read_write);
        if (!place) return 0;
        for (uint64_t k = 1; k < pages; k += 3) {
            const uint64_t middle = *place + k * page;
            sum += system::protect_memory(middle, page, abi::ProtectionRead) == Status::Ok;
            sum += system::protect_memory(middle, page, read_write) == Status::Ok;
        }
        sum += system::unmap_memory(*place, pages * page) == Status::Ok;
    }
    return sum;
}

// Demands that cannot be met.
uint64_t demand_too_much(uint64_t rounds) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto place = system::map_memory(1ULL << 46, read_write);
        sum += place ? 0 : 1;
    }
    return sum;
}

uint64_t yield_some(void* times) {
    const uint64_t count = *static_cast<const uint64_t*>(times);
    for (uint64_t i = 0; i < count; ++i) system::yield();
    return count;
}

// A crowd of threads that end in the order in which nobody waits for them.
uint64_t crowd(uint64_t rounds) {
    constexpr uint64_t count = 8;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        std::array<Thread, count> threads;
        std::array<uint64_t, count> times{};
        for (uint64_t k = 0; k < count; ++k) {
            times[k] = 3 + k % 3;
            const auto thread = Thread::create(yield_some, &times[k], workload_cpu_mask, page);
            if (!thread) return 0;
            threads[k] = *thread;
        }
        for (uint64_t k = count; k-- > 0;) {
            const auto value = threads[k].join();
            if (value) sum += *value;
        }
    }
    return sum;
}

uint64_t sleep_a_while(void* nanoseconds) {
    system::sleep(*static_cast<const uint64_t*>(nanoseconds));
    return 1;
}

// Sleepers with different times to wake up at.
uint64_t sleepers(uint64_t rounds) {
    constexpr uint64_t count = 6;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        std::array<Thread, count> threads;
        std::array<uint64_t, count> times{};
        for (uint64_t k = 0; k < count; ++k) {
            times[k] = 400'000 + (k * 5 % count) * 50'000;
            const auto thread = Thread::create(sleep_a_while, &times[k], workload_cpu_mask, page);
            if (!thread) return 0;
            threads[k] = *thread;
        }
        for (Thread& thread : threads) {
            const auto value = thread.join();
            if (value) sum += *value;
        }
    }
    return sum;
}

struct Naps {
    uint64_t count;
    uint64_t length;
};

uint64_t sleep_in_between(void* argument) {
    const auto& naps = *static_cast<const Naps*>(argument);
    for (uint64_t i = 0; i < naps.count; ++i) system::sleep(naps.length);
    return 1;
}

// Interrupts in the middle of a program, and time slices. Two sleeps of the same length would end
// with one interrupt or with two, by their phase.
uint64_t interrupted(uint64_t rounds) {
    Naps naps[] = {{rounds, 30'000}, {rounds, 43'000}};
    std::array<Thread, 2> threads;
    for (size_t i = 0; i < threads.size(); ++i) {
        const auto thread = Thread::create(sleep_in_between, &naps[i], workload_cpu_mask, page);
        if (!thread) return 0;
        threads[i] = *thread;
    }
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds * 60'000; ++i) asm volatile("" : "+r"(sum));
    for (Thread& thread : threads) {
        const auto value = thread.join();
        if (value) sum += *value;
    }
    return sum;
}

// Tasks that are ended from outside.
uint64_t kill_tasks(uint64_t rounds) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto task = system::spawn_task("bin/kernel_load", "null_call 0", workload_cpu_mask);
        if (!task) return 0;
        sum += system::kill_task(*task) == Status::Ok ? 1 : 0;
        const auto result = system::wait_task(*task);
        if (result) sum += static_cast<uint64_t>(result->reason);
    }
    return sum;
}

// A large file mapped and unmapped.
uint64_t map_archive(uint64_t rounds) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto archive = system::map_archive();
        if (!archive) return 0;
        sum += (*archive)[i % 6];
        const uint64_t size = (archive->size() + page - 1) / page * page;
        system::unmap_memory(system::address_of(archive->data()) / page * page, size);
    }
    return sum;
}

constexpr KernelWorkload workloads[] = {
    {"refused_calls", refused_calls},
    {"small_calls", small_calls},
    {"map_far", map_far},
    {"grow_region", grow_region},
    {"split_region", split_region},
    {"demand_too_much", demand_too_much},
    {"crowd", crowd},
    {"sleepers", sleepers},
    {"interrupted", interrupted},
    {"kill_tasks", kill_tasks},
    {"map_archive", map_archive},
};

}  // namespace

std::span<const KernelWorkload> more_developed_workloads() {
    return workloads;
}

}  // namespace user
