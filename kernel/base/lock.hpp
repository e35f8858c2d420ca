// SPDX-License-Identifier: Apache-2.0
// Ticket spin locks that own their data and are taken in one order.
//
// A ticket lock serves CPUs in the order they came. Kernel code runs with interrupts off, so a
// holder is never interrupted; waiters pass through hal::relax(), which lets time pass in the
// model.
#pragma once

#include <atomic>

#include "hal/machine.hpp"
#include "kernel/base/panic.hpp"

namespace kernel {

// The order in which locks may be nested: only from a lower rank to a higher one.
enum class LockRank : uint32_t {
    Objects = 0,       // tasks, threads, run queues: everything about who runs
    AddressSpace = 1,  // one task's regions
    FileTable = 2,     // which file objects there are
    Reclaim = 3,       // the way from a frame to the object whose page it holds
    MemoryObject = 4,  // an anonymous or physical object: its pages, and the regions that map it
    FileObject = 5,    // the same of a file, of which anonymous objects take pages
    PageTables = 6,    // one task's page tables; copies to and from user memory
    Swap = 7,          // pages that were stored away, takes frames
    Heap = 8,          // kernel objects, takes frames
    Frames = 9,        // physical memory
    Clocks = 10,       // the channel to whoever sets clocks
    Console = 11,      // may be taken from anywhere, so that everything can log
};

// Ranks held by each CPU, as bits; checked at each acquisition.
class HeldRanks final {
  public:
    static void acquire(LockRank rank) {
        uint32_t& held = of_this_cpu();
        if ((held >> static_cast<uint32_t>(rank)) != 0) [[unlikely]] {
            KERNEL_PANIC("lock taken out of order", static_cast<uint64_t>(rank), held);
        }
        held |= 1U << static_cast<uint32_t>(rank);
    }
    static void release(LockRank rank) { of_this_cpu() &= ~(1U << static_cast<uint32_t>(rank)); }
    [[nodiscard]] static bool none() { return of_this_cpu() == 0; }
    static void forget() { of_this_cpu() = 0; }  // only for panic()

  private:
    static uint32_t& of_this_cpu();
};

// Stops this CPU if another one has panicked: what is waited for may never come.
void halt_after_panic();

class SpinLock final {
  public:
    explicit SpinLock(LockRank rank) : rank_(rank) {}
    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;

    void lock() {
        HeldRanks::acquire(rank_);
        const uint32_t ticket = next_.fetch_add(1, std::memory_order_relaxed);
        while (serving_.load(std::memory_order_acquire) != ticket) {
            halt_after_panic();
            hal::Machine::relax();
        }
    }

    void unlock() {
        // Only the holder writes `serving_`, so a plain increment of its own value suffices.
        serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
        HeldRanks::release(rank_);
    }

  private:
    LockRank rank_;
    std::atomic<uint32_t> next_{0};
    std::atomic<uint32_t> serving_{0};
};

class [[nodiscard]] LockGuard final {
  public:
    explicit LockGuard(SpinLock& lock) : lock_(lock) { lock_.lock(); }
    ~LockGuard() { lock_.unlock(); }
    LockGuard(const LockGuard&) = delete;
    LockGuard& operator=(const LockGuard&) = delete;

  private:
    SpinLock& lock_;
};

// Data that can be reached only with its lock held.
template <class T>
class Protected final {
  public:
    template <class... Arguments>
    explicit Protected(LockRank rank, Arguments&&... arguments)
        : lock_(rank), data_(static_cast<Arguments&&>(arguments)...) {}

    // Runs `action` on the data under the lock and returns its result.
    template <class Action>
    auto with(Action action) {
        const LockGuard guard(lock_);
        return action(data_);
    }

  private:
    SpinLock lock_;
    T data_;
};

// A place where long work lets pending interrupts in. Precondition: no lock is held.
void preemption_point();

}  // namespace kernel
