// SPDX-License-Identifier: Apache-2.0
// Once: what several threads want done, done by the first of them while the others wait.
#pragma once

#include <atomic>

#include "user/lib/system.hpp"

namespace user {

class Once final {
  public:
    template <class Action>
    void call(Action action) {
        if (state_.load(std::memory_order_acquire) == done) return;
        uint32_t state = untouched;
        if (state_.compare_exchange_strong(state, running, std::memory_order_acquire)) {
            action();
            state_.store(done, std::memory_order_release);
            system::futex_wake(state_, UINT32_MAX);
            return;
        }
        while (state_.load(std::memory_order_acquire) == running) {
            (void)system::futex_wait(state_, running);
        }
    }

  private:
    enum State : uint32_t { untouched = 0, running = 1, done = 2 };

    std::atomic<uint32_t> state_{untouched};
};

}  // namespace user
