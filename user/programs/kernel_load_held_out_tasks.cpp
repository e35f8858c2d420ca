// SPDX-License-Identifier: Apache-2.0
// Kernel workloads of tasks, held out: written after native timing was frozen, to check it.
#include <array>
#include <bit>
#include <string_view>

#include "user/lib/format.hpp"
#include "user/lib/system.hpp"
#include "user/programs/kernel_load.hpp"

namespace user {
namespace {

constexpr uint64_t millisecond = 1'000'000;

// A part of this program as a task of its own, on the workload's CPU.
[[nodiscard]] Result<uint32_t> start_part(std::string_view part) {
    const Text<64> arguments("{} 1 {}", part, std::countr_zero(workload_cpu_mask));
    return system::spawn_task("bin/kernel_load", arguments.view(), workload_cpu_mask);
}

void add_end(Checksum& sum, uint32_t task) {
    const auto result = system::wait_task(task);
    sum.add(result.status());
    if (!result) return;
    sum.add(static_cast<uint64_t>(result->reason));
    sum.add(static_cast<uint64_t>(result->exit_code));
    // Its class only: where a walk for a kernel's address ends depends on the kernel's addresses.
    sum.add(result->syndrome >> 26);
}

// Children that end by what they do.
uint64_t crash_children(uint64_t rounds) {
    constexpr std::string_view offences[] = {
        "read_null", "write_rodata",           "write_code",    "write_kernel", "jump_kernel",
        "jump_data", "privileged_instruction", "stack_overflow"};
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        for (const std::string_view offence : offences) {
            const auto task = system::spawn_task("bin/offender", offence, workload_cpu_mask);
            if (!task) return 0;
            add_end(sum, *task);
            // The kernel has a line to say about each, and the console is slow.
            system::sleep(30 * millisecond);
        }
    }
    return sum.value();
}

// Tasks whose threads wait for all kinds of things are ended from outside.
uint64_t kill_waiting_threads(uint64_t rounds) {
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto task = start_part("part_wait_for_ever");
        if (!task) return 0;
        system::sleep(2 * millisecond);
        sum.add(system::kill_task(*task));
        add_end(sum, *task);
        sum.add(system::kill_task(*task));
    }
    return sum.value();
}

// Tasks that end while some of their threads run and others wait.
uint64_t exit_with_threads(uint64_t rounds) {
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto task = start_part("part_exit_with_threads");
        if (!task) return 0;
        add_end(sum, *task);
    }
    return sum.value();
}

// Tasks that end before their children, whom nobody will wait for.
uint64_t leave_orphans(uint64_t rounds) {
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        const auto task = start_part("part_leave_children");
        if (!task) return 0;
        add_end(sum, *task);
        system::sleep(millisecond);
    }
    return sum.value();
}

// As many children as a task may have, most of them long ended.
uint64_t reach_child_limit(uint64_t rounds) {
    constexpr uint64_t most = 100;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        std::array<uint32_t, most> children{};
        uint64_t count = 0;
        Status status = Status::Ok;
        while (count < most && status == Status::Ok) {
            const auto task = system::spawn_task("bin/offender", "exit_42", workload_cpu_mask);
            status = task.status();
            if (task) children[count++] = *task;
            if (count % 7 == 0) system::yield();
        }
        sum.add(count);
        sum.add(status);
        while (count-- > 0) add_end(sum, children[count]);
    }
    return sum.value();
}

// Programs with as long an argument string as there may be.
uint64_t spawn_with_long_arguments(uint64_t rounds) {
    std::array<char, abi::argument_size> text{};
    constexpr std::string_view beginning = "null_call 0 0 ";
    for (size_t i = 0; i < text.size(); ++i) text[i] = i < beginning.size() ? beginning[i] : 'x';
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        const std::string_view arguments(text.data(), text.size() - i % 100);
        const auto task = system::spawn_task("bin/kernel_load", arguments, workload_cpu_mask);
        if (!task) return 0;
        add_end(sum, *task);
    }
    return sum.value();
}

// Siblings that run together, waited for from the last to the first.
uint64_t wait_in_reverse(uint64_t rounds) {
    constexpr uint64_t count = 6;
    Checksum sum;
    for (uint64_t i = 0; i < rounds; ++i) {
        std::array<uint32_t, count> children{};
        for (uint32_t& child : children) {
            const auto task = start_part("part_yield");
            if (!task) return 0;
            child = *task;
        }
        for (uint64_t k = count; k-- > 0;) add_end(sum, children[k]);
    }
    return sum.value();
}

constexpr KernelWorkload workloads[] = {
    {"crash_children", crash_children},
    {"kill_waiting_threads", kill_waiting_threads},
    {"exit_with_threads", exit_with_threads},
    {"leave_orphans", leave_orphans},
    {"reach_child_limit", reach_child_limit},
    {"spawn_with_long_arguments", spawn_with_long_arguments},
    {"wait_in_reverse", wait_in_reverse},
};

}  // namespace

std::span<const KernelWorkload> held_out_tasks() {
    return workloads;
}

}  // namespace user
