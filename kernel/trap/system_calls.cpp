// SPDX-License-Identifier: Apache-2.0
// System calls: the table.
#include "kernel/trap/system_calls.hpp"

#include "kernel/kernel.hpp"

namespace kernel {
namespace {

using Handler = void (*)(Call&);

// In the order of abi::SystemCall.
constexpr Handler handlers[] = {
    calls::null,
    calls::task_exit,
    calls::thread_exit,
    calls::thread_yield,
    calls::thread_sleep,
    calls::clock_now,
    calls::thread_create,
    calls::thread_join,
    calls::memory_map,
    calls::memory_unmap,
    calls::console_write,
    calls::console_read,
    calls::task_spawn,
    calls::task_wait,
    calls::task_kill,
    calls::archive_map,
    calls::system_info,
    calls::cpu_number,
    calls::power_off,
    calls::memory_protect,
    calls::performance_read,
    calls::performance_set,
    calls::memory_audit,
    calls::memory_object_create,
    calls::memory_object_copy,
    calls::memory_object_close,
    calls::memory_map_object,
    calls::memory_copy,
    calls::memory_advise,
    calls::memory_query,
    calls::frames_operate,
    calls::frames_read,
    calls::frames_map,
    calls::memory_compact,
    calls::page_pool_register,
    calls::balloon_request,
    calls::balloon_wait,
};
static_assert(sizeof(handlers) / sizeof(handlers[0]) ==
              static_cast<size_t>(abi::SystemCall::Count));

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
    if (number < static_cast<uint64_t>(abi::SystemCall::Count)) {
        handlers[number](call);
    } else {
        call.finish(Status::UnknownCall);
    }
    // A thread that blocked may already run elsewhere: only a current one is looked at.
    if (k.scheduler.current() != &caller || caller.repeats) return;
    caller.call = 0;
    k.trace.put(abi::TraceType::SystemCallExit, id, number, caller.frame.x[0]);
}

}  // namespace kernel
