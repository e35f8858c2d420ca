// SPDX-License-Identifier: Apache-2.0
// kernel_bench CPU OTHER: what the kernel's short paths take, each over many rounds on one CPU, and
// between two (docs/kernel-benchmarks.md says what each figure is). `kernel_bench partner` and
// `kernel_bench client` are the other task of those that need one.
#include <atomic>

#include "user/lib/console.hpp"
#include "user/lib/port.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

constexpr uint64_t rounds = 4000;
constexpr uint64_t sleeps = 200;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

// In memory that both tasks see.
struct Shared {
    std::atomic<uint64_t> turns;  // of the partner
    std::atomic<bool> stop;
};

uint64_t cpu_mask = 1;
uint64_t other_mask = 2;

uint64_t counter() {
    uint64_t ticks = 0;
    asm volatile("isb\n mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
    return ticks;
}

uint64_t nanoseconds_of(uint64_t ticks) {
    uint64_t frequency = 0;
    asm("mrs %0, cntfrq_el0" : "=r"(frequency));
    return ticks * 1'000'000'000 / frequency;
}

// `count`: how often it was done.
void report(std::string_view name, uint64_t count, uint64_t nanoseconds) {
    print("kernel_bench: {} {} times {} ns\n", name, count, nanoseconds);
}

template <class Action>
uint64_t time_of(Action action) {
    action();  // what is done for the first time takes longer
    const uint64_t begin = system::clock_now();
    for (uint64_t i = 0; i < rounds; ++i) action();
    return system::clock_now() - begin;
}

void measure_calls() {
    report("null_call", rounds, time_of([] { (void)system::null(); }));
    report("yield_alone", rounds, time_of([] { system::yield(); }));
    report("clock_now", rounds, time_of([] { (void)system::clock_now(); }));
}

uint64_t take_turns(void* argument) {
    Shared& shared = *static_cast<Shared*>(argument);
    while (!shared.stop.load(std::memory_order_relaxed)) {
        shared.turns.fetch_add(1, std::memory_order_relaxed);
        system::yield();
    }
    return 0;
}

// Yields to a partner, who yields back: each of its turns is two switches.
void measure_switches(std::string_view name, Shared& shared) {
    while (shared.turns.load(std::memory_order_relaxed) == 0) system::yield();
    system::yield();
    const uint64_t before = shared.turns.load(std::memory_order_relaxed);
    const uint64_t begin = system::clock_now();
    for (uint64_t i = 0; i < rounds; ++i) system::yield();
    const uint64_t time = system::clock_now() - begin;
    report(name, 2 * (shared.turns.load(std::memory_order_relaxed) - before), time);
    shared.stop.store(true, std::memory_order_relaxed);
}

bool measure_thread_switch() {
    Shared shared{};
    const auto partner = Thread::create(take_turns, &shared, cpu_mask);
    if (!partner) return false;
    Thread started = *partner;
    measure_switches("switch_threads", shared);
    return started.join().status() == Status::Ok;
}

bool measure_task_switch() {
    const auto object = system::create_object(abi::page_size);
    if (!object) return false;
    const auto memory = system::map_object(*object, read_write);
    if (!memory) return false;
    const uint32_t passed[] = {*object};
    const auto partner = system::spawn_task("bin/kernel_bench", "partner", cpu_mask, passed);
    if (!partner) return false;
    measure_switches("switch_tasks", *reinterpret_cast<Shared*>(*memory));
    return system::wait_task(*partner).status() == Status::Ok;
}

// From the end of a sleep on a CPU with nothing else to do to the program, the call that reads the
// clock included.
void measure_wake_ups() {
    constexpr uint64_t nap = 50'000;
    uint64_t late = 0;
    for (uint64_t i = 0; i < sleeps; ++i) {
        const uint64_t begin = system::clock_now();
        system::sleep(nap);
        late += system::clock_now() - begin - nap;
    }
    report("wake_from_idle", sleeps, late);
}

// Words of a question: when it was sent, and what earlier answers took together. Of an answer: when
// it was sent. The first questions, which meet cold memory, do not count.
constexpr uint64_t first_question = 20;
constexpr uint64_t questions = rounds + first_question;

// This task answers, another one asks.
bool measure_messages(const char* one_way, const char* back, uint64_t client_mask) {
    const auto port = system::create_port();
    if (!port) return false;
    const auto to_send = system::copy_send_right(*port);
    if (!to_send) return false;
    const uint32_t passed[] = {*to_send};
    const auto client = system::spawn_task("bin/kernel_bench", "client", client_mask, passed);
    if (!client) return false;
    system::Message message;
    uint64_t question_ticks = 0;
    if (system::receive_message(*port, message) != Status::Ok) return false;
    for (uint64_t i = 0; i < questions; ++i) {
        if (i >= first_question) question_ticks += counter() - message.words[0];
        message.words[0] = counter();
        if (system::reply_and_receive(*port, message) != Status::Ok) return false;
    }
    report(one_way, rounds, nanoseconds_of(question_ticks));
    report(back, rounds, nanoseconds_of(message.words[1]));
    if (system::reply_message(message) != Status::Ok) return false;
    (void)system::close_right(*to_send);
    (void)system::close_right(*port);
    return system::wait_task(*client).status() == Status::Ok;
}

int be_client() {
    system::Message message;
    uint64_t answer_ticks = 0;
    for (uint64_t i = 0; i < questions + 1; ++i) {
        message.words[0] = counter();
        message.words[1] = answer_ticks;
        if (system::call_port(abi::given_name(0), message) != Status::Ok) return 1;
        if (i >= first_question) answer_ticks += counter() - message.words[0];
    }
    return 0;
}

uint64_t measure(void*) {
    measure_calls();
    if (!measure_thread_switch()) return 1;
    if (!measure_task_switch()) return 2;
    measure_wake_ups();
    if (!measure_messages("message_call", "message_reply", cpu_mask)) return 3;
    if (!measure_messages("far_call", "far_reply", other_mask)) return 4;
    return 0;
}

int be_partner() {
    const auto memory = system::map_object(abi::given_name(0), read_write);
    if (!memory) return 1;
    return static_cast<int>(take_turns(reinterpret_cast<void*>(*memory)));
}

}  // namespace

int user_main(std::string_view arguments) {
    const std::string_view word = take_word(arguments);
    if (word == "partner") return be_partner();
    if (word == "client") return be_client();
    const auto cpu = parse_number(word);
    const auto other = parse_number(take_word(arguments));
    if (!cpu || *cpu >= 64 || !other || *other >= 64) {
        print("kernel_bench: usage: kernel_bench CPU OTHER\n");
        return 2;
    }
    cpu_mask = uint64_t{1} << *cpu;
    other_mask = uint64_t{1} << *other;
    const auto thread = Thread::create(measure, nullptr, cpu_mask);
    if (!thread) {
        print("kernel_bench: there is no CPU {}\n", *cpu);
        return 2;
    }
    Thread started = *thread;
    const auto result = started.join();
    return result ? static_cast<int>(*result) : 1;
}

}  // namespace user
