// SPDX-License-Identifier: Apache-2.0
// container_load: what a container is filled with. Its arguments choose:
//
//   exit CODE       ends at once
//   sleep           does nothing
//   spin            computes without end
//   fork            starts itself again until that is refused, as do all that it has started
//   memory PAGES    touches so many pages, verifies all of them, and ends
//   threads         starts threads until that is refused, then does nothing
//   tree            makes a container below its own with itself in it, until that is refused
#include "user/lib/console.hpp"
#include "user/lib/container.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

constexpr uint64_t an_hour = 3600ull * 1'000'000'000;
constexpr std::string_view self = "bin/container_load";

[[noreturn]] void sleep_for_ever() {
    for (;;) system::sleep(an_hour);
}

uint64_t sleep_long(void*) {
    sleep_for_ever();
}

[[noreturn]] void spin() {
    for (volatile uint64_t count = 0;;) count = count + 1;
}

void fork() {
    while (system::spawn_task(self, "fork")) {
    }
    sleep_for_ever();
}

int touch_memory(uint64_t pages) {
    const auto memory = system::map_memory(
        pages * abi::page_size, abi::ProtectionRead | abi::ProtectionWrite | abi::MapOvercommit);
    if (!memory) return 2;
    const auto word = [&](uint64_t page) -> volatile uint64_t& {
        return *reinterpret_cast<volatile uint64_t*>(*memory + page * abi::page_size);
    };
    for (uint64_t page = 0; page < pages; ++page) word(page) = page + 1;
    for (uint64_t page = 0; page < pages; ++page) {
        if (word(page) != page + 1) return 1;
    }
    return 0;
}

void start_threads() {
    while (Thread::create(sleep_long, nullptr, 0, abi::page_size)) {
    }
    sleep_for_ever();
}

void grow_tree() {
    ContainerPlan plan;
    plan.name = "below";
    plan.program = self;
    plan.arguments = "tree";
    const auto below = Container::create(plan);
    if (below) (void)below->start();
    sleep_for_ever();
}

}  // namespace

int user_main(std::string_view arguments) {
    const std::string_view role = take_word(arguments);
    const auto number = parse_number(take_word(arguments));
    const uint64_t value = number ? *number : 0;
    if (role == "exit") return static_cast<int>(value);
    if (role == "sleep") sleep_for_ever();
    if (role == "spin") spin();
    if (role == "fork") fork();
    if (role == "memory") return touch_memory(value);
    if (role == "threads") start_threads();
    if (role == "tree") grow_tree();
    print("container_load: no role {}\n", role);
    return 1;
}

}  // namespace user
