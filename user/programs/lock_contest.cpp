// SPDX-License-Identifier: Apache-2.0
// lock_contest ROUNDS: one thread on each CPU, all wanting the same lock, then all wanting the
// kernel's. Time must go on for those that wait, and back for nobody.
#include <atomic>

#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"

namespace user {
namespace {

constexpr uint64_t default_rounds = 200;
constexpr uint64_t most_cpus = 8;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

uint64_t counter() {
    uint64_t now = 0;
    asm volatile("isb\n mrs %0, cntvct_el0" : "=r"(now)::"memory");
    return now;
}

// One look of a waiting loop. A plain one almost always, since time must go on in any loop; QEMU,
// which runs one CPU at a time, lets the others run when told that this one waits.
void look_again(uint64_t looks) {
    if (looks % 4096 == 4095) asm volatile("yield" ::: "memory");
}

// What one thread saw of time. On a line of its own.
struct alignas(64) Watch {
    uint64_t last = 0;
    uint64_t readings = 0;
    uint64_t backwards = 0;  // readings that were less than the one before
    uint64_t waits = 0;      // waits for the lock that were long
    uint64_t still = 0;      // of them, those during which the counter stood
    uint64_t overtaken = 0;  // how far behind the last owner of the lock, at most, in ticks

    uint64_t look() {
        const uint64_t now = counter();
        if (now < last) ++backwards;
        last = now;
        ++readings;
        return now;
    }
};

// Tickets: every CPU has its turn. A wait is a plain loop of loads, without WFE.
class TicketLock final {
  public:
    void lock(Watch& watch) {
        constexpr uint64_t long_wait = 2000;
        const uint32_t mine = next_.fetch_add(1, std::memory_order_relaxed);
        const uint64_t begin = watch.look();
        uint64_t looks = 0;
        while (serving_.load(std::memory_order_acquire) != mine) look_again(looks++);
        const uint64_t end = watch.look();
        if (looks < long_wait) return;
        ++watch.waits;
        if (end == begin) ++watch.still;
    }
    void unlock() {
        serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }

  private:
    std::atomic<uint32_t> next_{0};
    alignas(64) std::atomic<uint32_t> serving_{0};
};

struct Contest {
    TicketLock lock;
    // Of the lock.
    uint64_t entries = 0;
    uint64_t left_at = 0;

    uint64_t rounds = default_rounds;
    std::atomic<uint64_t> ready{0};
    uint64_t threads = 0;
    Watch watches[most_cpus];
} contest;

void contend_for_lock(Watch& watch) {
    for (uint64_t i = 0; i < contest.rounds; ++i) {
        contest.lock.lock(watch);
        const uint64_t now = watch.look();
        if (now < contest.left_at && contest.left_at - now > watch.overtaken) {
            watch.overtaken = contest.left_at - now;
        }
        const uint64_t entries = contest.entries;
        for (int k = 0; k < 50; ++k) asm volatile("" ::: "memory");
        contest.entries = entries + 1;
        contest.left_at = watch.look();
        contest.lock.unlock();
    }
}

// Calls that all take the kernel's locks.
uint64_t contend_for_kernel(Watch& watch) {
    uint64_t refused = 0;
    uint64_t before = 0;
    for (uint64_t i = 0; i < contest.rounds; ++i) {
        const auto place = system::map_memory(abi::page_size, read_write);
        if (!place || system::unmap_memory(*place, abi::page_size) != Status::Ok) ++refused;
        if (i % 8 == 0) system::yield();
        const uint64_t now = system::clock_now();
        if (now < before) ++watch.backwards;
        before = now;
        watch.look();
    }
    return refused;
}

uint64_t run(void* argument) {
    Watch& watch = contest.watches[reinterpret_cast<uint64_t>(argument)];
    contest.ready.fetch_add(1);
    for (uint64_t looks = 0; contest.ready.load() != contest.threads; ++looks) look_again(looks);
    contend_for_lock(watch);
    return contend_for_kernel(watch);
}

// Zero if all went well.
int report(uint64_t refused) {
    Watch all;
    for (const Watch& watch : contest.watches) {
        all.readings += watch.readings;
        all.backwards += watch.backwards;
        all.waits += watch.waits;
        all.still += watch.still;
        if (watch.overtaken > all.overtaken) all.overtaken = watch.overtaken;
    }
    const uint64_t wanted = contest.threads * contest.rounds;
    print("lock_contest: {} threads, {} entries of {}, {} calls refused\n", contest.threads,
          contest.entries, wanted, refused);
    print("lock_contest: backwards {}, still {}\n", all.backwards, all.still);
    print("lock_contest: seen {} readings, {} long waits, overtaken by {} ticks\n", all.readings,
          all.waits, all.overtaken);
    return contest.entries == wanted && refused == 0 && all.backwards == 0 && all.still == 0 ? 0
                                                                                             : 1;
}

}  // namespace

int user_main(std::string_view arguments) {
    if (!arguments.empty()) {
        const auto rounds = parse_number(take_word(arguments));
        if (!rounds || *rounds == 0) {
            print("lock_contest: usage: lock_contest ROUNDS, at least 1\n");
            return 2;
        }
        contest.rounds = *rounds;
    }
    contest.threads = most_cpus;
    Thread threads[most_cpus];
    for (uint64_t i = 0; i < most_cpus; ++i) {
        const auto thread = Thread::create(run, reinterpret_cast<void*>(i), 1ULL << i);
        if (!thread) {
            print("lock_contest: no thread on CPU {}: {}\n", i, thread.status());
            return 1;
        }
        threads[i] = *thread;
    }
    uint64_t refused = 0;
    for (Thread& thread : threads) {
        const auto value = thread.join();
        refused += value ? *value : 1;
    }
    return report(refused);
}

}  // namespace user
