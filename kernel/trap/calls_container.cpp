// SPDX-License-Identifier: Apache-2.0
// System calls on containers.
#include "kernel/capability/named_objects.hpp"
#include "kernel/container/container_control.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

constexpr uint64_t pause_interval = 50'000;  // nanoseconds between two looks at what still runs

Result<NewObject> create(Call& call) {
    Task& task = call.task();
    abi::ContainerArguments arguments{};
    TRY_STATUS(task.space.read(&arguments, call.argument(0), sizeof arguments));
    if (arguments.name_length == 0 || arguments.name_length >= abi::container_name_size) {
        return Status::InvalidArgument;
    }
    char name[abi::container_name_size];
    TRY_STATUS(task.space.read(name, arguments.name, arguments.name_length));
    const std::string_view view(name, arguments.name_length);
    if (arguments.program == 0) return create_container(task, view, arguments, nullptr);
    SpawnBuffers buffers;
    SpawnRequest request;
    TRY_STATUS(read_spawn(task, arguments.program, buffers, request));
    if (request.rights.container != abi::null_name) return Status::InvalidArgument;
    return create_container(task, view, arguments, &request);
}

// Number of the container that is named, if its events may be had.
Result<uint32_t> find_told(const Call& call) {
    const LockGuard guard(kernel().scheduler.lock());
    return TRY(find_container(call.task(), call.argument(0), abi::RightEvents))->id;
}

Status bind(const Call& call) {
    return bind_events(call.task(), TRY(find_told(call)), call.argument(1));
}

}  // namespace

void container_create(Call& call) {
    const Result<NewObject> made = create(call);
    if (!made.ok()) return call.finish(made.status());
    call.finish(made.value().name, made.value().id);
}

void container_start(Call& call) {
    call.finish(start_container(call.task(), call.argument(0)));
}

void container_kill(Call& call) {
    call.finish(kill_container(call.task(), call.argument(0)));
}

void container_delete(Call& call) {
    call.finish(delete_container(call.task(), call.argument(0)));
}

void container_pause(Call& call) {
    Kernel& k = kernel();
    const Status status = pause_container(call.task(), call.argument(0));
    if (status != Status::WouldBlock) return call.finish(status);
    // Its threads leave at their way out of the kernel.
    const LockGuard guard(k.scheduler.lock());
    if (call.ending()) return;
    call.repeat();
    k.scheduler.sleep_current(hal::Machine::counter() + ticks_of(pause_interval));
}

void container_resume(Call& call) {
    call.finish(resume_container(call.task(), call.argument(0)));
}

void container_set(Call& call) {
    call.finish(
        set_container_limit(call.task(), call.argument(0), call.argument(1), call.argument(2)));
}

void container_statistics(Call& call) {
    Kernel& k = kernel();
    abi::ContainerStatistics statistics{};
    {
        const LockGuard guard(k.scheduler.lock());
        const Result<Container*> container =
            find_container(call.task(), call.argument(0), abi::RightInspect);
        if (!container.ok()) return call.finish(container.status());
        k.containers.read(*container.value(), statistics);
    }
    call.finish(call.task().space.write(call.argument(1), &statistics, sizeof statistics));
}

void container_next(Call& call) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    const Result<Container*> container =
        find_container(call.task(), call.argument(0), abi::RightInspect);
    if (!container.ok()) return call.finish(container.status());
    const Container* next = k.containers.next_child(*container.value(), call.argument(1));
    call.finish(next != nullptr ? uint64_t{next->id} : uint64_t{0});
}

void container_bind(Call& call) {
    call.finish(bind(call));
}

}  // namespace kernel::calls
