// SPDX-License-Identifier: Apache-2.0
// FutexTable.
#include "kernel/sync/futex_table.hpp"

#include "kernel/schedule/scheduler.hpp"

namespace kernel {

// Multiplicative hashing (Knuth, The Art of Computer Programming 3, 6.4), with the golden ratio.
unsigned FutexTable::index_of(const FutexKey& key) {
    constexpr uint64_t golden_ratio = 0x9e37'79b9'7f4a'7c15;
    static_assert(lists == 1U << 8);
    const uint64_t word = key.offset / sizeof(uint32_t);
    const uint64_t mixed = (key.object * golden_ratio ^ word) * golden_ratio;
    return static_cast<unsigned>(mixed >> 56);
}

void FutexTable::add(Thread& thread, const FutexKey& key) {
    WaitQueue& list = lists_[index_of(key)];
    thread.futex_key = key;
    list.push_back(thread);
    thread.waits_in = &list;
}

Thread* FutexTable::first(const FutexKey& key) {
    WaitQueue& list = lists_[index_of(key)];
    Thread* thread = list.front();
    while (thread != nullptr && thread->futex_key != key) thread = list.next(*thread);
    return thread;
}

Thread* FutexTable::most_urgent(const FutexKey& key) {
    WaitQueue& list = lists_[index_of(key)];
    Thread* best = first(key);
    for (Thread* thread = best; thread != nullptr; thread = list.next(*thread)) {
        if (thread->futex_key == key && Scheduler::goes_before(*thread, *best)) best = thread;
    }
    return best;
}

}  // namespace kernel
