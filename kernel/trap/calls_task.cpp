// SPDX-License-Identifier: Apache-2.0
// System calls on tasks.
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
    rights.count = static_cast<uint32_t>(arguments.object_count);
    return task.space.read(rights.names, arguments.objects, rights.count * sizeof(uint32_t));
}

// Number of the container that a new task is to be in. Busy: it does not run.
Result<uint32_t> find_container(Task& task, uint64_t id) {
    if (id == 0) return task.container.id;
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    const Container* container = TRY(k.containers.resolve(task.container, id));
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
    request.container = TRY(find_container(task, arguments.container));
    request.path = {buffers.path, arguments.path_length};
    request.arguments = {buffers.arguments, arguments.arguments_length};
    request.cpu_mask = mask;
    return read_rights(task, arguments, request.rights);
}

namespace {

Result<uint32_t> spawn_from_user(Task& task, uint64_t user_arguments) {
    SpawnBuffers buffers;
    SpawnRequest request{.parent = task.id};
    TRY_STATUS(read_spawn(task, user_arguments, buffers, request));
    return spawn(request);
}

// What TaskWait finds: the child still lives (WouldBlock), or how it ended.
Status look_at_child(Task& parent, uint32_t id, abi::TaskResult& result) {
    Task* child = kernel().tasks.find_for(parent, id);
    if (child == nullptr) return Status::NotFound;
    if (child->parent != parent.id) return Status::PermissionDenied;
    if (child->state == TaskState::Creating) return Status::NotFound;
    if (child->state != TaskState::Ended) return Status::WouldBlock;
    result = child->result;
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
    call.finish(spawn_from_user(call.task(), call.argument(0)));
}

void task_wait(Call& call) {
    Kernel& k = kernel();
    Task& task = call.task();
    const auto id = static_cast<uint32_t>(call.argument(0));
    if (call.argument(0) != id) return call.finish(Status::NotFound);
    abi::TaskResult result{};
    {
        const LockGuard guard(k.scheduler.lock());
        if (call.ending()) return;
        Status status = look_at_child(task, id, result);
        Task* child = k.tasks.find(id);
        if (status == Status::WouldBlock && child->waiter != nullptr) status = Status::Busy;
        if (status == Status::WouldBlock) {
            child->waiter = &call.thread();
            call.thread().awaited = child;
            call.repeat();
            k.scheduler.block_current(ThreadState::WaitTask);
            return;
        }
        if (status != Status::Ok) return call.finish(status);
    }
    // The child is reaped only when its result has arrived.
    const Status copied = task.space.write(call.argument(1), &result, sizeof result);
    if (copied != Status::Ok) return call.finish(copied);
    const LockGuard guard(k.scheduler.lock());
    Task* child = k.tasks.find(id);
    if (child == nullptr || child->state != TaskState::Ended) return call.finish(Status::NotFound);
    k.tasks.reap(*child);
    call.finish(Status::Ok);
}

void task_kill(Call& call) {
    Kernel& k = kernel();
    const auto id = static_cast<uint32_t>(call.argument(0));
    if (call.argument(0) != id) return call.finish(Status::NotFound);
    Task* to_bury = nullptr;
    {
        const LockGuard guard(k.scheduler.lock());
        Task* victim = k.tasks.find_for(call.task(), id);
        if (victim == nullptr || victim->state == TaskState::Ended ||
            victim->state == TaskState::Creating) {
            return call.finish(Status::NotFound);
        }
        if (!k.tasks.may_manage(call.task(), *victim)) {
            return call.finish(Status::PermissionDenied);
        }
        to_bury = k.tasks.begin_end(*victim, end_result(abi::EndReason::Killed, 0));
    }
    if (to_bury != nullptr) k.tasks.bury(*to_bury);
    call.finish(Status::Ok);
}

}  // namespace kernel::calls
