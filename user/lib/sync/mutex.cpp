// SPDX-License-Identifier: Apache-2.0
// Mutex: waiting.
#include "user/lib/sync/mutex.hpp"

namespace user {

bool Mutex::wait(uint64_t deadline) {
    while (state_.exchange(contended, std::memory_order_acquire) != unlocked) {
        if (system::futex_wait(state_, contended, deadline) == Status::TimedOut) return false;
    }
    return true;
}

}  // namespace user
