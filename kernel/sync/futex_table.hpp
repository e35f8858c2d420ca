// SPDX-License-Identifier: Apache-2.0
// FutexTable: threads that wait on words of user memory, after H. Franke, R. Russell, M. Kirkwood,
// "Fuss, Futexes and Furwocks: Fast Userlevel Locking in Linux" (Ottawa Linux Symposium 2002).
//
// They hang in the lists of a hash table, in the order they came. The hash is of numbers alone, so
// it is the same in every run. Who leaves a list for another reason than being woken (a deadline,
// the end of its task) does so by Thread::waits_in, as those do who wait for messages.
//
// Bound: adding is constant time; finding looks at the threads of one list, at most all that wait.
// All of it is locked, by the Objects lock.
#pragma once

#include "kernel/task/thread.hpp"

namespace kernel {

class FutexTable final {
  public:
    static constexpr unsigned lists = 256;

    // Precondition: the thread waits for nothing else.
    void add(Thread& thread, const FutexKey& key);
    // The thread that has waited longest on the key, or none. It stays in the table.
    [[nodiscard]] Thread* first(const FutexKey& key);
    // The one among them that goes first at a CPU; of equals the one that has waited longest.
    [[nodiscard]] Thread* most_urgent(const FutexKey& key);
    // How many threads may at most be waiting on the key: those of its list.
    [[nodiscard]] size_t at_most(const FutexKey& key) const { return lists_[index_of(key)].size(); }

  private:
    [[nodiscard]] static unsigned index_of(const FutexKey& key);

    WaitQueue lists_[lists];
};

}  // namespace kernel
