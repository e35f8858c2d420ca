// SPDX-License-Identifier: Apache-2.0
// Traps from EL0: where they go. Whose fault it is decides the reaction: a call's bad argument is
// a Status, a program's crime ends its task with a report, our own bug is a panic.
#include "kernel/kernel.hpp"
#include "kernel/task/exceptions.hpp"
#include "kernel/trap/interrupts.hpp"
#include "kernel/trap/lack_of_memory.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel {
namespace {

// Exception classes of ESR_EL1.EC (Arm ARM DDI 0487, D17.2.37).
enum class ExceptionClass : uint32_t {
    SupervisorCall = 0x15,
    InstructionAbort = 0x20,
    InstructionAbortSame = 0x21,
    PcAlignment = 0x22,
    DataAbort = 0x24,
    DataAbortSame = 0x25,
    SpAlignment = 0x26,
    SystemError = 0x2f,
};

ExceptionClass class_of(uint32_t syndrome) {
    return static_cast<ExceptionClass>(syndrome >> 26);
}

bool has_address(uint32_t syndrome) {
    switch (class_of(syndrome)) {
        case ExceptionClass::InstructionAbort:
        case ExceptionClass::DataAbort:
        case ExceptionClass::PcAlignment: return true;
        default: return false;
    }
}

const char* describe(uint32_t syndrome) {
    constexpr uint32_t write_not_read = 1U << 6;
    switch (class_of(syndrome)) {
        case ExceptionClass::InstructionAbort: return "cannot execute";
        case ExceptionClass::DataAbort:
            return (syndrome & write_not_read) != 0 ? "cannot write" : "cannot read";
        case ExceptionClass::PcAlignment: return "misaligned program counter";
        case ExceptionClass::SpAlignment: return "misaligned stack pointer";
        case ExceptionClass::SystemError: return "system error";
        default: return "undefined or trapped instruction";
    }
}

void report_fault(const Thread& thread, const hal::Trap& trap, abi::EndReason reason) {
    Kernel& k = kernel();
    abi::FaultReport report{};
    report.task = thread.task->id;
    report.thread = thread.id;
    copy_text(report.name, k.info.tasks[thread.task->slot].name);
    report.ticks = hal::Machine::counter();
    report.syndrome = trap.syndrome;
    report.address = has_address(trap.syndrome) ? trap.address : 0;
    report.pc = thread.frame.pc;
    report.sp = thread.frame.sp;
    report.pstate = thread.frame.pstate;
    for (unsigned i = 0; i < 31; ++i) report.x[i] = thread.frame.x[i];
    const Status read =
        thread.task->space.read(&report.instruction, report.pc, sizeof report.instruction);
    report.load_bias = thread.task->load_bias;
    report.instruction_valid = read == Status::Ok ? 1 : 0;

    log("task {} ({}) ended {}: {}, address {x}, pc {x}, syndrome {x}, sp {x}, x30 {x}",
        report.task, std::string_view(report.name),
        reason == abi::EndReason::Faulted ? "by a fault" : "for lack of memory",
        describe(trap.syndrome), report.address, report.pc, report.syndrome, report.sp,
        report.x[30]);
    const LockGuard guard(k.scheduler.lock());
    k.info.faults[k.info.fault_count % abi::max_fault_reports] = report;
    ++k.info.fault_count;
}

void end_for_fault(Thread& thread, const hal::Trap& trap, abi::EndReason reason) {
    Kernel& k = kernel();
    report_fault(thread, trap, reason);
    abi::TaskResult result{};
    result.reason = reason;
    result.syndrome = trap.syndrome;
    result.address = has_address(trap.syndrome) ? trap.address : 0;
    result.pc = thread.frame.pc;
    const LockGuard guard(k.scheduler.lock());
    // The faulting thread is current, so there is nothing to bury yet.
    (void)k.tasks.begin_end(*thread.task, result);
}

// What the program wanted to do where a fault is about translation; 0 for every other trap.
uint32_t wanted_access(const hal::Trap& trap) {
    // Fault status codes 0b0001xx: translation, 0b0011xx: permission (Arm ARM DDI 0487, D17.2.37).
    constexpr uint32_t status_mask = 0x3c;
    constexpr uint32_t translation = 0x04;
    constexpr uint32_t permission = 0x0c;
    constexpr uint32_t write_not_read = 1U << 6;
    // Of cache maintenance, which says that it writes but needs no more than to read (ISS.CM).
    constexpr uint32_t cache_maintenance = 1U << 8;
    if (trap.kind != hal::TrapKind::Synchronous) return 0;
    const uint32_t status = trap.syndrome & status_mask;
    if (status != translation && status != permission) return 0;
    switch (class_of(trap.syndrome)) {
        case ExceptionClass::InstructionAbort: return abi::ProtectionExecute;
        case ExceptionClass::DataAbort:
            return (trap.syndrome & (write_not_read | cache_maintenance)) == write_not_read
                       ? abi::ProtectionWrite
                       : abi::ProtectionRead;
        default: return 0;
    }
}

// Stops the thread until somebody who was told of it has seen to it; false when nobody is there.
bool stop_for_exception(Thread& thread, const hal::Trap& trap) {
    Kernel& k = kernel();
    const uint64_t address = has_address(trap.syndrome) ? trap.address : 0;
    const LockGuard guard(k.scheduler.lock());
    if (!begin_exception(thread, trap.syndrome, address)) return false;
    k.trace.put(abi::TraceType::Fault, thread.id, address, trap.syndrome);
    return true;
}

// Makes what the program wanted possible, tells who wants to know, or ends its task.
void take_fault(Thread& thread, const hal::Trap& trap) {
    Kernel& k = kernel();
    abi::EndReason reason = abi::EndReason::Faulted;
    if (const uint32_t access = wanted_access(trap)) {
        AddressSpace& space = thread.task->space;
        const Status status = space.fault(trap.address, access);
        k.info.tasks[thread.task->slot].frames = space.frames_owned();
        ask_for_help();
        if (status == Status::Ok) return hold_back(thread);
        if (status == Status::NoMemory && end_for_memory(thread, nullptr)) return;
        MemoryDomain* full = space.domain() != nullptr ? space.domain()->full() : nullptr;
        const bool is_domains = status == Status::LimitReached && full != nullptr;
        if (is_domains && end_for_memory(thread, full)) return;
        const bool lacks = status == Status::NoMemory || status == Status::LimitReached;
        if (lacks) reason = abi::EndReason::OutOfMemory;
    }
    if (reason == abi::EndReason::Faulted && stop_for_exception(thread, trap)) return;
    ++k.info.cpus[hal::Machine::cpu_index()].faults;
    const uint64_t address = has_address(trap.syndrome) ? trap.address : 0;
    k.trace.put(abi::TraceType::Fault, thread.id, address, trap.syndrome);
    end_for_fault(thread, trap, reason);
}

bool is_system_call(const hal::Trap& trap) {
    return trap.kind == hal::TrapKind::Synchronous &&
           class_of(trap.syndrome) == ExceptionClass::SupervisorCall;
}

// By itself, so that system calls need not make room for what this needs.
[[gnu::noinline]] hal::Resume take_other(const hal::Trap& trap) {
    Kernel& k = kernel();
    ++k.info.cpus[hal::Machine::cpu_index()].traps;
    if (trap.kind == hal::TrapKind::Interrupt) {
        take_interrupt();
    } else {
        take_fault(*k.scheduler.current(), trap);
    }
    // Nothing has asked for more than to go on, so no lock is needed for that (take_system_call()).
    if (!k.scheduler.has_work() && !k.holds_wanted) return {&k.scheduler.current()->frame, 1};
    return {k.scheduler.run_next(), 0};
}

}  // namespace

hal::Resume entry::trap(hal::Trap trap) {
    if (is_system_call(trap)) [[likely]]
        return take_system_call();
    return take_other(trap);
}

void entry::interrupt_in_kernel() {
    take_interrupt();
    // It took the place of the trap's own return address and state, so the whole frame is needed.
    kernel().scheduler.expect_work();
}

void entry::fault_in_kernel(hal::Trap trap, uint64_t pc) {
    KERNEL_PANIC("exception in the kernel: syndrome, address, pc, kind", trap.syndrome,
                 trap.address, pc, static_cast<uint64_t>(trap.kind));
}

}  // namespace kernel
