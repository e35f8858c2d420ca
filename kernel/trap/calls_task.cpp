// SPDX-License-Identifier: Apache-2.0
// System calls on tasks.
#include "kernel/capability/capabilities.hpp"
#include "kernel/capability/named_objects.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

abi::TaskResult end_result(abi::EndReason reason, int32_t exit_code) {
    abi::TaskResult result{};
    result.reason = reason;
    result.exit_code = exit_code;
    return result;
}

Status read_rights(Task& task, const abi::SpawnArguments& arguments, SpawnRights& rights) {
    if (arguments.object_count > abi::max_spawn_objects) return Status::InvalidArgument;
    rights.giver = &task;
    rights.system = static_cast<uint32_t>(arguments.system);
    rights.container = arguments.container;
    rights.container_mask = arguments.container_mask;
    rights.count = static_cast<uint32_t>(arguments.object_count);
    return task.space.read(rights.names, arguments.objects, rights.count * sizeof(uint32_t));
}

// Number of the container that a new task is to be in. Busy: it does not run.
Result<uint32_t> choose_container(Task& task, uint64_t name) {
    if (name == abi::null_name) return task.container.id;
    const LockGuard guard(kernel().scheduler.lock());
    const Container* container = TRY(find_container(task, name, abi::RightCreate));
    if (container->state != abi::ContainerState::Running) return Status::Busy;
    return container->id;
}

}  // namespace

Status read_spawn(Task& task, uint64_t user_arguments, SpawnBuffers& buffers,
                  SpawnRequest& request) {
    abi::SpawnArguments arguments{};
    TRY_STATUS(task.space.read(&arguments, user_arguments, sizeof arguments));
    if (arguments.path_length == 0 || arguments.path_length > SpawnBuffers::longest_path) {
        return Status::InvalidArgument;
    }
    if (arguments.arguments_length > abi::argument_size) return Status::InvalidArgument;
    TRY_STATUS(task.space.read(buffers.path, arguments.path, arguments.path_length));
    TRY_STATUS(task.space.read(buffers.arguments, arguments.arguments, arguments.arguments_length));
    const uint64_t mask = arguments.cpu_mask == 0 ? ~uint64_t{0} : arguments.cpu_mask;
    if ((mask & kernel().scheduler.online_mask()) == 0) return Status::InvalidArgument;
    request.container = TRY(choose_container(task, arguments.container));
    request.path = {buffers.path, arguments.path_length};
    request.arguments = {buffers.arguments, arguments.arguments_length};
    request.cpu_mask = mask;
    return read_rights(task, arguments, request.rights);
}

namespace {

Result<NewObject> spawn_from_user(Task& task, uint64_t user_arguments) {
    SpawnBuffers buffers;
    SpawnRequest request{.parent = task.id};
    TRY_STATUS(read_spawn(task, user_arguments, buffers, request));
    return spawn(request);
}

// The result of a task that has ended; false: it has not, the call waits for that and is repeated.
Result<bool> await_end(Call& call, abi::TaskResult& result) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    if (call.ending()) return false;
    Task* task = TRY(find_task(call.task(), call.argument(0), abi::RightWait));
    if (task == &call.task()) return Status::InvalidArgument;
    if (task->state == TaskState::Ended) {
        result = task->result;
        return true;
    }
    if (task->waiter != nullptr) return Status::Busy;
    task->waiter = &call.thread();
    call.thread().awaited = task;
    call.repeat();
    k.scheduler.block_current(ThreadState::WaitTask);
    return false;
}

// Locked. One that another caller has removed meanwhile is NotFound.
Status remove_ended(Task& caller, uint64_t name) {
    Task* task = TRY(find_task(caller, name, abi::RightWait));
    if (task->state != TaskState::Ended) return Status::NotFound;
    kernel().tasks.reap(*task);
    use_up(caller, name);
    return Status::Ok;
}

}  // namespace

void task_exit(Call& call) {
    Kernel& k = kernel();
    const auto code = static_cast<int32_t>(call.argument(0));
    const LockGuard guard(k.scheduler.lock());
    // The caller is current, so there is a thread left to stop and nothing to bury yet.
    (void)k.tasks.begin_end(call.task(), end_result(abi::EndReason::Exited, code));
}

void task_spawn(Call& call) {
    const Result<NewObject> made = spawn_from_user(call.task(), call.argument(0));
    if (!made.ok()) return call.finish(made.status());
    call.finish(made.value().name, made.value().id);
}

void task_wait(Call& call) {
    abi::TaskResult result{};
    const Result<bool> ended = await_end(call, result);
    if (!ended.ok()) return call.finish(ended.status());
    if (!ended.value()) return;
    // The task is removed only when its result has arrived.
    const Status copied = call.task().space.write(call.argument(1), &result, sizeof result);
    if (copied != Status::Ok) return call.finish(copied);
    const LockGuard guard(kernel().scheduler.lock());
    call.finish(remove_ended(call.task(), call.argument(0)));
}

void task_kill(Call& call) {
    Kernel& k = kernel();
    Task* to_bury = nullptr;
    {
        const LockGuard guard(k.scheduler.lock());
        const Result<Task*> victim = find_task(call.task(), call.argument(0), abi::RightControl);
        if (!victim.ok()) return call.finish(victim.status());
        if (victim.value()->state == TaskState::Ended) return call.finish(Status::NotFound);
        to_bury = k.tasks.begin_end(*victim.value(), end_result(abi::EndReason::Killed, 0));
    }
    if (to_bury != nullptr) k.tasks.bury(*to_bury);
    call.finish(Status::Ok);
}

}  // namespace kernel::calls
