// SPDX-License-Identifier: Apache-2.0
// System calls on the threads of others: to stop them, to look at their registers and to change
// them.
#include <string.h>

#include "kernel/capability/capabilities.hpp"
#include "kernel/capability/named_objects.hpp"
#include "kernel/kernel.hpp"
#include "kernel/task/exceptions.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

using abi::GeneralRegisters;
using abi::RegisterSet;
using abi::VectorRegisters;

// As many as anybody could mean; the count is of 32 bits.
constexpr uint32_t most_suspensions = 1000;

static_assert(sizeof(GeneralRegisters) == sizeof(hal::UserFrame));
static_assert(sizeof(VectorRegisters) == sizeof(hal::VectorState));

bool lives(const Thread& thread) {
    return thread.state != ThreadState::Ended && thread.state != ThreadState::New;
}

// Locked. Whether the call's first argument names a task, whatever else there is to say of it.
bool names_task(const Call& call) {
    const Result<Right*> right = find_right(call.task(), call.argument(0));
    return right.ok() && right.value()->type == ObjectType::Task;
}

Status suspend(Thread& thread) {
    if (thread.suspensions == most_suspensions) return Status::LimitReached;
    kernel().scheduler.suspend(thread);
    return Status::Ok;
}

Status resume(Thread& thread) {
    if (thread.suspensions == 0) return Status::InvalidArgument;
    if (thread.suspensions == 1) end_exception(thread);
    kernel().scheduler.resume(thread);
    return Status::Ok;
}

// Locked. To the thread that the call names, or to all of the task, which are at most 64. The first
// failure of any is the result, and the others are done nevertheless.
Status to_threads(const Call& call, Status (*action)(Thread&)) {
    if (!names_task(call)) {
        return action(*TRY(find_live_thread(call.task(), call.argument(0), abi::RightControl)));
    }
    Task* task = TRY(find_live_task(call.task(), call.argument(0), abi::RightControl));
    Status result = Status::Ok;
    for (Thread* thread = task->threads.front(); thread != nullptr;
         thread = task->threads.next(*thread)) {
        if (!lives(*thread)) continue;
        const Status status = action(*thread);
        if (result == Status::Ok) result = status;
    }
    return result;
}

uint64_t size_of(RegisterSet set) {
    return set == RegisterSet::General ? sizeof(GeneralRegisters) : sizeof(VectorRegisters);
}

// Both sets, of which a call has one.
union Registers {
    GeneralRegisters general;
    VectorRegisters vector;
};

// Locked.
Status read_registers(const Call& call, RegisterSet set, Registers& registers) {
    const Thread* thread = TRY(find_live_thread(call.task(), call.argument(0), abi::RightInspect));
    if (thread->state == ThreadState::Running) return Status::Busy;
    if (set == RegisterSet::Vector) {
        memcpy(&registers.vector, &thread->vectors, sizeof registers.vector);
        return Status::Ok;
    }
    memcpy(&registers.general, &thread->frame, sizeof registers.general);
    registers.general.reserved = 0;
    return Status::Ok;
}

// Locked. A thread in a call that waits may yet be given that call's result, so it has to be
// through with it.
Status write_registers(const Call& call, RegisterSet set, const Registers& registers) {
    Thread* thread = TRY(find_live_thread(call.task(), call.argument(0), abi::RightControl));
    const ThreadMessages& messages = thread->messages;
    if (thread->state != ThreadState::Suspended || messages.delivery.pending ||
        messages.outcome != 0) {
        return Status::Busy;
    }
    if (set == RegisterSet::Vector) {
        memcpy(&thread->vectors, &registers.vector, sizeof registers.vector);
        return Status::Ok;
    }
    memcpy(&thread->frame, &registers.general, sizeof registers.general);
    // It is no longer on its way back to a call.
    thread->repeats = false;
    thread->call = 0;
    return Status::Ok;
}

// What a thread could not have got into its registers itself is refused; vector registers are all
// its own.
Status check(RegisterSet set, const Registers& registers) {
    if (set == RegisterSet::Vector) return Status::Ok;
    // PSTATE as SPSR_EL1 has it (Arm ARM DDI 0487, C5.2.19): N, Z, C, V.
    constexpr uint64_t flags = uint64_t{0xf} << 28;
    const bool good = (registers.general.pstate & ~flags) == 0 &&
                      registers.general.pc < abi::user_end && registers.general.reserved == 0;
    return good ? Status::Ok : Status::InvalidArgument;
}

Result<RegisterSet> set_argument(const Call& call) {
    if (call.argument(1) > static_cast<uint64_t>(RegisterSet::Vector)) {
        return Status::InvalidArgument;
    }
    return static_cast<RegisterSet>(call.argument(1));
}

// Locked. Null for the name 0.
Result<Port*> port_argument(const Call& call) {
    if (call.argument(1) == 0) return nullptr;
    const Right* right =
        TRY(find_right(call.task(), call.argument(1), ObjectType::Port, abi::RightReceive));
    return static_cast<Port*>(right->object);
}

Status bind(const Call& call) {
    const LockGuard guard(kernel().scheduler.lock());
    Port* port = TRY(port_argument(call));
    if (names_task(call)) {
        Task* task = TRY(find_live_task(call.task(), call.argument(0), abi::RightControl));
        bind_exceptions(task->exceptions, port);
    } else {
        Thread* thread = TRY(find_live_thread(call.task(), call.argument(0), abi::RightControl));
        bind_exceptions(thread->exceptions.port, port);
    }
    return Status::Ok;
}

Status read(const Call& call) {
    const RegisterSet set = TRY(set_argument(call));
    Registers registers;
    {
        const LockGuard guard(kernel().scheduler.lock());
        TRY_STATUS(read_registers(call, set, registers));
    }
    return call.task().space.write(call.argument(2), &registers, size_of(set));
}

Status write(const Call& call) {
    const RegisterSet set = TRY(set_argument(call));
    Registers registers;
    TRY_STATUS(call.task().space.read(&registers, call.argument(2), size_of(set)));
    TRY_STATUS(check(set, registers));
    const LockGuard guard(kernel().scheduler.lock());
    return write_registers(call, set, registers);
}

}  // namespace

void thread_suspend(Call& call) {
    const LockGuard guard(kernel().scheduler.lock());
    call.finish(to_threads(call, suspend));
}

void thread_resume(Call& call) {
    const LockGuard guard(kernel().scheduler.lock());
    call.finish(to_threads(call, resume));
}

void exception_bind(Call& call) {
    call.finish(bind(call));
}

void thread_read(Call& call) {
    call.finish(read(call));
}

void thread_write(Call& call) {
    call.finish(write(call));
}

}  // namespace kernel::calls
