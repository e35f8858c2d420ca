// SPDX-License-Identifier: Apache-2.0
// Semaphore: taking permits, and waiting for them.
#include "user/lib/sync/semaphore.hpp"

namespace user {

bool Semaphore::try_acquire() {
    uint32_t permits = permits_.load(std::memory_order_relaxed);
    while (permits != 0) {
        if (permits_.compare_exchange_weak(permits, permits - 1, std::memory_order_acquire,
                                           std::memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

// Either release() sees that somebody waits, or the kernel sees that there are permits: both sides
// write their own word before they look at the other one, in one order for all.
bool Semaphore::acquire_until(uint64_t deadline) {
    Status status = Status::Ok;
    while (!try_acquire()) {
        if (status == Status::TimedOut) return false;
        waiting_.fetch_add(1, std::memory_order_seq_cst);
        status = system::futex_wait(permits_, 0, deadline);
        waiting_.fetch_sub(1, std::memory_order_relaxed);
    }
    return true;
}

void Semaphore::release(uint32_t count) {
    permits_.fetch_add(count, std::memory_order_seq_cst);
    if (waiting_.load(std::memory_order_seq_cst) != 0) system::futex_wake(permits_, count);
}

}  // namespace user
