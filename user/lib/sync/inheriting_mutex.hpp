// SPDX-License-Identifier: Apache-2.0
// InheritingMutex: one thread of a task at a time, the most urgent one first. Who holds it has of
// CPUs what those who wait for it may have (priority inheritance; Sha, Rajkumar and Lehoczky, IEEE
// Transactions on Computers 39, 1990), so that threads in between keep nobody waiting.
//
// As in Linux's FUTEX_LOCK_PI the word says who holds the lock. Unlike there the kernel only reads
// it (docs/synchronisation.md).
#pragma once

#include <atomic>

#include "user/lib/system.hpp"

namespace user {

class InheritingMutex final {
  public:
    InheritingMutex() = default;
    InheritingMutex(const InheritingMutex&) = delete;
    InheritingMutex& operator=(const InheritingMutex&) = delete;

    // Precondition: this thread does not hold it.
    void lock() {
        if (!try_lock()) (void)wait(system::no_deadline);
    }
    [[nodiscard]] bool try_lock();
    // Until a time in nanoseconds since boot; false when it came first.
    [[nodiscard]] bool lock_until(uint64_t deadline) { return try_lock() || wait(deadline); }

    // Precondition: this thread holds it.
    void unlock() {
        const uint32_t word = word_.exchange(0, std::memory_order_release);
        if ((word & abi::lock_is_waited_for) != 0) system::lock_wake(word_);
    }

  private:
    [[nodiscard]] bool wait(uint64_t deadline);

    std::atomic<uint32_t> word_{0};
};

}  // namespace user
