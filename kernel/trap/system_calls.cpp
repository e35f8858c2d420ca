// SPDX-License-Identifier: Apache-2.0
// System calls: the table.
#include "kernel/trap/system_calls.hpp"

#include "kernel/kernel.hpp"
#include "kernel/trap/lack_of_memory.hpp"

namespace kernel {
namespace {

using Handler = void (*)(Call&);

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
        {SystemCall::ThreadCreate, calls::thread_create},
        {SystemCall::ThreadJoin, calls::thread_join},
        {SystemCall::MemoryMap, calls::memory_map},
        {SystemCall::MemoryUnmap, calls::memory_unmap},
        {SystemCall::ConsoleWrite, calls::console_write},
        {SystemCall::ConsoleRead, calls::console_read},
        {SystemCall::TaskSpawn, calls::task_spawn},
        {SystemCall::TaskWait, calls::task_wait},
        {SystemCall::TaskKill, calls::task_kill},
        {SystemCall::ArchiveMap, calls::archive_map},
        {SystemCall::SystemInfo, calls::system_info},
        {SystemCall::CpuNumber, calls::cpu_number},
        {SystemCall::PowerOff, calls::power_off},
        {SystemCall::MemoryProtect, calls::memory_protect},
        {SystemCall::PerformanceRead, calls::performance_read},
        {SystemCall::PerformanceSet, calls::performance_set},
        {SystemCall::MemoryAudit, calls::memory_audit},
        {SystemCall::MemoryObjectCreate, calls::memory_object_create},
        {SystemCall::MemoryObjectCopy, calls::memory_object_copy},
        {SystemCall::MemoryObjectClose, calls::memory_object_close},
        {SystemCall::MemoryMapObject, calls::memory_map_object},
        {SystemCall::MemoryCopy, calls::memory_copy},
        {SystemCall::MemoryAdvise, calls::memory_advise},
        {SystemCall::MemoryQuery, calls::memory_query},
        {SystemCall::FramesOperate, calls::frames_operate},
        {SystemCall::FramesRead, calls::frames_read},
        {SystemCall::FramesMap, calls::frames_map},
        {SystemCall::MemoryCompact, calls::memory_compact},
        {SystemCall::PagePoolRegister, calls::page_pool_register},
        {SystemCall::BalloonRequest, calls::balloon_request},
        {SystemCall::BalloonWait, calls::balloon_wait},
    };
    Handlers handlers{};
    for (Handler& handler : handlers.of) handler = calls::unknown;
    for (const Entry& entry : entries) {
        handlers.of[static_cast<size_t>(entry.call)] = entry.handler;
    }
    return handlers;
}

constexpr Handlers handlers = make_handlers();

bool says_no_memory(const Thread& caller) {
    return caller.frame.x[0] == static_cast<uint64_t>(static_cast<int64_t>(Status::NoMemory));
}

}  // namespace

void dispatch_system_call(Thread& caller) {
    Kernel& k = kernel();
    const uint64_t number = caller.frame.x[8];
    const uint32_t id = caller.id;
    if (!caller.repeats) {
        ++k.info.cpus[hal::Machine::cpu_index()].system_calls;
        k.trace.put(abi::TraceType::SystemCallEnter, id, number, caller.frame.x[0]);
    }
    caller.repeats = false;
    caller.call = number + 1;
    Call call(caller);
    const uint64_t first = call.argument(0);
    const uint64_t second = call.argument(1);
    if (number < static_cast<uint64_t>(abi::SystemCall::Limit)) {
        handlers.of[number](call);
    } else {
        calls::unknown(call);
    }
    // A thread that blocked may already run elsewhere: only a current one is looked at.
    if (k.scheduler.current() != &caller || caller.repeats) return;
    if (says_no_memory(caller) && repeat_with_memory(call, number, first, second)) return;
    caller.call = 0;
    k.trace.put(abi::TraceType::SystemCallExit, id, number, caller.frame.x[0]);
}

}  // namespace kernel
