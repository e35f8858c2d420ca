// SPDX-License-Identifier: Apache-2.0
// isolation: lets bin/offender commit one offence after the other beside a well-behaved task, and
// shows how the kernel ended each, that the other task got its result, and that every page frame
// came back.
#include "user/lib/presence.hpp"
#include "user/lib/task.hpp"

namespace user {

namespace {

constexpr std::string_view cases[] = {
    "read_null",
    "write_null",
    "read_kernel",
    "read_kernel_high",
    "write_kernel",
    "write_kernel_high",
    "read_noncanonical",
    "jump_data",
    "jump_null",
    "jump_kernel",
    "write_code",
    "write_rodata",
    "stack_overflow",
    "thread_stack_overflow",
    "undefined_instruction",
    "privileged_instruction",
    "privileged_msr",
    "mask_interrupts",
    "hvc",
    "smc",
    "breakpoint",
    "unaligned_sp",
    "wait_for_interrupt",
    "bad_calls",
    "bad_image",
    "exhaust",
    "threads",
    "spin",
    "exit_42",
};
constexpr std::string_view endless_case = "spin";
constexpr uint64_t time_to_spin = 50'000'000;

void print_frames(std::string_view when) {
    const auto info = system::system_info();
    if (!info) return print("frames {}: {}\n", when, info.status());
    print("frames {} {}\n", when, info->frames_free);
}

void run_case(std::string_view name) {
    const auto task = system::spawn_task("bin/offender", name);
    if (!task) return print("case {} not started: {}\n", name, task.status());

    if (name == endless_case) {
        system::sleep(time_to_spin);
        const Status status = system::kill_task(*task);
        if (status != Status::Ok) return print("case {} not killed: {}\n", name, status);
    }
    const auto result = system::wait_task(*task);
    if (!result) return print("case {} not waited for: {}\n", name, result.status());
    print("case {} reason={} code={} syndrome=0x{:x} address=0x{:x} pc=0x{:x}\n", name,
          reason_name(result->reason), result->exit_code, result->syndrome, result->address,
          result->pc);
}

}  // namespace

int user_main(std::string_view) {
    bring_in_program();
    print_frames("before");
    const auto steady = system::spawn_task("bin/steady", {});
    if (!steady) {
        print("steady not started: {}\n", steady.status());
        return 1;
    }

    for (const std::string_view name : cases) run_case(name);

    const auto result = system::wait_task(*steady);
    if (result) print_end("", "steady", *result);
    print_frames("after");
    print("isolation: done\n");
    return 0;
}

}  // namespace user
