// SPDX-License-Identifier: Apache-2.0
// The end of the machine, wanted or not.
#include "kernel/trap/power.hpp"

#include "kernel/kernel.hpp"

namespace kernel {

using hal::Machine;

namespace {

// Nobody measures any more what a machine skips in its last hold.
constexpr uint64_t last_hold_nanoseconds = 1'000'000'000;

}  // namespace

void power_off(int64_t code) {
    Kernel& k = kernel();
    log("power off, code {}", code);
    k.frames.show_changes();
    k.heap.show(true);
    k.console.flush();
    k.info.power_off_code = code;
    k.info.state = abi::KernelState::PoweredOff;
    // A debugger that waits gets a last look. No other CPU goes on after it.
    if (k.holds_wanted) {
        k.scheduler.call_others_in();
        k.scheduler.hold(last_hold_nanoseconds);
    }
    Machine::power_off(k.machine.conduit);
    Machine::halt();
    __builtin_unreachable();
}

void panic(const PanicPlace& place, const char* message, uint64_t value0, uint64_t value1,
           uint64_t value2, uint64_t value3) {
    Kernel& k = kernel();
    HeldRanks::forget();
    abi::Epitaph& epitaph = k.info.epitaph;
    const unsigned cpu = Machine::cpu_index();
    // Only the first CPU to panic has the last word.
    if (!k.panicked.exchange(true)) {
        epitaph.cpu = cpu;
        epitaph.thread = k.info.cpus[cpu].thread;
        epitaph.line = place.line;
        epitaph.ticks = Machine::counter();
        const uint64_t values[] = {value0, value1, value2, value3};
        for (unsigned i = 0; i < 4; ++i) epitaph.values[i] = values[i];
        copy_text(epitaph.file, place.file);
        copy_text(epitaph.message, message);
        epitaph.valid = 1;
        k.info.state = abi::KernelState::Panicked;
        char text[320];
        const size_t length = format(
            text, sizeof text, "\nkernel panic on CPU {}: {}\n  at {}:{} values {x} {x} {x} {x}\n",
            cpu, message, place.file, place.line, value0, value1, value2, value3);
        k.console.write_at_any_cost({text, length});
        k.scheduler.stop_others();
        if (k.holds_wanted) k.scheduler.hold(last_hold_nanoseconds);
    }
    Machine::halt();
    __builtin_unreachable();
}

}  // namespace kernel
