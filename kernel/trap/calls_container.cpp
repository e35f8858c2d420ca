// SPDX-License-Identifier: Apache-2.0
// System calls on containers.
#include "kernel/container/container_control.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

constexpr uint64_t pause_interval = 50'000;  // nanoseconds between two looks at what still runs

Result<uint32_t> create(Call& call) {
    Task& task = call.task();
    abi::ContainerArguments arguments{};
    TRY_STATUS(task.space.read(&arguments, call.argument(0), sizeof arguments));
    if (arguments.reserved != 0) return Status::InvalidArgument;
    if (arguments.name_length == 0 || arguments.name_length >= abi::container_name_size) {
        return Status::InvalidArgument;
    }
    char name[abi::container_name_size];
    TRY_STATUS(task.space.read(name, arguments.name, arguments.name_length));
    const std::string_view view(name, arguments.name_length);
    if (arguments.program == 0) return create_container(task.container, view, arguments, nullptr);
    SpawnBuffers buffers;
    SpawnRequest request;
    TRY_STATUS(read_spawn(task, arguments.program, buffers, request));
    if (request.container != task.container.id) return Status::InvalidArgument;
    return create_container(task.container, view, arguments, &request);
}

// How long a reader still waits; 0 when it does not, or no longer.
uint64_t wait_until(Call& call, const Container& container) {
    const uint64_t now = hal::Machine::counter();
    if (container.waiter == call.thread().id) {
        return container.wait_until > now ? container.wait_until : 0;
    }
    constexpr uint64_t for_ever = 3'600'000'000'000;  // an hour and more
    if (call.argument(2) == 0) return 0;
    return call.argument(2) >= for_ever ? Scheduler::no_deadline : now + ticks_of(call.argument(2));
}

// The next event; false: the call waits for one, and is repeated.
Result<bool> next_event(Call& call, abi::ContainerEvent& event) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    if (call.ending()) return Status::Interrupted;
    Container* container = TRY(k.containers.resolve(call.task().container, call.argument(0)));
    const uint64_t until = wait_until(call, *container);
    container->waiter = 0;
    if (!container->events.is_empty()) {
        event = container->events.front();
        container->events.pop();
        return true;
    }
    if (until == 0) return Status::WouldBlock;
    container->waiter_task = call.task().id;
    container->waiter = call.thread().id;
    container->wait_until = until;
    call.repeat();
    k.scheduler.sleep_current(until);
    return false;
}

}  // namespace

void container_create(Call& call) {
    call.finish(create(call));
}

void container_start(Call& call) {
    call.finish(start_container(call.task().container, call.argument(0)));
}

void container_kill(Call& call) {
    call.finish(kill_container(call.task().container, call.argument(0)));
}

void container_delete(Call& call) {
    call.finish(delete_container(call.task().container, call.argument(0)));
}

void container_pause(Call& call) {
    Kernel& k = kernel();
    const Status status = pause_container(call.task().container, call.argument(0));
    if (status != Status::WouldBlock) return call.finish(status);
    // Its threads leave at their way out of the kernel.
    const LockGuard guard(k.scheduler.lock());
    if (call.ending()) return;
    call.repeat();
    k.scheduler.sleep_current(hal::Machine::counter() + ticks_of(pause_interval));
}

void container_resume(Call& call) {
    call.finish(resume_container(call.task().container, call.argument(0)));
}

void container_set(Call& call) {
    call.finish(set_container_limit(call.task().container, call.argument(0), call.argument(1),
                                    call.argument(2)));
}

void container_statistics(Call& call) {
    Kernel& k = kernel();
    abi::ContainerStatistics statistics{};
    {
        const LockGuard guard(k.scheduler.lock());
        const Result<Container*> container =
            k.containers.resolve_readable(call.task().container, call.argument(0));
        if (!container.ok()) return call.finish(container.status());
        k.containers.read(*container.value(), statistics);
    }
    call.finish(call.task().space.write(call.argument(1), &statistics, sizeof statistics));
}

void container_next(Call& call) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    const Result<Container*> container =
        k.containers.resolve_readable(call.task().container, call.argument(0));
    if (!container.ok()) return call.finish(container.status());
    const Container* next = k.containers.next_child(*container.value(), call.argument(1));
    call.finish(next != nullptr ? uint64_t{next->id} : uint64_t{0});
}

void container_event(Call& call) {
    abi::ContainerEvent event{};
    Task& task = call.task();
    // Before an event is taken that would then be lost.
    const Status writable = task.space.check_writable(call.argument(1), sizeof event);
    if (writable != Status::Ok) return call.finish(writable);
    const Result<bool> there = next_event(call, event);
    if (!there.ok()) return call.finish(there.status());
    if (!there.value()) return;
    call.finish(task.space.write(call.argument(1), &event, sizeof event));
}

}  // namespace kernel::calls
