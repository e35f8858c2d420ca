// SPDX-License-Identifier: Apache-2.0
// monkey SEED CALLS: makes that many random system calls, with arguments that are often nearly
// right. Whatever happens to it, the kernel and the others must not care.
#include "user/lib/system.hpp"
#include "user/lib/words.hpp"

namespace user {
namespace {

constexpr uint64_t most_threads = 6;

// xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016).
class Random final {
  public:
    explicit Random(uint64_t seed) : state_(seed * 0x9e37'79b9'7f4a'7c15 | 1) {}
    uint64_t next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545'f491'4f6c'dd1d;
    }
    uint64_t below(uint64_t bound) { return next() % bound; }

  private:
    uint64_t state_;
};

alignas(16) char scratch[8192];

// Addresses from everywhere: good ones, borders, the kernel's, and noise.
uint64_t any_address(Random& random) {
    const uint64_t choices[] = {
        system::address_of(scratch),
        system::address_of(scratch) + random.below(sizeof scratch),
        system::address_of(scratch) & ~uint64_t{4095},
        0x1000'0000 + random.below(64) * 4096,
        0x2000'0000 + random.below(64) * 4096,
        random.below(0x20000),
        abi::user_end - random.below(0x20000),
        0xffff'0000'0000'0000 + random.below(uint64_t{1} << 40),
        0xffff'8000'0000'0000 + random.below(0x20'0000),
        0 - random.below(8192),
        random.next(),
        uint64_t{1} << random.below(64),
    };
    return choices[random.below(sizeof(choices) / sizeof(choices[0]))];
}

uint64_t any_number(Random& random) {
    const uint64_t choices[] = {random.below(16), random.below(300), 4096 * random.below(64),
                                any_address(random), 0 - random.below(100)};
    return choices[random.below(5)];
}

void play(Random& random, uint64_t calls, uint64_t threads);

struct Start {
    uint64_t seed;
    uint64_t calls;
};

void thread_main(void* argument) {
    const Start& start = *static_cast<Start*>(argument);
    Random random(start.seed);
    play(random, start.calls, 0);
    system::exit_thread(random.next());
}

void start_thread(Random& random, uint64_t calls) {
    constexpr uint64_t stack = 4 * 4096;
    const auto memory = system::map_memory(stack, abi::ProtectionRead | abi::ProtectionWrite, 0);
    if (!memory) return;
    auto* start = reinterpret_cast<Start*>(*memory);
    *start = {random.next(), calls};
    (void)system::create_thread(thread_main, reinterpret_cast<void*>(*memory + stack), start,
                                random.below(4) == 0 ? random.below(256) : 0);
}

void spawn_something(Random& random) {
    constexpr std::string_view paths[] = {"bin/offender", "bin/steady", "broken/truncated.elf",
                                          "text/GPL-3", "no/such/file"};
    const auto task = system::spawn_task(paths[random.below(5)], "exit_42",
                                         random.below(3) == 0 ? random.below(256) : 0);
    if (!task || random.below(2) == 0) return;
    if (random.below(2) == 0) (void)system::kill_task(*task);
    (void)system::wait_task(*task);
}

void one_call(Random& random) {
    using abi::SystemCall;
    const uint64_t number = random.below(static_cast<uint64_t>(SystemCall::Limit) + 4);
    switch (static_cast<SystemCall>(number)) {
        case SystemCall::ThreadSleep: return system::sleep(random.below(200'000));
        case SystemCall::ConsoleRead:  // would wait for ever
        case SystemCall::ConsoleWrite: {
            // Only what must be refused: the console is for the others.
            const uint64_t bad = 0xffff'0000'0000'0000 + random.below(uint64_t{1} << 47);
            system::call(number, bad, any_number(random));
            return;
        }
        case SystemCall::FutexWait:  // not for ever either
        case SystemCall::LockWait:
            system::call(number, any_address(random), any_number(random),
                         system::clock_now() + random.below(200'000));
            return;
        case SystemCall::TaskExit:
        case SystemCall::ThreadExit:
            if (random.below(50) != 0) return;
            break;
        case SystemCall::ThreadCreate:  // with a wild entry point only now and then
            if (random.below(50) != 0) return;
            break;
        case SystemCall::MemoryAudit:  // stops everybody else for a while
            if (random.below(50) != 0) return;
            break;
        case SystemCall::TaskSpawn:
            if (random.below(8) == 0) return spawn_something(random);
            break;
        case SystemCall::MemoryUnmap:
        case SystemCall::MemoryProtect:  // its own code and stack now and then
            if (random.below(4) != 0) {
                system::call(number, 0x1000'0000 + random.below(256) * 4096, 4096 * random.below(8),
                             random.below(8));
                return;
            }
            break;
        default: break;
    }
    system::call(number, any_number(random), any_number(random), any_address(random),
                 any_number(random), any_number(random), any_number(random));
}

void play(Random& random, uint64_t calls, uint64_t threads) {
    for (uint64_t i = 0; i < calls; ++i) {
        if (threads > 0 && random.below(20) == 0) {
            start_thread(random, calls / 4);
            --threads;
        }
        one_call(random);
    }
}

}  // namespace

int user_main(std::string_view arguments) {
    const auto seed = parse_number(take_word(arguments));
    const auto calls = parse_number(take_word(arguments));
    if (!seed || !calls) return 2;
    Random random(*seed);
    play(random, *calls, most_threads);
    return 0;
}

}  // namespace user
