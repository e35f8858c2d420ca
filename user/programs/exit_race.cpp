// SPDX-License-Identifier: Apache-2.0
// exit_race ROUNDS: tasks end while their threads are on the way into a wait: joining, sleeping,
// reading the console, waiting for a task. Regression: such a thread used to block after its task
// had begun to end, and neither ever ended. `exit_race child SEED` is one such task.
#include "user/lib/console.hpp"
#include "user/lib/right.hpp"
#include "user/lib/system.hpp"
#include "user/lib/words.hpp"

namespace user {
namespace {

constexpr unsigned threads = 6;
constexpr int child_code = 7;

alignas(16) char stacks[threads][4096];
volatile uint32_t started;
uint32_t main_thread;

void spend(uint64_t passes) {
    for (uint64_t i = 0; i < passes; ++i) asm volatile("nop");
}

void worker(void* argument) {
    const auto number = reinterpret_cast<uint64_t>(argument);
    while (started == 0) {
    }
    spend(number >> 2);
    char byte = 0;
    switch (number % 4) {
        case 0:
        case 1: system::call(abi::SystemCall::ThreadJoin, main_thread); break;
        case 2: system::call(abi::SystemCall::ConsoleRead, system::address_of(&byte), 1); break;
        default: break;
    }
    system::sleep(1'000'000'000);
    system::exit_thread(0);
}

[[noreturn]] void run_child(uint64_t seed) {
    const auto self = system::open_right(abi::task_name, abi::ObjectType::Thread, 0);
    if (self) main_thread = *self;
    for (uint64_t i = 0; i < threads; ++i) {
        const uint64_t number = (seed * 7919 + i * 104729) % 1600;
        (void)system::create_thread(worker, stacks[i] + sizeof stacks[i],
                                    reinterpret_cast<void*>(number), 0);
    }
    spend(30'000);  // until all of them spin
    started = 1;
    spend(seed * 31 % 400);
    system::exit_task(child_code);
}

}  // namespace

int user_main(std::string_view arguments) {
    if (arguments.starts_with("child ")) {
        const auto seed = parse_number(arguments.substr(6));
        run_child(seed ? *seed : 0);
    }
    const auto rounds = parse_number(take_word(arguments));
    if (!rounds) {
        print("exit_race: usage: exit_race ROUNDS\n");
        return 2;
    }
    for (uint64_t round = 0; round < *rounds; ++round) {
        const Text<32> child("child {}", round);
        const auto task = system::spawn_task("bin/exit_race", child.view());
        if (!task) {
            print("exit_race: not started: {}\n", task.status());
            return 1;
        }
        const auto result = system::wait_task(*task);
        if (!result || result->reason != abi::EndReason::Exited ||
            result->exit_code != child_code) {
            print("exit_race: round {} ended wrongly\n", round);
            return 1;
        }
    }
    print("exit_race: {} rounds ok\n", *rounds);
    return 0;
}

}  // namespace user
