// SPDX-License-Identifier: Apache-2.0
// Interrupts: from the controller to whoever they are for.
#include "kernel/trap/interrupts.hpp"

#include "kernel/ipc/ports.hpp"
#include "kernel/kernel.hpp"

namespace kernel {
namespace {

void serve(uint32_t interrupt) {
    Kernel& k = kernel();
    if (interrupt == k.machine.timer_interrupt) {
        k.scheduler.on_timer();
    } else if (interrupt == Scheduler::reschedule_interrupt) {
        k.scheduler.on_reschedule();
    } else if (interrupt == k.machine.uart_interrupt) {
        k.console.on_interrupt();
        if (!k.console.has_input()) return;
        const LockGuard guard(k.scheduler.lock());
        k.scheduler.console_ready();
    } else if (!take_device_interrupt(interrupt)) {
        log("interrupt {} came unasked", interrupt);
    }
}

}  // namespace

void take_interrupt() {
    Kernel& k = kernel();
    const unsigned cpu = hal::Machine::cpu_index();
    const uint32_t acknowledged = k.interrupts.acknowledge();
    const uint32_t interrupt = Gicv2::interrupt_id(acknowledged);
    if (interrupt >= Gicv2::spurious) return;
    ++k.info.cpus[cpu].interrupts;
    const uint32_t thread = k.info.cpus[cpu].thread;
    k.trace.put(abi::TraceType::InterruptEnter, thread, interrupt);
    serve(interrupt);
    k.interrupts.end(acknowledged);
    k.trace.put(abi::TraceType::InterruptExit, thread, interrupt);
}

}  // namespace kernel
