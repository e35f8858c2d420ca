// SPDX-License-Identifier: Apache-2.0
// Kernel workloads that native timing was developed on.
#include <array>

#include "user/lib/system.hpp"
#include "user/lib/thread.hpp"
#include "user/programs/kernel_load.hpp"

namespace user {
namespace {

constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

// Trap paths: in and out without any work.
uint64_t null_call(uint64_t rounds) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) sum += static_cast<uint64_t>(system::null());
    return sum;
}

// Copies to a program's memory.
uint64_t copy_out(uint64_t rounds) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto info = system::system_info();
        if (info) sum += info->tasks + info->threads;
    }
    return sum;
}

uint64_t yield_for(void* rounds) {
    for (uint64_t i = 0; i < *static_cast<const uint64_t*>(rounds); ++i) system::yield();
    return 1;
}

// Scheduling: two threads that hand the CPU to each other.
uint64_t switch_threads(uint64_t rounds) {
    const auto other = Thread::create(yield_for, &rounds, workload_cpu_mask);
    if (!other) return 0;
    const uint64_t own = yield_for(&rounds);
    Thread started = *other;
    const auto joined = started.join();
    return joined ? own + *joined : 0;
}

// Page tables and page frames, a page at a time.
uint64_t map_page(uint64_t rounds) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto place = system::map_memory(abi::page_size, read_write);
        if (!place) return 0;
        auto* words = reinterpret_cast<volatile uint64_t*>(*place);
        sum += words[i % 512];
        words[0] = i;
        sum += words[0];
        system::unmap_memory(*place, abi::page_size);
    }
    return sum;
}

// The same in regions of 256 KiB.
uint64_t map_region(uint64_t rounds) {
    constexpr uint64_t size = 64 * abi::page_size;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto place = system::map_memory(size, read_write);
        if (!place) return 0;
        auto* words = reinterpret_cast<volatile uint64_t*>(*place);
        for (uint64_t page = 0; page < 64; ++page) {
            words[page * 512] = page;
            sum += words[page * 512];
        }
        system::unmap_memory(*place, size);
    }
    return sum;
}

uint64_t protect_region(uint64_t rounds) {
    constexpr uint64_t size = 16 * abi::page_size;
    const auto place = system::map_memory(size, read_write);
    if (!place) return 0;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (const uint32_t protection : {uint32_t{abi::ProtectionRead}, read_write}) {
            sum += system::protect_memory(*place, size, protection) == Status::Ok ? 1 : 0;
        }
    }
    system::unmap_memory(*place, size);
    return sum;
}

uint64_t answer(void* argument) {
    return *static_cast<const uint64_t*>(argument);
}

// Kernel objects: threads that live for a moment.
uint64_t create_threads(uint64_t rounds) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto thread = Thread::create(answer, &i, workload_cpu_mask, abi::page_size);
        if (!thread) return 0;
        Thread started = *thread;
        const auto value = started.join();
        if (value) sum += *value;
    }
    return sum;
}

// ELF loading, and the end of tasks.
uint64_t spawn_tasks(uint64_t rounds) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto task = system::spawn_task("bin/kernel_load", "null_call 0", workload_cpu_mask);
        if (!task) return 0;
        const auto result = system::wait_task(*task);
        if (result) sum += static_cast<uint64_t>(result->exit_code) + 1;
    }
    return sum;
}

// Many regions in one address space, taken down in another order than they were made.
uint64_t scatter_regions(uint64_t rounds) {
    constexpr uint64_t count = 24;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        std::array<uint64_t, count> places{};
        for (uint64_t k = 0; k < count; ++k) {
            const auto place = system::map_memory((k % 5 + 1) * abi::page_size, read_write);
            if (place) places[k] = *place;
        }
        for (uint64_t k = 0; k < count; ++k) {
            const uint64_t which = k * 7 % count;
            const uint64_t size = (which % 5 + 1) * abi::page_size;
            if (system::unmap_memory(places[which], size) == Status::Ok) ++sum;
        }
    }
    return sum;
}

// Timer, sleepers and idling.
uint64_t sleep_often(uint64_t rounds) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        system::sleep(20'000);
        ++sum;
    }
    return sum;
}

constexpr KernelWorkload workloads[] = {
    {"null_call", null_call},
    {"copy_out", copy_out},
    {"switch_threads", switch_threads},
    {"map_page", map_page},
    {"map_region", map_region},
    {"protect_region", protect_region},
    {"create_threads", create_threads},
    {"spawn_tasks", spawn_tasks},
    {"scatter_regions", scatter_regions},
    {"sleep_often", sleep_often},
};

}  // namespace

std::span<const KernelWorkload> developed_workloads() {
    return workloads;
}

}  // namespace user
