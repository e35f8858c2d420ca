// SPDX-License-Identifier: Apache-2.0
// Kernel workloads of single calls, held out: written after native timing was frozen, to check it.
#include <string_view>

#include "user/lib/system.hpp"
#include "user/programs/kernel_load.hpp"

namespace user {
namespace {

using abi::SystemCall;

constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint64_t page = abi::page_size;

// Two pages whose border copies cross, with a read-only page and a hole behind them.
class Pages final {
  public:
    Pages() {
        const auto place = system::map_memory(4 * page, read_write);
        if (!place) system::exit_task(1);
        address_ = *place;
        const Status protect = system::protect_memory(read_only_page(), page, abi::ProtectionRead);
        if (protect != Status::Ok) system::exit_task(1);
        if (system::unmap_memory(hole(), page) != Status::Ok) system::exit_task(1);
    }
    Pages(const Pages&) = delete;
    Pages& operator=(const Pages&) = delete;
    ~Pages() { system::unmap_memory(address_, 3 * page); }

    uint64_t border() const { return address_ + page; }
    uint64_t read_only_page() const { return address_ + 2 * page; }
    uint64_t hole() const { return address_ + 3 * page; }

  private:
    uint64_t address_ = 0;
};

void add_call(Checksum& sum, system::RawResult result) {
    sum.add(static_cast<uint64_t>(result.value));
}

// Nothing to write, from good, odd and impossible places.
uint64_t write_nothing(uint64_t rounds) {
    const Pages pages;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        add_call(sum, system::call(SystemCall::ConsoleWrite, pages.border() - i % 9, 0));
        add_call(sum, system::call(SystemCall::ConsoleWrite, pages.hole() + i % 7, 0));
        add_call(sum, system::call(SystemCall::ConsoleWrite, ~i, 0));
        add_call(sum, system::call(SystemCall::ConsoleRead, pages.border() + i % 3, 0));
    }
    return sum.value();
}

// Answers into places that are aligned to nothing, now and then in two pages.
uint64_t answer_anywhere(uint64_t rounds) {
    const Pages pages;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        const uint64_t address = pages.border() - i % 47;
        add_call(sum, system::call(SystemCall::SystemInfo, address));
        sum.add(*reinterpret_cast<const volatile uint8_t*>(address));
    }
    return sum.value();
}

// Answers that cannot be delivered: read-only memory, a hole, and half of the answer in either.
uint64_t answer_nowhere(uint64_t rounds) {
    const Pages pages;
    const uint64_t places[] = {pages.read_only_page() + 8,
                               pages.read_only_page() - 16,
                               pages.hole(),
                               pages.hole() - 8,
                               8,
                               abi::user_end - 8,
                               ~uint64_t{63}};
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (const uint64_t place : places) {
            add_call(sum, system::call(SystemCall::SystemInfo, place));
            add_call(sum, system::call(SystemCall::ConsoleRead, place, 24));
        }
    }
    return sum.value();
}

// Files that the archive does not have, asked for with names that lie across two pages.
uint64_t spawn_missing(uint64_t rounds) {
    constexpr std::string_view name = "bin/kernel_loads";
    const Pages pages;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        auto* at = reinterpret_cast<char*>(pages.border() - i % (name.size() + 2));
        for (size_t k = 0; k < name.size(); ++k) at[k] = name[k];
        sum.add(system::spawn_task({at, name.size()}, {at, i % 64}).status());
        sum.add(system::spawn_task({at, 4}, {}).status());
        sum.add(system::spawn_task({at, 129}, {}).status());
        sum.add(system::spawn_task({at, name.size()}, {at, abi::argument_size + 1}).status());
    }
    return sum.value();
}

