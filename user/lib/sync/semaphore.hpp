// SPDX-License-Identifier: Apache-2.0
// Semaphore: a number of permits; who finds none waits for one.
#pragma once

#include <atomic>

#include "user/lib/system.hpp"

namespace user {

class Semaphore final {
  public:
    Semaphore() = default;
    explicit Semaphore(uint32_t permits) : permits_(permits) {}
    Semaphore(const Semaphore&) = delete;
    Semaphore& operator=(const Semaphore&) = delete;

    void acquire() { (void)acquire_until(system::no_deadline); }
    [[nodiscard]] bool try_acquire();
    // Until a time in nanoseconds since boot; false when it came first.
    bool acquire_until(uint64_t deadline);
    void release(uint32_t count = 1);

  private:
    std::atomic<uint32_t> permits_{0};
    std::atomic<uint32_t> waiting_{0};
};

}  // namespace user
