// SPDX-License-Identifier: Apache-2.0
// input_boost: how soon a typed character is answered while threads that compute want all CPUs.
//
// A reader waits for the console and sends each character to an application, which computes, calls
// a server that computes as well, and says how long that took from the reader's wake-up on. A line
// feed ends it; then each of the three says how long it has waited for a CPU.
#include <atomic>

#include "user/lib/console.hpp"
#include "user/lib/port.hpp"
#include "user/lib/schedule.hpp"
#include "user/lib/thread.hpp"

namespace user {
namespace {

constexpr uint64_t us = 1000;
constexpr uint64_t service_time = 300 * us;  // of each of the two that compute
constexpr uint32_t computing_per_cpu = 3;
constexpr uint32_t most_computing = computing_per_cpu * abi::schedule_cpus;

uint32_t events = 0;     // port of the application
uint32_t questions = 0;  // port of the server
std::atomic<bool> done{false};
std::atomic<bool> failed{false};

void check(Status status) {
    if (status != Status::Ok) failed.store(true);
}

uint64_t be_background(void*) {
    while (!done.load(std::memory_order_relaxed)) {
        for (unsigned i = 0; i < 10000; ++i) asm volatile("" ::: "memory");
    }
    return 0;
}

void say_waits(std::string_view who) {
    const auto report = read_thread(0);
    if (!report) return check(report.status());
    print("input_boost: {} waited {} us at most, boosted {} times\n", who,
          report->longest_wait / us, report->boosts);
}

// Word 0 of an event and of a question: the reader's time, 0 to end.
uint64_t serve(void*) {
    system::Message message;
    check(system::receive_message(questions, message));
    while (!failed.load() && message.words[0] != 0) {
        compute_for(service_time);
        check(system::reply_and_receive(questions, message));
    }
    say_waits("server");
    check(system::reply_message(message));
    return 0;
}

uint64_t be_application(void*) {
    for (;;) {
        system::Message event;
        check(system::receive_message(events, event));
        const uint64_t begin = event.words[0];
        if (begin != 0) compute_for(service_time);
        check(system::call_port(questions, event));
        if (begin == 0 || failed.load()) break;
        print("input_boost: answer {} us\n", (system::clock_now() - begin) / us);
    }
    say_waits("application");
    return 0;
}

void read_characters() {
    for (char character = 0; character != '\n' && character != '\r' && !failed.load();) {
        const auto length = system::read_console({&character, 1});
        if (!length) return check(length.status());
        system::Message event;
        if (character != '\n' && character != '\r') event.words[0] = system::clock_now();
        check(system::send_message(events, event));
    }
    say_waits("reader");
}

template <typename T>
T get(const Result<T>& result) {
    if (result) return *result;
    print("input_boost: a thread or a port cannot be created\n");
    system::exit_task(3);
}

}  // namespace

int user_main(std::string_view) {
    const auto system = system::system_info();
    if (!system || system->cpus_online > abi::schedule_cpus) return 3;
    events = get(system::create_port());
    questions = get(system::create_port());
    Thread server = get(Thread::create(serve, nullptr));
    Thread application = get(Thread::create(be_application, nullptr));
    Thread background[most_computing];
    const uint32_t computing = computing_per_cpu * system->cpus_online;
    for (uint32_t i = 0; i < computing; ++i) {
        background[i] = get(Thread::create(be_background, nullptr));
    }
    print("input_boost: type\n");
    read_characters();
    check(application.join().status());
    check(server.join().status());
    done.store(true);
    for (uint32_t i = 0; i < computing; ++i) check(background[i].join().status());
    print("input_boost: {} failures\n", failed.load() ? 1 : 0);
    return failed.load() ? 1 : 0;
}

}  // namespace user
