// SPDX-License-Identifier: Apache-2.0
// System calls on words of user memory that threads wait on.
//
// FutexWait looks at the word with the Objects lock held, which FutexWake takes too: who changes
// the word and then wakes either finds the thread in the table, or has changed the word before it
// is looked at. Pages are made to be there before, without the lock, as often as it takes.
#include "kernel/kernel.hpp"
#include "kernel/sync/futex_table.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

using State = FutexWaiter::State;

// Threads made ready in one go, so that the lock is held for a microsecond or two.
constexpr unsigned at_once = 4;

// In ticks, of a time in nanoseconds since boot; `never` has no end.
uint64_t deadline_of(uint64_t nanoseconds) {
    if (nanoseconds == abi::no_deadline) return Scheduler::no_deadline;
    return kernel().info.boot_ticks + ticks_of(nanoseconds);
}

// Locked. Blocks the caller on the word; its call is made again when it is woken or its time has
// come.
void wait_on(Call& call, const FutexKey& key, uint64_t deadline) {
    Kernel& k = kernel();
    k.futexes.add(call.thread(), key);
    call.repeat();
    if (deadline == Scheduler::no_deadline) {
        k.scheduler.block_current(ThreadState::WaitFutex);
    } else {
        k.scheduler.sleep_current(deadline);
    }
}

// The call after its wait: it was woken, or it is time.
void end_wait(Call& call) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    const bool is_woken = call.thread().futex.state == State::Woken;
    k.futexes.remove(call.thread());
    call.finish(is_woken ? Status::Ok : Status::TimedOut);
}

// Up to `count` threads; how many there were.
uint64_t wake_some(const FutexKey& key, uint64_t count) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    uint64_t woken = 0;
    while (woken < count) {
        Thread* thread = k.futexes.take(key);
        if (thread == nullptr) break;
        ++woken;
        // One whose time has come is on its way already.
        const bool waits =
            thread->state == ThreadState::WaitFutex || thread->state == ThreadState::Sleeping;
        if (!waits) continue;
        k.scheduler.unqueue(*thread);
        k.scheduler.make_ready(*thread);
    }
    return woken;
}

}  // namespace

void futex_wait(Call& call) {
    if (call.thread().futex.state != State::None) return end_wait(call);
    Kernel& k = kernel();
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
            const LockGuard guard(k.scheduler.lock());
            if (call.ending()) return;
            const Result<uint32_t> now = space.peek(address);
            if (now.ok()) {
                if (now.value() != static_cast<uint32_t>(call.argument(1))) {
                    return call.finish(Status::WouldBlock);
                }
                if (hal::Machine::counter() >= deadline) return call.finish(Status::TimedOut);
                return wait_on(call, key.value(), deadline);
            }
        }
        // The page went away in between.
        preemption_point();
    }
}

void futex_wake(Call& call) {
    Kernel& k = kernel();
    const uint64_t address = call.argument(0);
    if (address % sizeof(uint32_t) != 0) return call.finish(Status::InvalidArgument);
    const Result<FutexKey> key = call.task().space.locate(address);
    if (!key.ok()) return call.finish(key.status());
    uint64_t left = call.argument(1);
    {
        // Those that come later are not waited for.
        const LockGuard guard(k.scheduler.lock());
        const uint64_t waiting = k.futexes.at_most(key.value());
        if (left > waiting) left = waiting;
    }
    uint64_t woken = 0;
    while (left != 0) {
        const uint64_t asked = left < at_once ? left : at_once;
        const uint64_t some = wake_some(key.value(), asked);
        woken += some;
        left -= some;
        if (some < asked) break;
        if (left != 0) preemption_point();
    }
    call.finish(woken);
}

}  // namespace kernel::calls
