// SPDX-License-Identifier: Apache-2.0
// realtime [JOBS]: threads with deadlines, while others want all the time there is. Then wishes
// that cannot be granted. Needs RightSchedule.
#include <algorithm>
#include <atomic>
#include <span>

#include "user/lib/console.hpp"
#include "user/lib/schedule.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"

namespace user {
namespace {

constexpr uint64_t us = 1000;
constexpr uint64_t ms = 1000 * us;
constexpr uint64_t background_count = 16;

// A job takes `work` of its thread's own time, and less than is reserved for it.
struct Periodic {
    uint64_t work;
    uint64_t runtime;
    uint64_t period;
    abi::ThreadReport report;
    Status status;
};

// Shares of 0.375 to 0.45: two of them fit on a CPU in any order.
Periodic set[] = {
    {1000 * us, 1500 * us, 4 * ms, {}, Status::Ok}, {1000 * us, 1500 * us, 4 * ms, {}, Status::Ok},
    {1000 * us, 1500 * us, 4 * ms, {}, Status::Ok}, {2 * ms, 3 * ms, 8 * ms, {}, Status::Ok},
    {2 * ms, 3 * ms, 8 * ms, {}, Status::Ok},       {1500 * us, 2 * ms, 5 * ms, {}, Status::Ok},
    {1500 * us, 2 * ms, 5 * ms, {}, Status::Ok},    {4 * ms, 5 * ms, 12 * ms, {}, Status::Ok},
    {4 * ms, 5 * ms, 12 * ms, {}, Status::Ok},      {3 * ms, 4 * ms, 10 * ms, {}, Status::Ok},
    {3 * ms, 4 * ms, 10 * ms, {}, Status::Ok},      {8 * ms, 9 * ms, 20 * ms, {}, Status::Ok},
};

uint64_t jobs = 10;
std::atomic<bool> done{false};
std::atomic<uint32_t> background_had{0};  // ms

void spin(unsigned rounds) {
    for (unsigned i = 0; i < rounds; ++i) asm volatile("" ::: "memory");
}

uint64_t own_time() {
    const auto report = read_thread(0);
    return report ? report->run_time : 0;
}

// Jobs of one thread; a yield ends each until the next period.
uint64_t run_jobs(void* argument) {
    Periodic& mine = *static_cast<Periodic*>(argument);
    mine.status = schedule_thread(0, deadline_thread(mine.runtime, mine.period));
    if (mine.status != Status::Ok) return 1;
    for (uint64_t job = 0; job < jobs; ++job) {
        const uint64_t begin = own_time();
        while (own_time() - begin < mine.work) spin(200);
        system::yield();
    }
    const auto report = read_thread(0);
    if (!report) return 1;
    mine.report = *report;
    return 0;
}

uint64_t compute(void*) {
    while (!done.load(std::memory_order_relaxed)) spin(5000);
    background_had.fetch_add(static_cast<uint32_t>(own_time() / ms));
    return 0;
}

// Half of a CPU twice, where a twentieth is to be left, and more than all of one.
bool refuses_too_much() {
    const Status first = schedule_thread(0, deadline_thread(5 * ms, 10 * ms, 1));
    const auto second = Thread::create(
        [](void*) {
            return static_cast<uint64_t>(schedule_thread(0, deadline_thread(5 * ms, 10 * ms, 1)) ==
                                         Status::LimitReached);
        },
        nullptr);
    if (!second) return false;
    Thread waiting = *second;
    const auto refused = waiting.join();
    const Status back = schedule_thread(0, normal_thread(100, ~uint64_t{0}));
    const Status whole = schedule_thread(0, deadline_thread(96 * ms, 100 * ms));
    const Status impossible = schedule_thread(0, deadline_thread(11 * ms, 10 * ms));
    return first == Status::Ok && refused && *refused == 1 && back == Status::Ok &&
           whole == Status::LimitReached && impossible == Status::InvalidArgument;
}

int report_set(std::span<const Periodic> threads) {
    uint64_t ended = 0;
    uint64_t missed = 0;
    uint64_t late = 0;
    uint64_t refused = 0;
    for (const Periodic& each : threads) {
        ended += each.report.jobs;
        missed += each.report.missed;
        if (each.report.worst_late > late) late = each.report.worst_late;
        if (each.status != Status::Ok) ++refused;
    }
    print("realtime: {} threads, {} refused, {} jobs, {} missed, late by {} us\n", threads.size(),
          refused, ended, missed, late / us);
    return missed == 0 && refused == 0 ? 0 : 1;
}

}  // namespace

int user_main(std::string_view arguments) {
    if (!arguments.empty()) {
        const auto count = parse_number(take_word(arguments));
        if (!count || *count == 0) {
            print("realtime: usage: realtime JOBS, at least 1\n");
            return 2;
        }
        jobs = *count;
    }
    const auto system = system::system_info();
    if (!system) return 3;
    // No more than can be kept: two on each CPU.
    const size_t count = std::min<size_t>(std::size(set), size_t{2} * system->cpus_online);
    Thread background[background_count];
    Thread periodic[std::size(set)];
    for (Thread& thread : background) {
        const auto created = Thread::create(compute, nullptr);
        if (!created) return 3;
        thread = *created;
    }
    for (size_t i = 0; i < count; ++i) {
        const auto created = Thread::create(run_jobs, &set[i]);
        if (!created) return 3;
        periodic[i] = *created;
    }
    for (size_t i = 0; i < count; ++i) (void)periodic[i].join();
    const auto load = read_schedule();
    done.store(true);
    for (Thread& thread : background) (void)thread.join();
    const int result = report_set({set, count});
    print("realtime: background had {} ms\n", background_had.load());
    if (load) print("realtime: somebody waited for {} ms\n", load->some.total / ms);
    const bool refuses = refuses_too_much();
    print("realtime: too much is {}\n", std::string_view(refuses ? "refused" : "NOT refused"));
    return refuses ? result : 1;
}

}  // namespace user
