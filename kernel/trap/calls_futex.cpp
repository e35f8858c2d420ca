// SPDX-License-Identifier: Apache-2.0
// System calls on words of user memory that threads wait on, and on those that are locks.
//
// FutexWait looks at the word with the Objects lock held, which FutexWake takes too: who changes
// the word and then wakes either finds the thread in the table, or has changed the word before it
// is looked at. Pages are made to be there before, without the lock, as often as it takes.
//
// The word of a lock says who holds it, and whoever waits by LockWait lends to that thread. The
// kernel never writes the word, so LockWake cannot know who has it next: it wakes the most urgent
// thread, and what the others lend comes to its end. They need not lend to the woken one, which has
// no less than they have; when somebody else has been faster, it lends on to that one.
#include "kernel/ipc/ports.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

// Threads made ready in one go, so that the lock is held for a microsecond or two.
constexpr uint64_t at_once = 4;

// In ticks, of a time in nanoseconds since boot.
uint64_t deadline_of(uint64_t nanoseconds) {
    if (nanoseconds == abi::wait_forever) return Scheduler::no_deadline;
    return kernel().info.boot_ticks + ticks_of(nanoseconds);
}

enum class Lends { No, Yes };

// Locked. The thread, which waits for a lock, lends to the one of its task that holds it.
void lend_to_holder(Thread& waits, uint32_t word) {
    List<Thread, &Thread::task_node>& threads = waits.task->threads;
    Thread* holder = threads.front();
    while (holder != nullptr && holder->id != (word & abi::lock_holder)) {
        holder = threads.next(*holder);
    }
    if (holder != nullptr && holder != &waits && holder->state != ThreadState::Ended) {
        kernel().scheduler.lend(waits, *holder);
    }
}

// Locked. Ends the call, or blocks the thread; false when the page is not there at the moment.
bool wait_if_equal(Call& call, const FutexKey& key, uint64_t deadline, Lends lends) {
    if (call.ending()) return true;
    const uint64_t address = call.argument(0);
    const auto expected = static_cast<uint32_t>(call.argument(1));
    const Result<uint32_t> value = call.task().space.peek(address);
    if (!value.ok()) return false;
    if (value.value() != expected) {
        call.finish(Status::WouldBlock);
    } else if (hal::Machine::counter() >= deadline) {
        call.finish(Status::TimedOut);
    } else {
        Kernel& k = kernel();
        k.scheduler.block_current_until(ThreadState::WaitFutex, deadline);
        k.futexes.add(call.thread(), key);
        if (lends == Lends::Yes) lend_to_holder(call.thread(), expected);
    }
    return true;
}

// Up to `count` threads; how many there were.
uint64_t wake_some(const FutexKey& key, uint64_t count) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    uint64_t woken = 0;
    while (woken < count) {
        Thread* thread = k.futexes.first(key);
        if (thread == nullptr) break;
        end_wait(*thread, Status::Ok);
        ++woken;
    }
    return woken;
}

void wait_for_word(Call& call, Lends lends) {
    AddressSpace& space = call.task().space;
    const uint64_t address = call.argument(0);
    const uint64_t deadline = deadline_of(call.argument(2));
    if (address % sizeof(uint32_t) != 0) return call.finish(Status::InvalidArgument);
    for (;;) {
        uint32_t value = 0;
        const Status status = space.read(&value, address, sizeof value);
        if (status != Status::Ok) return call.finish(status);
        const Result<FutexKey> key = space.locate(address);
        if (!key.ok()) return call.finish(key.status());
        {
            const LockGuard guard(kernel().scheduler.lock());
            if (wait_if_equal(call, key.value(), deadline, lends)) return;
        }
        preemption_point();
    }
}

}  // namespace

void futex_wait(Call& call) {
    wait_for_word(call, Lends::No);
}

void lock_wait(Call& call) {
    wait_for_word(call, Lends::Yes);
}

void lock_wake(Call& call) {
    const uint64_t address = call.argument(0);
    if (address % sizeof(uint32_t) != 0) return call.finish(Status::InvalidArgument);
    const Result<FutexKey> key = call.task().space.locate(address);
    if (!key.ok()) return call.finish(key.status());
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    Thread* const next = k.futexes.most_urgent(key.value());
    call.finish(next != nullptr ? 1 : 0);
    if (next == nullptr) return;
    k.scheduler.take_back_all(call.thread(), key.value());
    end_wait(*next, Status::Ok);
}

void futex_wake(Call& call) {
    const uint64_t address = call.argument(0);
    if (address % sizeof(uint32_t) != 0) return call.finish(Status::InvalidArgument);
    const Result<FutexKey> key = call.task().space.locate(address);
    if (!key.ok()) return call.finish(key.status());
    uint64_t left = call.argument(1);
    if (left > at_once) {
        // Those that come later are not waited for.
        const LockGuard guard(kernel().scheduler.lock());
        const uint64_t waiting = kernel().futexes.at_most(key.value());
        if (left > waiting) left = waiting;
    }
    uint64_t woken = 0;
    while (left != 0) {
        const uint64_t asked = left < at_once ? left : at_once;
        const uint64_t some = wake_some(key.value(), asked);
        woken += some;
        left -= asked;
        if (some < asked) break;
        if (left != 0) preemption_point();
    }
    call.finish(woken);
}

}  // namespace kernel::calls
