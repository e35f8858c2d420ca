// SPDX-License-Identifier: Apache-2.0
// Threads with a stack of their own and a page below it that catches an overflow.
#pragma once

#include "user/lib/system.hpp"

namespace user {

class Thread final {
  public:
    using Function = uint64_t (*)(void* argument);

    Thread() = default;

    // Starts function(argument); its result is the thread's exit value. CPU mask 0 means any CPU.
    [[nodiscard]] static Result<Thread> create(Function function, void* argument,
                                               uint64_t cpu_mask = 0,
                                               uint64_t stack_size = abi::user_stack_size);

    // Waits for the end and frees the stack. Precondition: created, and not joined before.
    [[nodiscard]] Result<uint64_t> join();

    // 0 before it was created.
    uint32_t name() const { return name_; }

  private:
    uint32_t name_ = 0;
    uint64_t memory_ = 0;
    uint64_t size_ = 0;
};

}  // namespace user
