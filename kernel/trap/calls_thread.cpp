// SPDX-License-Identifier: Apache-2.0
// System calls on threads.
#include "kernel/capability/capabilities.hpp"
#include "kernel/capability/named_objects.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {

void thread_exit(Call& call) {
    Kernel& k = kernel();
    Task* to_bury = nullptr;
    {
        const LockGuard guard(k.scheduler.lock());
        Thread& thread = call.thread();
        thread.exit_value = call.argument(0);
        k.scheduler.block_current(ThreadState::Ended);
        to_bury = k.tasks.thread_ended(thread);
    }
    if (to_bury != nullptr) k.tasks.bury(*to_bury);
}

void thread_yield(Call& call) {
    Kernel& k = kernel();
    call.finish(Status::Ok);
    const LockGuard guard(k.scheduler.lock());
    k.scheduler.yield_current();
}

void thread_sleep(Call& call) {
    Kernel& k = kernel();
    // A sleep of a century needs no timer.
    constexpr uint64_t for_ever = 3'155'760'000'000'000'000;  // nanoseconds
    const uint64_t until = call.argument(0) >= for_ever
                               ? Scheduler::no_deadline
                               : hal::Machine::counter() + ticks_of(call.argument(0));
    call.finish(Status::Ok);  // over the argument, so after its use
    const LockGuard guard(k.scheduler.lock());
    if (call.ending()) return;
    k.scheduler.sleep_current(until);
}

void thread_create(Call& call) {
    Kernel& k = kernel();
    Task& task = call.task();
    const uint64_t entry = call.argument(0);
    const uint64_t stack = call.argument(1);
    const uint64_t mask = call.argument(3) == 0 ? ~uint64_t{0} : call.argument(3);
    if (entry % 4 != 0 || entry >= abi::user_end || stack % 16 != 0 || stack > abi::user_end) {
        return call.finish(Status::InvalidArgument);
    }
    const Result<Thread*> thread = k.memory.insist(
        [&] { return k.tasks.create_thread(task, entry, stack, call.argument(2), 0, mask); });
    if (!thread.ok()) return call.finish(thread.status());
    // The name means nothing to others until the thread starts.
    const Result<uint32_t> name =
        grant(task, ObjectType::Thread, reference_to(*thread.value()), abi::right_all_task);

    const LockGuard guard(k.scheduler.lock());
    if (!name.ok()) {
        k.tasks.reap_thread(*thread.value());
        return call.finish(name.status());
    }
    call.finish(name.value(), thread.value()->id);
    // A task that began to end meanwhile takes the new thread along: it has not run yet.
    if (task.state != TaskState::Alive) return k.tasks.reap_thread(*thread.value());
    ++task.live_threads;
    k.info.tasks[task.slot].threads = task.live_threads;
    k.trace.put(abi::TraceType::ThreadCreate, call.thread().id, thread.value()->id, task.id);
    k.scheduler.make_ready(*thread.value());
}

void thread_number(Call& call) {
    call.finish(call.thread().id);
}

void thread_join(Call& call) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    if (call.ending()) return;
    const uint64_t name = call.argument(0);
    const Result<Thread*> found = find_thread(call.task(), name, abi::RightWait);
    if (!found.ok()) return call.finish(found.status());
    Thread* target = found.value();
    // Those of other tasks end with them, so that TaskWait is for that.
    if (target->task != &call.task()) return call.finish(Status::PermissionDenied);
    if (target == &call.thread()) return call.finish(Status::InvalidArgument);
    if (target->joiner != nullptr) return call.finish(Status::Busy);
    if (target->state == ThreadState::Ended) {
        call.finish(0, target->exit_value);
        use_up(call.task(), name);
        return k.tasks.reap_thread(*target);
    }
    target->joiner = &call.thread();
    k.scheduler.block_current(ThreadState::WaitThread);
}

}  // namespace kernel::calls
