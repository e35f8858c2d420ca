// SPDX-License-Identifier: Apache-2.0
// wakeup_latency MILLISECONDS [PAGES]: how late threads wake while all CPUs are busy, after
// cyclictest (of the rt-tests of Linux). On each CPU one thread of the real-time class sleeps from
// one moment to the next, every quarter of a millisecond, and another one of the normal class keeps
// the kernel busy, with calls on PAGES pages of memory, 64 without it. Says each second how it
// goes.
#include <atomic>

#include "kernel/abi/schedule.hpp"
#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"
#include "user/programs/kernel_work.hpp"

namespace user {

namespace {

constexpr uint64_t interval = 250'000;  // nanoseconds
constexpr uint32_t most_urgent = 31;    // priority of the real-time class
constexpr uint64_t most_cpus = 8;
constexpr uint64_t buckets = 200;  // of a microsecond; the last one has all that is later

// What one thread saw. On lines of its own.
struct alignas(64) Sleeper {
    uint64_t cpu = 0;
    uint64_t samples = 0;
    uint64_t worst = 0;  // nanoseconds, as `sum`
    uint64_t sum = 0;
    uint64_t counts[buckets] = {};
};

Sleeper sleepers[most_cpus];
uint64_t begin = 0;
uint64_t duration = 0;
uint64_t pages = 64;
std::atomic<bool> over{false};

Status become_urgent() {
    abi::ThreadParameters wanted{};
    wanted.schedule_class = abi::ScheduleClass::RealTime;
    wanted.priority = most_urgent;
    wanted.weight = 100;
    constexpr uint64_t self = 0;
    return system::call(abi::SystemCall::ThreadSchedule, self, system::address_of(&wanted))
        .status();
}

uint64_t sleep_and_wake(void* argument) {
    Sleeper& own = *static_cast<Sleeper*>(argument);
    if (become_urgent() != Status::Ok) return 1;
    // Those of different CPUs wake at different moments.
    uint64_t next = begin + interval + own.cpu * interval / most_cpus;
    while (next < begin + duration) {
        const uint64_t now = system::clock_now();
        if (next > now) system::sleep(next - now);
        const uint64_t late = system::clock_now() - next;
        ++own.samples;
        own.sum += late;
        if (late > own.worst) own.worst = late;
        const uint64_t bucket = late / 1000;
        ++own.counts[bucket < buckets ? bucket : buckets - 1];
        next += interval;
    }
    return 0;
}

uint64_t keep_busy(void*) {
    uint64_t refused = 0;
    while (!over.load(std::memory_order_relaxed)) refused += work_once(pages);
    return refused;
}

void report(const Sleeper& own) {
    const uint64_t mean = own.samples != 0 ? own.sum / own.samples : 0;
    print("wakeup_latency: CPU {} woke {} times, {} ns late in the mean, {} ns at worst\n", own.cpu,
          own.samples, mean, own.worst);
}

void report_histogram() {
    for (uint64_t bucket = 0; bucket < buckets; ++bucket) {
        uint64_t count = 0;
        for (const Sleeper& each : sleepers) count += each.counts[bucket];
        if (count != 0) print("wakeup_latency: {} us {} times\n", bucket, count);
    }
}

// Until it is over.
void report_progress() {
    constexpr uint64_t second = 1'000'000'000;
    for (uint64_t at = second; at < duration; at += second) {
        const uint64_t now = system::clock_now();
        if (begin + at > now) system::sleep(begin + at - now);
        uint64_t worst = 0;
        for (const Sleeper& each : sleepers) worst = each.worst > worst ? each.worst : worst;
        print("wakeup_latency: after {} s {} ns at worst so far\n", at / second, worst);
    }
}

int measure(uint64_t cpus) {
    Thread sleeping[most_cpus];
    Thread busy[most_cpus];
    begin = system::clock_now();
    for (uint64_t cpu = 0; cpu < cpus; ++cpu) {
        sleepers[cpu].cpu = cpu;
        const uint64_t mask = uint64_t{1} << cpu;
        const auto sleeper = Thread::create(sleep_and_wake, &sleepers[cpu], mask);
        const auto worker = Thread::create(keep_busy, nullptr, mask);
        if (!sleeper || !worker) return 1;
        sleeping[cpu] = *sleeper;
        busy[cpu] = *worker;
    }
    report_progress();
    uint64_t failures = 0;
    for (uint64_t cpu = 0; cpu < cpus; ++cpu) {
        const auto result = sleeping[cpu].join();
        if (!result || *result != 0) ++failures;
    }
    over.store(true, std::memory_order_relaxed);
    for (uint64_t cpu = 0; cpu < cpus; ++cpu) {
        const auto result = busy[cpu].join();
        if (!result || *result != 0) ++failures;
    }
    for (uint64_t cpu = 0; cpu < cpus; ++cpu) report(sleepers[cpu]);
    report_histogram();
    print("wakeup_latency: {} threads failed\n", failures);
    return failures == 0 ? 0 : 1;
}

}  // namespace

int user_main(std::string_view arguments) {
    const auto milliseconds = parse_number(take_word(arguments));
    const std::string_view amount = take_word(arguments);
    const Result<uint64_t> wanted = amount.empty() ? Result<uint64_t>(pages) : parse_number(amount);
    const auto info = system::system_info();
    if (!milliseconds || !wanted || *wanted == 0 || !info || info->cpus_online > most_cpus) {
        print("wakeup_latency: usage: wakeup_latency MILLISECONDS [PAGES], on at most {} CPUs\n",
              most_cpus);
        return 2;
    }
    duration = *milliseconds * 1'000'000;
    pages = *wanted;
    return measure(info->cpus_online);
}

}  // namespace user
