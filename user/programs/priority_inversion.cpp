// SPDX-License-Identifier: Apache-2.0
// priority_inversion: how long an urgent thread waits for the answer of idle ones while threads in
// between want all CPUs, with what it has of CPUs lent to those that it waits for, and without.
// Needs RightSchedule.
//
// The urgent thread asks the first of three servers in a row. In its way may be another client,
// whose question is being answered, or a thread that holds the lock which the last server takes.
// With inheritance servers are called and the lock is an InheritingMutex. Without, they are sent
// messages and send others back, for which nobody waits as far as the kernel knows, and the lock is
// a Mutex.
#include <atomic>
#include <iterator>

#include "user/lib/console.hpp"
#include "user/lib/port.hpp"
#include "user/lib/schedule.hpp"
#include "user/lib/sync/inheriting_mutex.hpp"
#include "user/lib/sync/mutex.hpp"
#include "user/lib/sync/semaphore.hpp"
#include "user/lib/thread.hpp"

namespace user {
namespace {

constexpr uint64_t us = 1000;
constexpr uint64_t ms = 1000 * us;

// Real-time priorities.
constexpr uint32_t urgent = 20;
constexpr uint32_t middle = 10;
constexpr uint32_t idle = 1;

constexpr uint64_t service_time = 200 * us;  // of the urgent thread's question
constexpr uint64_t obstacle_time = 2 * ms;   // of the other client's, or with the lock held
constexpr uint64_t middle_time = 20 * ms;
constexpr uint64_t begin_time = 500 * us;  // for all to begin

constexpr size_t server_count = 3;
constexpr uint32_t most_cpus = 8;

enum class Obstacle { None, Client, Holder };

// Labels of messages.
constexpr uint64_t work_label = 1;  // word 0: for how long
constexpr uint64_t stop_label = 2;

struct Server {
    uint32_t questions = 0;  // ports
    uint32_t answers = 0;    // without inheritance
};

// Of the case that is measured.
bool inherits = false;
Server servers[server_count];
InheritingMutex inheriting_mutex;
Mutex plain_mutex;
std::atomic<uint64_t> middle_end{0};
std::atomic<bool> failed{false};

void check(Status status) {
    if (status != Status::Ok) failed.store(true);
}

void compute_locked(uint64_t time) {
    if (inherits) {
        inheriting_mutex.lock();
        compute_for(time);
        inheriting_mutex.unlock();
    } else {
        plain_mutex.lock();
        compute_for(time);
        plain_mutex.unlock();
    }
}

void ask(const Server& server, system::Message message) {
    if (inherits) return check(system::call_port(server.questions, message));
    check(system::send_message(server.questions, message));
    check(system::receive_message(server.answers, message));
}

uint64_t serve(void* argument) {
    const auto number = reinterpret_cast<size_t>(argument);
    const Server& own = servers[number];
    system::Message message;
    check(system::receive_message(own.questions, message));
    for (;;) {
        const bool stops = message.label == stop_label;
        if (number + 1 < server_count) {
            ask(servers[number + 1], message);
        } else if (!stops) {
            compute_locked(message.words[0]);
        }
        if (stops || failed.load()) {
            check(inherits ? system::reply_message(message)
                           : system::send_message(own.answers, message));
            return 0;
        }
        if (inherits) {
            check(system::reply_and_receive(own.questions, message));
        } else {
            check(system::send_message(own.answers, message));
            check(system::receive_message(own.questions, message));
        }
    }
}

system::Message work_for(uint64_t time) {
    system::Message message;
    message.label = work_label;
    message.words[0] = time;
    return message;
}

// The other client. Without inheritance answers come in the order of questions, and go to who has
// waited for one longest.
uint64_t be_client(void*) {
    ask(servers[0], work_for(obstacle_time));
    return 0;
}

uint64_t be_holder(void*) {
    compute_locked(obstacle_time);
    return 0;
}

// Wants its CPU until the end that was set.
uint64_t be_in_between(void*) {
    while (system::clock_now() < middle_end.load()) {
        for (unsigned i = 0; i < 10000; ++i) asm volatile("" ::: "memory");
    }
    return 0;
}

Thread start(Thread::Function function, uint32_t priority, uint64_t argument = 0,
             uint64_t cpu_mask = 0) {
    const auto thread = Thread::create(function, reinterpret_cast<void*>(argument), cpu_mask);
    if (!thread) {
        print("priority_inversion: a thread cannot be created\n");
        system::exit_task(3);
    }
    check(schedule_thread(thread->name(), real_time_thread(priority)));
    return *thread;
}

uint32_t make_port() {
    const auto port = system::create_port();
    if (!port) {
        print("priority_inversion: a port cannot be created\n");
        system::exit_task(3);
    }
    return *port;
}

// Nanoseconds from the urgent thread's question to its answer.
uint64_t measure(Obstacle obstacle, uint32_t cpus) {
    Thread serving[server_count];
    for (size_t i = 0; i < server_count; ++i) {
        servers[i] = {make_port(), make_port()};
        serving[i] = start(serve, idle, i);
    }
    system::sleep(begin_time);
    Thread other;
    if (obstacle == Obstacle::Client) other = start(be_client, idle);
    if (obstacle == Obstacle::Holder) other = start(be_holder, idle);
    system::sleep(begin_time);
    middle_end.store(system::clock_now() + middle_time);
    Thread between[most_cpus];
    for (uint32_t i = 0; i < cpus; ++i) {
        between[i] = start(be_in_between, middle, 0, uint64_t{1} << i);
    }
    system::sleep(begin_time);

    const uint64_t begin = system::clock_now();
    ask(servers[0], work_for(service_time));
    const uint64_t time = system::clock_now() - begin;

    for (uint32_t i = 0; i < cpus; ++i) (void)between[i].join();
    if (other.name() != 0) (void)other.join();
    system::Message stop;
    stop.label = stop_label;
    ask(servers[0], stop);
    for (Thread& server : serving) (void)server.join();
    for (const Server& server : servers) {
        check(system::close_right(server.questions));
        check(system::close_right(server.answers));
    }
    return time;
}

struct Case {
    Obstacle obstacle;
    std::string_view name;
};
constexpr Case cases[] = {
    {Obstacle::None, "calls"}, {Obstacle::Client, "client"}, {Obstacle::Holder, "lock"}};

}  // namespace

int user_main(std::string_view) {
    const auto system = system::system_info();
    if (!system || system->cpus_online > most_cpus) return 3;
    const Status status = schedule_thread(0, real_time_thread(urgent));
    if (status != Status::Ok) {
        print("priority_inversion: needs the right to schedule: start it with \"schedule\"\n");
        return 2;
    }
    for (const Case& each : cases) {
        for (const bool with : {true, false}) {
            inherits = with;
            const uint64_t time = measure(each.obstacle, system->cpus_online);
            print("priority_inversion: {} {} inheritance: {} us\n", each.name,
                  std::string_view(with ? "with" : "without"), time / us);
        }
    }
    if (failed.load()) print("priority_inversion: a call failed\n");
    return failed.load() ? 1 : 0;
}

}  // namespace user
