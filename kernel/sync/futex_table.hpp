// SPDX-License-Identifier: Apache-2.0
// FutexTable: the threads that wait on futexes (futex.hpp). All of it is locked, by the Objects
// lock.
#pragma once

#include "kernel/task/thread.hpp"

namespace kernel {

class FutexTable final {
  public:
    static constexpr unsigned lists = 256;

    // Precondition: the thread is not in the table.
    void add(Thread& thread, const FutexKey& key);
    // The thread that has waited longest on the key, which is Woken now, or none.
    [[nodiscard]] Thread* take(const FutexKey& key);
    // Takes the thread out, if it is in: it waits no more.
    void remove(Thread& thread);

    // How many threads may at most be waiting on the key: those of its list.
    [[nodiscard]] size_t at_most(const FutexKey& key) const { return list(key).size(); }

  private:
    using Waiters = List<Thread, &Thread::futex_node>;

    [[nodiscard]] static unsigned index_of(const FutexKey& key);
    [[nodiscard]] Waiters& list(const FutexKey& key) { return lists_[index_of(key)]; }
    [[nodiscard]] const Waiters& list(const FutexKey& key) const { return lists_[index_of(key)]; }

    Waiters lists_[lists];
};

}  // namespace kernel
