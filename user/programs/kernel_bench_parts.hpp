// SPDX-License-Identifier: Apache-2.0
// What the parts of kernel_bench share, and what each of them measures.
#pragma once

#include <string_view>

#include "user/lib/system.hpp"

namespace user {

constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

// The generic timer's counter, of the moment when all before is done.
inline uint64_t counter() {
    uint64_t ticks = 0;
    asm volatile("isb\n mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
    return ticks;
}

inline uint64_t nanoseconds_of(uint64_t ticks) {
    uint64_t frequency = 0;
    asm("mrs %0, cntfrq_el0" : "=r"(frequency));
    return ticks * 1'000'000'000 / frequency;
}

// Prints a mean, as a sum; `count`: how often it was done.
void report(std::string_view name, uint64_t count, uint64_t nanoseconds);

// Nanoseconds that so many rounds take.
template <class Action>
uint64_t time_of(uint64_t rounds, Action action) {
    action();  // what is done for the first time takes longer
    const uint64_t begin = system::clock_now();
    for (uint64_t i = 0; i < rounds; ++i) action();
    return system::clock_now() - begin;
}

// Ticks that something took each time, for a mean and percentiles.
class Samples final {
  public:
    static constexpr uint32_t most = 4096;

    // What comes after the first `most` samples is not kept.
    void add(uint64_t ticks) {
        if (count_ < most) ticks_[count_++] = static_cast<uint32_t>(ticks);
    }
    // Prints them as NAMESUFFIX, and forgets them.
    void report(std::string_view name, std::string_view suffix);

  private:
    uint32_t ticks_[most] = {};
    uint32_t count_ = 0;
};

// Messages to a task on the CPUs of `other_mask` and back: all kinds of them, or short ones alone
// under names that begin with `prefix`. False when something failed.
[[nodiscard]] bool measure_messages(uint64_t own_mask, uint64_t other_mask);
[[nodiscard]] bool measure_short_messages(std::string_view prefix, uint64_t client_mask);
// The other task of these.
[[nodiscard]] int be_message_client(std::string_view arguments);

// Bytes through a ring (user/lib/ring.hpp) to a task on the CPUs of `consumer_mask`.
[[nodiscard]] bool measure_ring(std::string_view name, uint64_t consumer_mask);
// The other task of that.
[[nodiscard]] int be_ring_consumer();

// From a device's interrupt to the thread that waits for it, on the CPUs of `mask`. True where
// there is no device.
[[nodiscard]] bool measure_interrupts(uint64_t mask);

// Calls and messages of a container without an audit log, with one of capability operations, and
// with one of all calls, on one CPU.
[[nodiscard]] bool measure_audit(uint64_t cpu);
// The container's task.
[[nodiscard]] int be_contained(std::string_view arguments);

}  // namespace user
