// SPDX-License-Identifier: Apache-2.0
// synchronisation: threads that wait for one another in every way the library has, and tasks that
// do so in memory they share. Each part knows what must come out; the last line says whether it
// did.
#include "user/lib/console.hpp"
#include "user/lib/sync/condition_variable.hpp"
#include "user/lib/sync/inheriting_mutex.hpp"
#include "user/lib/sync/once.hpp"
#include "user/lib/sync/read_write_lock.hpp"
#include "user/lib/sync/semaphore.hpp"
#include "user/lib/thread.hpp"

namespace user {

namespace {

constexpr uint64_t thread_count = 8;
constexpr uint64_t millisecond = 1'000'000;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

std::atomic<uint64_t> failures{0};

void check(bool good, std::string_view what) {
    if (good) return;
    failures.fetch_add(1, std::memory_order_relaxed);
    print("synchronisation: wrong: {}\n", what);
}

// Runs `function` in all threads at once, with their number.
void run_all(Thread::Function function) {
    Thread threads[thread_count];
    for (uint64_t i = 0; i < thread_count; ++i) {
        const auto thread = Thread::create(function, reinterpret_cast<void*>(i));
        check(static_cast<bool>(thread), "a thread cannot be created");
        if (thread) threads[i] = *thread;
    }
    for (Thread& thread : threads) {
        if (thread.name() != 0)
            check(static_cast<bool>(thread.join()), "a thread cannot be joined");
    }
}

uint64_t number_of(void* argument) {
    return reinterpret_cast<uint64_t>(argument);
}

// Thread-local variables: with a first value, without one, and aligned.
thread_local uint64_t with_value = 0x1234'5678;
thread_local uint64_t zeroed[40];
struct alignas(64) Aligned {
    uint64_t value = 7;
};
thread_local Aligned aligned;

void check_own(uint64_t number) {
    bool fresh = with_value == 0x1234'5678 && aligned.value == 7;
    for (const uint64_t word : zeroed) fresh = fresh && word == 0;
    check(fresh, "what a thread-local variable is at first");
    check(system::address_of(&aligned) % alignof(Aligned) == 0, "alignment of a variable");
    with_value = number;
    aligned.value = number + 1;
    for (uint64_t& word : zeroed) word = number + 2;
    for (unsigned i = 0; i < 20; ++i) {
        system::yield();
        bool same = with_value == number && aligned.value == number + 1;
        for (const uint64_t word : zeroed) same = same && word == number + 2;
        check(same, "another thread's variable");
    }
}

void check_thread_locals() {
    run_all([](void* argument) {
        check_own(number_of(argument) + 100);
        return uint64_t{0};
    });
    check_own(99);
}

// A counter that only a mutex of that kind protects.
template <class Kind>
struct Protected {
    static inline Kind mutex;
    static inline uint64_t counter = 0;
};

template <class Kind>
void check_mutex() {
    constexpr uint64_t rounds = 500;
    Kind& mutex = Protected<Kind>::mutex;
    run_all([](void*) {
        for (uint64_t i = 0; i < rounds; ++i) {
            Protected<Kind>::mutex.lock();
            const uint64_t before = Protected<Kind>::counter;
            if (i % 64 == 0) system::yield();
            Protected<Kind>::counter = before + 1;
            Protected<Kind>::mutex.unlock();
        }
        return uint64_t{0};
    });
    check(Protected<Kind>::counter == thread_count * rounds, "a counter under a mutex");
    mutex.lock();
    check(!mutex.try_lock(), "a mutex that is held twice");
    const uint64_t begin = system::clock_now();
    check(!mutex.lock_until(begin + 2 * millisecond), "a mutex that was had while it was held");
    check(system::clock_now() - begin >= 2 * millisecond, "a wait that ended before its time");
    mutex.unlock();
    check(mutex.lock_until(0), "a mutex that is free is had at any time");
    mutex.unlock();
}

// Even threads put numbers into a small buffer, odd ones take them out.
Mutex mutex;
constexpr uint64_t buffer_size = 4;
constexpr uint64_t items_each = 300;
ConditionVariable not_full;
ConditionVariable not_empty;
uint64_t buffer[buffer_size];
uint64_t filled = 0;
uint64_t taken_sum = 0;

void check_condition_variable() {
    run_all([](void* argument) {
        for (uint64_t i = 1; i <= items_each; ++i) {
            const MutexGuard guard(mutex);
            if (number_of(argument) % 2 == 0) {
                not_full.wait(mutex, [] { return filled < buffer_size; });
                buffer[filled++] = i;
                not_empty.notify_one();
            } else {
                not_empty.wait(mutex, [] { return filled != 0; });
                taken_sum += buffer[--filled];
                not_full.notify_one();
            }
        }
        return uint64_t{0};
    });
    check(filled == 0, "a buffer that is not empty");
    check(taken_sum == thread_count / 2 * items_each * (items_each + 1) / 2, "what was taken out");
    const MutexGuard guard(mutex);
    const uint64_t end = system::clock_now() + millisecond;
    while (not_empty.wait_until(mutex, end)) {
    }
    check(system::clock_now() >= end, "a condition that came before its time");
}

// At most three are inside.
Semaphore places(3);
std::atomic<uint32_t> inside{0};

void check_semaphore() {
    run_all([](void*) {
        for (unsigned i = 0; i < 100; ++i) {
            places.acquire();
            check(inside.fetch_add(1) < 3, "too many inside");
            if (i % 16 == 0) system::yield();
            inside.fetch_sub(1);
            places.release();
        }
        return uint64_t{0};
    });
    for (unsigned i = 0; i < 3; ++i) check(places.try_acquire(), "a permit that got lost");
    check(!places.try_acquire(), "a permit that was never there");
    check(!places.acquire_until(system::clock_now() + millisecond), "a permit out of nothing");
    places.release(3);
}

// Writers keep two words alike; readers must never see them differ.
ReadWriteLock pair_lock;
volatile uint64_t pair[2];

void check_read_write_lock() {
    run_all([](void* argument) {
        for (unsigned i = 0; i < 100; ++i) {
            if (number_of(argument) < 2) {
                pair_lock.lock();
                pair[0] = pair[0] + 1;
                if (i % 8 == 0) system::yield();
                pair[1] = pair[1] + 1;
                pair_lock.unlock();
            } else {
                pair_lock.lock_shared();
                check(pair[0] == pair[1], "half of what a writer wrote");
                pair_lock.unlock_shared();
            }
        }
        return uint64_t{0};
    });
    check(pair[0] == 200 && pair[1] == 200, "what writers have written");
}

Once once;
std::atomic<uint32_t> times{0};

void check_once() {
    run_all([](void*) {
        once.call([] {
            system::sleep(millisecond);
            times.fetch_add(1);
        });
        check(times.load() == 1, "not done when call() returns");
        return uint64_t{0};
    });
    check(times.load() == 1, "done more than once");
}

// What the kernel refuses.
void check_calls() {
    std::atomic<uint32_t> word{5};
    check(system::futex_wait(word, 4) == Status::WouldBlock, "waiting for what is no more");
    check(system::futex_wait(word, 5, 0) == Status::TimedOut, "a deadline that has passed");
    check(system::futex_wake(word, 9) == 0, "waking nobody");
    const auto wait_at = [](uint64_t address) {
        return system::call(abi::SystemCall::FutexWait, address, 0, 0).status();
    };
    check(wait_at(system::address_of(&word) + 1) == Status::InvalidArgument, "a word across words");
    check(wait_at(0x1000) == Status::BadAddress, "a word that is not there");
    check(wait_at(UINT64_MAX - 3) == Status::BadAddress, "a word outside user space");
}

// In memory that two tasks share, at different addresses.
struct Shared {
    std::atomic<uint32_t> turn;
    Mutex mutex;
    ConditionVariable changed;
    uint64_t sum;
};
constexpr uint32_t shared_rounds = 100;

Shared* map_shared(uint32_t handle) {
    const auto address = system::map_object(handle, read_write);
    check(static_cast<bool>(address), "shared memory cannot be mapped");
    return address ? reinterpret_cast<Shared*>(*address) : nullptr;
}

// Takes turns with the other side: 0 is the parent's, 1 the child's.
void take_turns(Shared& shared, uint32_t side) {
    for (uint32_t i = 0; i < shared_rounds; ++i) {
        while (shared.turn.load(std::memory_order_acquire) != side) {
            (void)system::futex_wait(shared.turn, 1 - side);
        }
        shared.turn.store(1 - side, std::memory_order_release);
        system::futex_wake(shared.turn, 1);
        const MutexGuard guard(shared.mutex);
        ++shared.sum;
        shared.changed.notify_all();
    }
}

void check_shared_memory() {
    const auto object = system::create_object(abi::page_size);
    check(static_cast<bool>(object), "shared memory cannot be made");
    if (!object) return;
    Shared* shared = map_shared(*object);
    const uint32_t handles[] = {*object};
    const auto child = system::spawn_task("bin/synchronisation", "child", 0, handles);
    check(static_cast<bool>(child), "the child cannot be started");
    if (shared == nullptr || !child) return;
    take_turns(*shared, 0);
    {
        const MutexGuard guard(shared->mutex);
        shared->changed.wait(shared->mutex, [shared] { return shared->sum == 2 * shared_rounds; });
    }
    const auto result = system::wait_task(*child);
    check(result && result->reason == abi::EndReason::Exited && result->exit_code == 0,
          "the child");
    system::close_object(*object);
}

int child() {
    Shared* shared = map_shared(abi::given_name(0));
    if (shared == nullptr) return 1;
    take_turns(*shared, 1);
    return failures.load() == 0 ? 0 : 1;
}

// A task ends although threads of it wait for ever, with a deadline and without one.
int leave_waiting() {
    static std::atomic<uint32_t> never{0};
    for (const uint64_t deadline : {system::no_deadline, uint64_t{1} << 60}) {
        static uint64_t until;
        until = deadline;
        const auto thread = Thread::create(
            [](void*) {
                (void)system::futex_wait(never, 0, until);
                return uint64_t{0};
            },
            nullptr);
        if (!thread) return 1;
        system::sleep(millisecond);
    }
    return 7;
}

void check_end() {
    const auto task = system::spawn_task("bin/synchronisation", "leave");
    check(static_cast<bool>(task), "the child cannot be started");
    if (!task) return;
    const auto result = system::wait_task(*task);
    check(result && result->exit_code == 7, "the end of a task whose threads wait");
}

}  // namespace

int user_main(std::string_view arguments) {
    if (arguments == "child") return child();
    if (arguments == "leave") return leave_waiting();
    check_calls();
    check_thread_locals();
    check_mutex<Mutex>();
    check_mutex<InheritingMutex>();
    check_condition_variable();
    check_semaphore();
    check_read_write_lock();
    check_once();
    check_shared_memory();
    check_end();
    if (failures.load() != 0) return 1;
    print("synchronisation: ok\n");
    return 0;
}

}  // namespace user
