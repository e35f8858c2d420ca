// SPDX-License-Identifier: Apache-2.0
// InheritingMutex: who holds it, and waiting.
#include "user/lib/sync/inheriting_mutex.hpp"

namespace user {
namespace {

// The calling thread's id; the kernel is asked once.
uint32_t own_number() {
    thread_local uint32_t number = 0;
    if (number == 0) number = system::thread_number();
    return number;
}

}  // namespace

bool InheritingMutex::try_lock() {
    uint32_t expected = 0;
    return word_.compare_exchange_strong(expected, own_number(), std::memory_order_acquire,
                                         std::memory_order_relaxed);
}

// Whoever has had to wait assumes that others still do.
bool InheritingMutex::wait(uint64_t deadline) {
    const uint32_t mine = own_number() | abi::lock_is_waited_for;
    for (;;) {
        uint32_t seen = 0;
        if (word_.compare_exchange_strong(seen, mine, std::memory_order_acquire,
                                          std::memory_order_relaxed)) {
            return true;
        }
        const uint32_t wanted = seen | abi::lock_is_waited_for;
        if (seen != wanted &&
            !word_.compare_exchange_strong(seen, wanted, std::memory_order_relaxed)) {
            continue;
        }
        if (system::lock_wait(word_, wanted, deadline) == Status::TimedOut) return false;
    }
}

}  // namespace user
