// SPDX-License-Identifier: Apache-2.0
// System calls: the table.
#include "kernel/trap/system_calls.hpp"

#include "kernel/capability/capabilities.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/lack_of_memory.hpp"

namespace kernel {
namespace {

using Handler = void (*)(Call&);

// A call on the machine itself, for tasks that have the right to that of it.
template <uint32_t mask, Handler handler>
void entrusted(Call& call) {
    const Status status = check_system(call.task(), mask);
    if (status != Status::Ok) return call.finish(status);
    handler(call);
}

// A call that changes nothing when it says NoMemory, which it says of memory only: it is made again
// when there is some.
template <Handler handler>
void patient(Call& call) {
    const uint64_t first = call.argument(0);
    const uint64_t second = call.argument(1);
    handler(call);
    if (call.says_no_memory()) [[unlikely]]
        repeat_with_memory(call, first, second);
}

struct Handlers {
    Handler of[static_cast<size_t>(abi::SystemCall::Limit)];
};

constexpr Handlers make_handlers() {
    using abi::SystemCall;
    struct Entry {
        SystemCall call;
        Handler handler;
    };
    constexpr Entry entries[] = {
        {SystemCall::Null, calls::null},
        {SystemCall::TaskExit, calls::task_exit},
        {SystemCall::ThreadExit, calls::thread_exit},
        {SystemCall::ThreadYield, calls::thread_yield},
        {SystemCall::ThreadSleep, calls::thread_sleep},
        {SystemCall::ClockNow, calls::clock_now},
        {SystemCall::ThreadCreate, patient<calls::thread_create>},
        {SystemCall::ThreadJoin, calls::thread_join},
        {SystemCall::MemoryMap, patient<calls::memory_map>},
        {SystemCall::MemoryUnmap, patient<calls::memory_unmap>},
        {SystemCall::ConsoleWrite, entrusted<abi::RightConsole, calls::console_write>},
        {SystemCall::ConsoleRead, entrusted<abi::RightConsole, calls::console_read>},
        {SystemCall::TaskSpawn, entrusted<abi::RightArchive, patient<calls::task_spawn>>},
        {SystemCall::TaskWait, patient<calls::task_wait>},
        {SystemCall::TaskKill, calls::task_kill},
        {SystemCall::ArchiveMap, entrusted<abi::RightArchive, patient<calls::archive_map>>},
        {SystemCall::SystemInfo, entrusted<abi::RightInfo, patient<calls::system_info>>},
        {SystemCall::CpuNumber, calls::cpu_number},
        {SystemCall::PowerOff, entrusted<abi::RightPowerOff, calls::power_off>},
        {SystemCall::MemoryProtect, patient<calls::memory_protect>},
        {SystemCall::PerformanceRead, entrusted<abi::RightInfo, calls::performance_read>},
        {SystemCall::PerformanceSet, entrusted<abi::RightPerformance, calls::performance_set>},
        {SystemCall::MemoryAudit, entrusted<abi::RightAudit, calls::memory_audit>},
        {SystemCall::MemoryObjectCreate, patient<calls::memory_object_create>},
        {SystemCall::MemoryObjectCopy, patient<calls::memory_object_copy>},
        {SystemCall::MemoryObjectClose, calls::memory_object_close},
        {SystemCall::MemoryMapObject, patient<calls::memory_map_object>},
        {SystemCall::MemoryCopy, patient<calls::memory_copy>},
        {SystemCall::MemoryAdvise, patient<calls::memory_advise>},
        {SystemCall::MemoryQuery, patient<calls::memory_query>},
        {SystemCall::FramesOperate, entrusted<abi::RightFrames, calls::frames_operate>},
        {SystemCall::FramesRead, entrusted<abi::RightFrames, patient<calls::frames_read>>},
        {SystemCall::FramesMap, entrusted<abi::RightFrames, calls::frames_map>},
        {SystemCall::MemoryCompact, entrusted<abi::RightFrames, calls::memory_compact>},
        {SystemCall::PagePoolRegister, calls::page_pool_register},
        {SystemCall::BalloonRequest, calls::balloon_request},
        {SystemCall::BalloonWait, calls::balloon_wait},
        {SystemCall::RightCopy, calls::right_copy},
        {SystemCall::RightClose, calls::right_close},
        {SystemCall::RightRevoke, calls::right_revoke},
        {SystemCall::RightRead, calls::right_read},
        {SystemCall::RightOpen, calls::right_open},
        {SystemCall::PortCreate, calls::port_create},
        {SystemCall::MessageSend, calls::message_send},
        {SystemCall::MessageCall, calls::message_call},
        {SystemCall::MessageReceive, calls::message_receive},
        {SystemCall::MessageReply, calls::message_reply},
        {SystemCall::MessageReplyReceive, calls::message_reply_receive},
        {SystemCall::ReplySave, calls::reply_save},
        {SystemCall::PortSetCreate, calls::port_set_create},
        {SystemCall::PortSetChange, calls::port_set_change},
        {SystemCall::PortNotify, calls::port_notify},
        {SystemCall::PortRead, calls::port_read},
        {SystemCall::InterruptCreate, entrusted<abi::RightInterrupts, calls::interrupt_create>},
        {SystemCall::InterruptBind, calls::interrupt_bind},
        {SystemCall::InterruptAcknowledge, calls::interrupt_acknowledge},
        {SystemCall::FutexWait, calls::futex_wait},
        {SystemCall::FutexWake, calls::futex_wake},
        {SystemCall::LockWait, calls::lock_wait},
        {SystemCall::LockWake, calls::lock_wake},
        {SystemCall::ThreadNumber, calls::thread_number},
        {SystemCall::ThreadSuspend, calls::thread_suspend},
        {SystemCall::ThreadResume, calls::thread_resume},
        {SystemCall::ThreadRead, calls::thread_read},
        {SystemCall::ThreadWrite, calls::thread_write},
        {SystemCall::ExceptionBind, calls::exception_bind},
        {SystemCall::ContainerCreate, entrusted<abi::RightArchive, calls::container_create>},
        {SystemCall::ContainerStart, calls::container_start},
        {SystemCall::ContainerKill, calls::container_kill},
        {SystemCall::ContainerDelete, calls::container_delete},
        {SystemCall::ContainerPause, calls::container_pause},
        {SystemCall::ContainerResume, calls::container_resume},
        {SystemCall::ContainerSet, calls::container_set},
        {SystemCall::ContainerStatistics, calls::container_statistics},
        {SystemCall::ContainerNext, calls::container_next},
        {SystemCall::ContainerBind, calls::container_bind},
        {SystemCall::AuditControl, calls::audit_control},
        {SystemCall::AuditRead, calls::audit_read},
        {SystemCall::ThreadSchedule, calls::thread_schedule},
        {SystemCall::ThreadScheduleRead, calls::thread_schedule_read},
        {SystemCall::CpuPlug, entrusted<abi::RightSchedule, calls::cpu_plug>},
        {SystemCall::ScheduleRead, calls::schedule_read},
    };
    Handlers handlers{};
    for (Handler& handler : handlers.of) handler = calls::unknown;
    for (const Entry& entry : entries) {
        handlers.of[static_cast<size_t>(entry.call)] = entry.handler;
    }
    return handlers;
}

constexpr Handlers handlers = make_handlers();

void serve(uint64_t number, Call& call) {
    if (number < static_cast<uint64_t>(abi::SystemCall::Limit)) [[likely]] {
        handlers.of[number](call);
    } else {
        calls::unknown(call);
    }
}

// Calls that may wait, or never return: logs have them when they are made as well.
constexpr bool may_wait(uint64_t number) {
    using abi::SystemCall;
    switch (static_cast<SystemCall>(number)) {
        case SystemCall::TaskExit:
        case SystemCall::ThreadExit:
        case SystemCall::ThreadSleep:
        case SystemCall::ThreadJoin:
        case SystemCall::ConsoleRead:
        case SystemCall::TaskWait:
        case SystemCall::BalloonRequest:
        case SystemCall::BalloonWait:
        case SystemCall::MessageSend:
        case SystemCall::MessageCall:
        case SystemCall::MessageReceive:
        case SystemCall::MessageReplyReceive:
        case SystemCall::FutexWait:
        case SystemCall::LockWait:
        case SystemCall::ContainerPause: return true;
        default: return false;
    }
}

// A call that somebody looks at, or one that is made again. It leaves as any other call does, so
// that to be looked at changes nothing but the time that records take.
[[gnu::noinline]] hal::Resume take_slowly(Thread& caller) {
    Kernel& k = kernel();
    const uint64_t number = caller.frame.x[8];
    const uint32_t id = caller.id;
    const uint64_t argument = caller.frame.x[0];
    AuditLog* const audit = caller.audit;
    if (!caller.repeats) {
        ++k.info.cpus[hal::Machine::cpu_index()].system_calls;
        k.trace.put(abi::TraceType::SystemCallEnter, id, number, argument);
        // Later, others may have ended the caller, and deleted the log.
        if (audit != nullptr && may_wait(number)) {
            audit_call(caller, *audit, number, argument, 0);
        }
    }
    caller.repeats = false;
    caller.call = number + 1;
    Call call(caller);
    serve(number, call);
    // A thread that blocked may already run elsewhere: only a current one is looked at.
    const bool is_over = k.scheduler.current() == &caller && !caller.repeats;
    if (audit != nullptr && is_over)
        audit_call(caller, *audit, number, argument, caller.frame.x[0]);
    if (is_over) {
        caller.call = 0;
        k.trace.put(abi::TraceType::SystemCallExit, id, number, caller.frame.x[0]);
    }
    // Rings that are filling up may have to be read.
    if (k.scheduler.has_work() || k.holds_wanted) return {k.scheduler.run_next(), 0};
    Thread& next = *k.scheduler.current();
    return {&next.frame, &next == &caller && !caller.repeats ? 1U : 0U};
}

// The call has left work for the way out.
[[gnu::noinline]] hal::Resume leave_slowly(Thread& caller) {
    Scheduler& scheduler = kernel().scheduler;
    if (scheduler.current() == &caller && !caller.repeats) caller.call = 0;
    return {scheduler.run_next(), 0};
}

}  // namespace

// The short path of every call: no lock, and the timer stays as it is. It ends in one look at
// whether anything asks for more, which is exactly what run_next() would find nothing to do for.
hal::Resume take_system_call() {
    Kernel& k = kernel();
    const unsigned cpu = hal::Machine::cpu_index();
    Thread& caller = *k.scheduler.current(cpu);
    abi::CpuInfo& info = k.info.cpus[cpu];
    ++info.traps;
    if (caller.repeats || k.trace.enabled() || caller.audit != nullptr) [[unlikely]]
        return take_slowly(caller);
    ++info.system_calls;
    const uint64_t number = caller.frame.x[8];
    caller.call = number + 1;
    Call call(caller);
    serve(number, call);
    if (k.scheduler.has_work()) [[unlikely]]
        return leave_slowly(caller);
    Thread& next = *k.scheduler.current(cpu);
    if (&next != &caller || caller.repeats) [[unlikely]]
        return {&next.frame, 0};
    caller.call = 0;
    return {&caller.frame, 1};
}

}  // namespace kernel
