// SPDX-License-Identifier: Apache-2.0
// The run queue of one CPU: round robin, first come, first served. Both operations are constant
// time; stealing looks at each queued thread at most once.
#pragma once

#include "kernel/task/thread.hpp"

namespace kernel {

class RunQueue final {
  public:
    void push(Thread& thread) { threads_.push_back(thread); }
    [[nodiscard]] Thread* pop() { return threads_.pop_front(); }
    void remove(Thread& thread) { threads_.remove(thread); }
    [[nodiscard]] bool empty() const { return threads_.empty(); }
    [[nodiscard]] size_t size() const { return threads_.size(); }

    // Takes the first thread that may run on `cpu`, or none.
    [[nodiscard]] Thread* steal_for(unsigned cpu) {
        for (Thread* t = threads_.front(); t != nullptr; t = threads_.next(*t)) {
            if ((t->cpu_mask >> cpu & 1) == 0) continue;
            threads_.remove(*t);
            return t;
        }
        return nullptr;
    }

  private:
    List<Thread, &Thread::queue_node> threads_;
};

}  // namespace kernel
