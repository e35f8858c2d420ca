// SPDX-License-Identifier: Apache-2.0
// What all of the kernel shares: time, the log, lock ranks, preemption points.
#include "kernel/kernel.hpp"

namespace kernel {
namespace {

constexpr uint64_t second = 1'000'000'000;

}  // namespace

uint64_t nanoseconds_of(uint64_t ticks) {
    const uint64_t frequency = kernel().info.timer_frequency;
    return ticks / frequency * second + ticks % frequency * second / frequency;
}

uint64_t ticks_of(uint64_t nanoseconds) {
    const uint64_t frequency = kernel().info.timer_frequency;
    const uint64_t seconds = nanoseconds / second;
    if (seconds > UINT64_MAX / 4 / frequency) return UINT64_MAX / 4;
    return seconds * frequency + nanoseconds % second * frequency / second;
}

uint64_t uptime() {
    return nanoseconds_of(hal::Machine::counter() - kernel().info.boot_ticks);
}

void log_line(std::string_view text) {
    constexpr uint64_t microsecond = 1000;
    const uint64_t now = uptime() / microsecond;
    char line[256];
    char fraction[6];
    uint64_t rest = now % 1'000'000;
    for (size_t i = sizeof fraction; i-- > 0; rest /= 10) {
        fraction[i] = static_cast<char>('0' + rest % 10);
    }
    const size_t length = format(line, sizeof line, "[{}.{}] {}\n", now / 1'000'000,
                                 std::string_view(fraction, sizeof fraction), text);
    kernel().console.write({line, length});
}

uint32_t& HeldRanks::of_this_cpu() {
    return kernel().held_ranks[hal::Machine::cpu_index()];
}

void halt_after_panic() {
    if (kernel().info.state == abi::KernelState::Panicked) hal::Machine::halt();
}

void preemption_point() {
    KERNEL_ASSERT(HeldRanks::none());
    if (!hal::Machine::interrupt_pending()) return;
    hal::Machine::interrupts_on();
    hal::Machine::interrupts_off();
    kernel().scheduler.let_others_run_above();
}

}  // namespace kernel
