// SPDX-License-Identifier: Apache-2.0
// System calls on memory that is short: compaction, page pools, ballooning.
#include "kernel/capability/named_objects.hpp"
#include "kernel/kernel.hpp"
#include "kernel/memory/pressure/compaction.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

Thread* find_thread(uint32_t task_id, uint32_t thread_id) {
    Task* task = kernel().tasks.find(task_id);
    if (task == nullptr || task->state != TaskState::Alive) return nullptr;
    for (Thread* thread = task->threads.front(); thread != nullptr;
         thread = task->threads.next(*thread)) {
        if (thread->id == thread_id) return thread;
    }
    return nullptr;
}

bool sleeps_in(const Thread* thread, abi::SystemCall call) {
    return thread != nullptr && thread->state == ThreadState::Sleeping &&
           thread->call == static_cast<uint64_t>(call) + 1;
}

// Locked.
void wake(Thread& thread) {
    kernel().scheduler.unqueue(thread);
    kernel().scheduler.make_ready(thread);
}

// Locked. Tells a thread that waits for it of a request, once.
void wake_domain(Task& task) {
    Thread* waiter = find_thread(task.id, task.balloon.waiter);
    if (task.balloon.told || !sleeps_in(waiter, abi::SystemCall::BalloonWait)) return;
    task.balloon.told = true;
    waiter->frame.x[0] = task.balloon.wanted;
    wake(*waiter);
}

// Locked. The task has done what it can, or looks after it: its manager looks as well.
void wake_manager(Task& task) {
    Thread* manager = find_thread(task.balloon.requester_task, task.balloon.requester);
    if (sleeps_in(manager, abi::SystemCall::BalloonRequest)) wake(*manager);
}

// An hour and more is for ever, which needs no timer.
uint64_t ticks_after(uint64_t nanoseconds) {
    constexpr uint64_t for_ever = 3'600'000'000'000;
    if (nanoseconds >= for_ever) return Scheduler::no_deadline;
    return hal::Machine::counter() + ticks_of(nanoseconds);
}

uint64_t over_target(const Task& task) {
    const uint64_t owned = task.space.frames_owned();
    return owned > task.balloon.target ? owned - task.balloon.target : 0;
}

// A new request of the calling thread, or Busy while another manager's is on. Locked.
Status open_request(Call& call, Task& task, uint64_t pages) {
    Balloon& balloon = task.balloon;
    const bool is_stale = hal::Machine::counter() > balloon.deadline;
    if (balloon.wanted != 0 && !is_stale) return Status::Busy;
    const uint64_t owned = task.space.frames_owned();
    balloon.wanted = pages;
    balloon.target = owned > pages ? owned - pages : 0;
    balloon.taken = 0;
    balloon.told = false;
    balloon.deadline = ticks_after(call.argument(2));
    balloon.requester_task = call.task().id;
    balloon.requester = call.thread().id;
    abi::PressureInfo& info = kernel().info.pressure;
    Reclaim::add(info.balloon_requests);
    Reclaim::add(info.balloon_wanted, pages);
    return Status::Ok;
}

bool is_requester(Call& call, const Task& task) {
    return task.balloon.wanted != 0 && task.balloon.requester == call.thread().id;
}

// The task, which lives until it is unpinned, with a request of the caller's.
Result<Task*> begin_request(Call& call) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    Task* task = TRY(find_live_task(call.task(), call.argument(0), abi::RightControl));
    if (call.argument(1) == 0 || task == &call.task()) return Status::InvalidArgument;
    if (!is_requester(call, *task)) TRY_STATUS(open_request(call, *task, call.argument(1)));
    k.tasks.pin(*task);
    return task;
}

// Free pages of the pool, without asking.
void take_free_pages(Task& task) {
    Balloon& balloon = task.balloon;
    const uint64_t wanted = over_target(task);
    if (balloon.pool == 0 || wanted == 0) return;
    const Result<uint64_t> taken = task.space.take_pool_pages(balloon.pool, wanted);
    if (!taken.ok()) return;
    balloon.taken += taken.value();
    Reclaim::add(kernel().info.pressure.balloon_taken, taken.value());
}

// Ends a request and the call: so many pages, of which some by force.
void finish_request(Call& call, Task& task, uint64_t forced) {
    Balloon& balloon = task.balloon;
    const uint64_t rest = over_target(task);
    const uint64_t got = balloon.wanted > rest ? balloon.wanted - rest : 0;
    if (balloon.pool != 0) task.space.tell_pool(balloon.pool, 0);
    kernel().info.tasks[task.slot].frames = task.space.frames_owned();
    call.finish(got, forced);
    const LockGuard guard(kernel().scheduler.lock());
    balloon.wanted = 0;
    balloon.requester = 0;
    balloon.requester_task = 0;
}

// Waits for the task until the deadline; the call is made again then, or when the task says so.
// False when the deadline has passed, or the caller ends.
bool wait_for_domain(Call& call, Task& task) {
    Kernel& k = kernel();
    Balloon& balloon = task.balloon;
    if (balloon.pool != 0) task.space.tell_pool(balloon.pool, over_target(task));
    const LockGuard guard(k.scheduler.lock());
    if (call.ending() || hal::Machine::counter() >= balloon.deadline) return false;
    wake_domain(task);
    call.repeat();
    k.tasks.unpin(task);
    k.scheduler.sleep_current(balloon.deadline);
    return true;
}

}  // namespace

void memory_compact(Call& call) {
    Kernel& k = kernel();
    Compaction compaction(k.memory);
    uint64_t made = 0;
    Status status = Status::Ok;
    while (made < call.argument(0) && status == Status::Ok) {
        status = compaction.make_block();
        made += status == Status::Ok ? 1 : 0;
    }
    if (made == 0 && status != Status::Ok) return call.finish(status);
    call.finish(made);
}

void page_pool_register(Call& call) {
    const uint64_t state = call.argument(0);
    if (state != 0) {
        const Result<PagePool> pool = call.task().space.find_pool(state);
        if (!pool.ok()) return call.finish(pool.status());
    }
    const LockGuard guard(kernel().scheduler.lock());
    call.task().balloon.pool = state;
    call.finish(Status::Ok);
}

void balloon_request(Call& call) {
    const Result<Task*> begun = begin_request(call);
    if (!begun.ok()) return call.finish(begun.status());
    Task& task = *begun.value();
    take_free_pages(task);
    if (over_target(task) != 0 && wait_for_domain(call, task)) return;
    // What is still lacking is taken by force, used or not.
    uint64_t forced = 0;
    if (const uint64_t rest = over_target(task)) {
        forced = kernel().memory.reclaim().take_from(task.slot, rest);
        Reclaim::add(kernel().info.pressure.balloon_forced, forced);
    }
    finish_request(call, task, forced);
    kernel().tasks.unpin(task);
}

void balloon_wait(Call& call) {
    Kernel& k = kernel();
    Task& task = call.task();
    const uint64_t until = ticks_after(call.argument(0));
    const LockGuard guard(k.scheduler.lock());
    if (call.ending()) return;
    const bool is_wanted = task.balloon.wanted != 0;
    if (is_wanted && !task.balloon.told) {
        task.balloon.told = true;
        return call.finish(task.balloon.wanted);
    }
    // Who asks again has done what it could.
    if (is_wanted) wake_manager(task);
    call.finish(uint64_t{0});
    task.balloon.waiter = call.thread().id;
    k.scheduler.sleep_current(until);
}

}  // namespace kernel::calls