// Files that are no programs, or broken ones.
uint64_t spawn_broken(uint64_t rounds) {
    constexpr std::string_view files[] = {
        "text/GPL-3",
        "broken/empty.elf",
        "broken/headers_outside.elf",
        "broken/kernel_address.elf",
        "broken/no_segments.elf",
        "broken/overlapping.elf",
        "broken/segment_wrapping.elf",
        "broken/writable_executable.elf",
        "broken/wrong_machine.elf",
    };
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (const std::string_view file : files) sum.add(system::spawn_task(file, {}).status());
    }
    return sum.value();
}

// Names that the caller does not have, of tasks to wait for and to end.
uint64_t reach_for_others(uint64_t rounds) {
    abi::TaskResult result{};
    const uint64_t pointer = system::address_of(&result);
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (uint64_t task = 0; task < 4; ++task) {
            add_call(sum, system::call(SystemCall::TaskWait, task, pointer));
            add_call(sum, system::call(SystemCall::TaskKill, task));
        }
        add_call(sum, system::call(SystemCall::TaskKill, 1ULL << 32 | 2));
        add_call(sum, system::call(SystemCall::PowerOff, i));
    }
    return sum.value();
}

// Clocks: questions to the power controller, and answers of several cache lines.
uint64_t read_clocks(uint64_t rounds) {
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (uint32_t domain = 0; domain < 6; ++domain) {
            const auto clock = system::read_performance(domain);
            sum.add(clock.status());
            if (clock) sum.add(clock->cpu_mask + clock->highest + clock->level_count);
        }
    }
    return sum.value();
}

// Frequencies that no clock has.
uint64_t set_unknown_clocks(uint64_t rounds) {
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (uint64_t domain = 0; domain < 5; ++domain) {
            add_call(sum, system::call(SystemCall::PerformanceSet, domain, 1 + i % 99));
        }
        add_call(sum, system::call(SystemCall::PerformanceSet, 0, 1ULL << 32 | i));
    }
    return sum.value();
}

// The own clock slower and faster, with time to follow.
uint64_t change_clock(uint64_t rounds) {
    constexpr uint64_t settle_time = 300'000;
    uint32_t own = 0;
    auto clock = system::read_performance(own);
    while (clock && (clock->cpu_mask & workload_cpu_mask) == 0) {
        clock = system::read_performance(++own);
    }
    if (!clock) return 0;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (uint32_t level = 0; level < clock->level_count; ++level) {
            sum.add(system::set_performance(own, clock->levels[level]));
            system::sleep(settle_time);
        }
    }
    return sum.value();
}

// Different calls in an order that repeats only after a long time.
uint64_t call_at_random(uint64_t rounds) {
    const Pages pages;
    Checksum sum;
    // A linear congruential generator (Knuth, MMIX).
    uint64_t random = 1;
    for (uint64_t i = 0; i < rounds; ++i) {
        random = random * 6364136223846793005 + 1442695040888963407;
        switch (random >> 32 & 7) {
            case 0: sum.add(system::null()); break;
            case 1: sum.add(system::cpu_number() % 2); break;
            case 2: sum.add(system::clock_now() != 0 ? 1 : 0); break;
            case 3: add_call(sum, system::call(random >> 40)); break;
            case 4: add_call(sum, system::call(SystemCall::SystemInfo, pages.border())); break;
            case 5: add_call(sum, system::call(SystemCall::ThreadJoin, random >> 33)); break;
            case 6: sum.add(system::unmap_memory(pages.hole() + i * page, page)); break;
            default: sum.add(system::protect_memory(pages.border(), page, read_write)); break;
        }
    }
    return sum.value();
}

constexpr KernelWorkload workloads[] = {
    {"write_nothing", write_nothing},   {"answer_anywhere", answer_anywhere},
    {"answer_nowhere", answer_nowhere}, {"spawn_missing", spawn_missing},
    {"spawn_broken", spawn_broken},     {"reach_for_others", reach_for_others},
    {"read_clocks", read_clocks},       {"set_unknown_clocks", set_unknown_clocks},
    {"change_clock", change_clock},     {"call_at_random", call_at_random},
};

}  // namespace

std::span<const KernelWorkload> held_out_calls() {
    return workloads;
}

}  // namespace user
