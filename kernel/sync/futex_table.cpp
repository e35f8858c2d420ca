// SPDX-License-Identifier: Apache-2.0
// FutexTable.
#include "kernel/sync/futex_table.hpp"

namespace kernel {

// Multiplicative hashing (Knuth, The Art of Computer Programming 3, 6.4), with the golden ratio.
unsigned FutexTable::index_of(const FutexKey& key) {
    constexpr uint64_t golden_ratio = 0x9e37'79b9'7f4a'7c15;
    const uint64_t mixed =
        (key.object * golden_ratio ^ key.offset / sizeof(uint32_t)) * golden_ratio;
    return static_cast<unsigned>(mixed >> 56);
}
static_assert(FutexTable::lists == 1U << 8);

void FutexTable::add(Thread& thread, const FutexKey& key) {
    thread.futex.key = key;
    thread.futex.state = FutexWaiter::State::Waiting;
    list(key).push_back(thread);
}

Thread* FutexTable::take(const FutexKey& key) {
    Waiters& waiters = list(key);
    for (Thread* thread = waiters.front(); thread != nullptr; thread = waiters.next(*thread)) {
        if (thread->futex.key != key) continue;
        waiters.remove(*thread);
        thread->futex.state = FutexWaiter::State::Woken;
        return thread;
    }
    return nullptr;
}

void FutexTable::remove(Thread& thread) {
    if (thread.futex.state == FutexWaiter::State::Waiting) list(thread.futex.key).remove(thread);
    thread.futex.state = FutexWaiter::State::None;
}

}  // namespace kernel
