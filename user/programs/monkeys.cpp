// SPDX-License-Identifier: Apache-2.0
// monkeys SEED ROUNDS CALLS: in each round, sixteen monkeys at once bang on the system calls; then
// says how they ended, and whether every page frame came back.
#include "user/lib/console.hpp"
#include "user/lib/presence.hpp"
#include "user/lib/system.hpp"
#include "user/lib/words.hpp"

namespace user {
namespace {

constexpr unsigned herd = 16;
constexpr uint64_t millisecond = 1'000'000;
constexpr uint64_t patience = 30 * millisecond;

struct Tally {
    uint64_t exited = 0;
    uint64_t faulted = 0;
    uint64_t killed = 0;
    uint64_t refused = 0;
};

void run_round(uint64_t seed, uint64_t calls, Tally& tally) {
    uint32_t tasks[herd] = {};
    for (unsigned i = 0; i < herd; ++i) {
        const Text<64> arguments("{} {}", seed + i, calls);
        const auto task = system::spawn_task("bin/monkey", arguments.view());
        if (task) tasks[i] = *task;
    }
    system::sleep(patience);
    for (const uint32_t task : tasks) {
        if (task == 0) {
            ++tally.refused;
            continue;
        }
        // Those that wait for something that never comes are helped; others have ended by now.
        (void)system::kill_task(task);
        const auto result = system::wait_task(task);
        if (!result) {
            ++tally.refused;
        } else if (result->reason == abi::EndReason::Exited) {
            ++tally.exited;
        } else if (result->reason == abi::EndReason::Faulted) {
            ++tally.faulted;
        } else {
            ++tally.killed;
        }
    }
}

// What monkeys started may outlive them for a while.
uint64_t settled_frames(uint64_t wanted) {
    uint64_t frames = 0;
    for (unsigned i = 0; i < 200; ++i) {
        const auto info = system::system_info();
        frames = info ? info->frames_free : 0;
        if (frames == wanted) break;
        system::sleep(millisecond);
    }
    return frames;
}

}  // namespace

int user_main(std::string_view arguments) {
    const auto seed = parse_number(take_word(arguments));
    const auto rounds = parse_number(take_word(arguments));
    const auto calls = parse_number(take_word(arguments));
    if (!seed || !rounds || !calls) {
        print("monkeys: usage: monkeys SEED ROUNDS CALLS\n");
        return 2;
    }
    bring_in_program();
    const auto before = system::system_info();
    if (!before) return 1;
    Tally tally;
    for (uint64_t round = 0; round < *rounds; ++round) {
        run_round(*seed + round * herd, *calls, tally);
    }
    const uint64_t after = settled_frames(before->frames_free);
    print("monkeys: {} exited, {} faulted, {} killed, {} refused\n", tally.exited, tally.faulted,
          tally.killed, tally.refused);
    print("monkeys: frames {} before, {} after\n", before->frames_free, after);
    return after == before->frames_free ? 0 : 1;
}

}  // namespace user
