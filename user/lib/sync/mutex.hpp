// SPDX-License-Identifier: Apache-2.0
// Mutex: one thread at a time, in any order. After U. Drepper, "Futexes Are Tricky" (2011), mutex
// 2: whoever has had to wait assumes that others still do.
#pragma once

#include <atomic>

#include "user/lib/system.hpp"

namespace user {

class Mutex final {
  public:
    Mutex() = default;
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    // Precondition: this thread does not hold it.
    void lock() {
        if (!try_lock()) (void)wait(system::no_deadline);
    }
    [[nodiscard]] bool try_lock() {
        uint32_t expected = unlocked;
        return state_.compare_exchange_strong(expected, locked, std::memory_order_acquire,
                                              std::memory_order_relaxed);
    }
    // Until a time in nanoseconds since boot; false when it came first.
    [[nodiscard]] bool lock_until(uint64_t deadline) { return try_lock() || wait(deadline); }

    // Precondition: this thread holds it.
    void unlock() {
        if (state_.exchange(unlocked, std::memory_order_release) == contended) {
            system::futex_wake(state_, 1);
        }
    }

  private:
    enum State : uint32_t { unlocked = 0, locked = 1, contended = 2 };

    [[nodiscard]] bool wait(uint64_t deadline);

    std::atomic<uint32_t> state_{unlocked};
};

class [[nodiscard]] MutexGuard final {
  public:
    explicit MutexGuard(Mutex& mutex) : mutex_(mutex) { mutex_.lock(); }
    ~MutexGuard() { mutex_.unlock(); }
    MutexGuard(const MutexGuard&) = delete;
    MutexGuard& operator=(const MutexGuard&) = delete;

  private:
    Mutex& mutex_;
};

}  // namespace user
