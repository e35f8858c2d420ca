// SPDX-License-Identifier: Apache-2.0
// ConditionVariable: threads that hold a mutex wait for what others change under it. A wait may end
// without a reason, so the condition is always looked at again.
//
// Each notification changes a number. Who waits has read it before letting the mutex go, and the
// kernel lets nobody sleep on a number that has changed: a notification that comes in between is
// not lost. (Unless 2^32 of them come in between.)
#pragma once

#include "user/lib/sync/mutex.hpp"

namespace user {

class ConditionVariable final {
  public:
    ConditionVariable() = default;
    ConditionVariable(const ConditionVariable&) = delete;
    ConditionVariable& operator=(const ConditionVariable&) = delete;

    // Precondition: this thread holds the mutex; it does so afterwards too.
    void wait(Mutex& mutex) { (void)wait_until(mutex, system::no_deadline); }
    // False when the time came first.
    bool wait_until(Mutex& mutex, uint64_t deadline) {
        const uint32_t seen = number_.load(std::memory_order_relaxed);
        mutex.unlock();
        const Status status = system::futex_wait(number_, seen, deadline);
        mutex.lock();
        return status != Status::TimedOut;
    }
    template <class Condition>
    void wait(Mutex& mutex, Condition condition) {
        while (!condition()) wait(mutex);
    }

    void notify_one() { notify(1); }
    void notify_all() { notify(UINT32_MAX); }

  private:
    void notify(uint32_t count) {
        number_.fetch_add(1, std::memory_order_relaxed);
        system::futex_wake(number_, count);
    }

    std::atomic<uint32_t> number_{0};
};

}  // namespace user
