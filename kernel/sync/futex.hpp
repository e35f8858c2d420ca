// SPDX-License-Identifier: Apache-2.0
// Futexes: threads that wait on words of user memory, after H. Franke, R. Russell, M. Kirkwood,
// "Fuss, Futexes and Furwocks: Fast Userlevel Locking in Linux" (Ottawa Linux Symposium 2002).
//
// A word is known by the memory object that it lies in and its place there, so tasks that map the
// object at different addresses mean the same word. Objects are told apart by their number, which
// is never used again: a thread that still waits on an object that is gone is not mistaken for one
// that waits on another. Waiting threads hang in the lists of a hash table, in the order they came;
// the hash is of numbers alone, so it is the same in every run.
//
// Bound: adding and removing are constant time; taking looks at the threads of one list, at most
// all that wait.
#pragma once

#include <stdint.h>

namespace kernel {

struct Thread;

struct FutexKey {
    uint64_t object = 0;  // MemoryObject::number()
    uint64_t offset = 0;  // in bytes

    [[nodiscard]] bool operator==(const FutexKey&) const = default;
};

// Of a thread: what it waits on.
struct FutexWaiter {
    enum class State : uint32_t {
        None = 0,
        Waiting = 1,  // in the table
        Woken = 2,    // taken out of it; the thread has not seen it yet
    };

    FutexKey key;
    State state = State::None;
};

}  // namespace kernel
