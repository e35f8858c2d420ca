// SPDX-License-Identifier: Apache-2.0
// Rights to tasks, threads and containers.
#include "kernel/capability/named_objects.hpp"

#include "kernel/capability/capabilities.hpp"
#include "kernel/kernel.hpp"

namespace kernel {
namespace {

void* make_reference(unsigned slot, uint32_t number) {
    return reinterpret_cast<void*>(uint64_t{slot} << 32 | number);
}

unsigned slot_in(const void* reference) {
    return static_cast<unsigned>(reinterpret_cast<uint64_t>(reference) >> 32);
}

// Null when it is gone, or not yet there for others.
Task* task_at(const void* reference) {
    Task* task = kernel().tasks.at_slot(slot_in(reference));
    const bool there =
        task != nullptr && task->id == number_in(reference) && task->state != TaskState::Creating;
    return there ? task : nullptr;
}

Thread* thread_of(Task* task, uint64_t number) {
    if (task == nullptr) return nullptr;
    Thread* thread = task->threads.front();
    while (thread != nullptr && thread->id != number) thread = task->threads.next(*thread);
    return thread != nullptr && thread->state != ThreadState::New ? thread : nullptr;
}

Thread* thread_at(const void* reference) {
    return thread_of(kernel().tasks.at_slot(slot_in(reference)), number_in(reference));
}

Container* container_at(const void* reference) {
    Container& container = kernel().containers.at_slot(slot_in(reference));
    const bool there =
        container.id == number_in(reference) && container.state != abi::ContainerState::Creating;
    return there ? &container : nullptr;
}

// Of those that live.
Thread* oldest_thread(Task& task) {
    Thread* thread = task.threads.front();
    while (thread != nullptr && thread->state == ThreadState::Ended) {
        thread = task.threads.next(*thread);
    }
    return thread;
}

Result<void*> find_part_of_task(const Thread& caller, Task* task, ObjectType type,
                                uint64_t number) {
    if (task == nullptr) return Status::NotFound;
    if (type == ObjectType::Thread) {
        const bool is_caller = number == 0 && task == caller.task;
        const Thread* other = number == 0 ? oldest_thread(*task) : thread_of(task, number);
        const Thread* thread = is_caller ? &caller : other;
        return thread != nullptr ? Result<void*>(reference_to(*thread)) : Status::NotFound;
    }
    if (type != ObjectType::Task) return Status::InvalidArgument;
    if (number > UINT32_MAX) return Status::NotFound;
    const Task* child = kernel().tasks.find(static_cast<uint32_t>(number));
    const bool is_child =
        child != nullptr && child->parent == task->id && child->state != TaskState::Creating;
    return is_child ? Result<void*>(reference_to(*child)) : Status::NotFound;
}

Result<void*> find_part_of_container(const Container* container, ObjectType type, uint64_t number) {
    Kernel& k = kernel();
    if (container == nullptr || number > UINT32_MAX) return Status::NotFound;
    if (type == ObjectType::Task) {
        const Task* task = k.tasks.find(static_cast<uint32_t>(number));
        const bool is_in = task != nullptr && task->state != TaskState::Creating &&
                           container->contains(task->container);
        return is_in ? Result<void*>(reference_to(*task)) : Status::NotFound;
    }
    if (type != ObjectType::Container) return Status::InvalidArgument;
    const Container* below = k.containers.find(number);
    const bool is_below = below != nullptr && below != container && container->contains(*below);
    return is_below ? Result<void*>(reference_to(*below)) : Status::NotFound;
}

}  // namespace

void* reference_to(const Task& task) {
    return make_reference(task.slot, task.id);
}

void* reference_to(const Thread& thread) {
    return make_reference(thread.task->slot, thread.id);
}

void* reference_to(const Container& container) {
    return make_reference(container.slot, container.id);
}

uint32_t number_in(const void* reference) {
    return static_cast<uint32_t>(reinterpret_cast<uint64_t>(reference));
}

Result<Task*> find_task(Task& caller, uint64_t name, uint32_t mask) {
    const Right* right = TRY(find_right(caller, name, ObjectType::Task, mask));
    Task* task = task_at(right->object);
    return task != nullptr ? Result<Task*>(task) : Status::NotFound;
}

Result<Task*> find_live_task(Task& caller, uint64_t name, uint32_t mask) {
    Task* task = TRY(find_task(caller, name, mask));
    return task->state == TaskState::Alive ? Result<Task*>(task) : Status::NotFound;
}

Result<Thread*> find_thread(Task& caller, uint64_t name, uint32_t mask) {
    const Right* right = TRY(find_right(caller, name, ObjectType::Thread, mask));
    Thread* thread = thread_at(right->object);
    return thread != nullptr ? Result<Thread*>(thread) : Status::NotFound;
}

Result<Thread*> find_live_thread(Task& caller, uint64_t name, uint32_t mask) {
    Thread* thread = TRY(find_thread(caller, name, mask));
    return thread->state != ThreadState::Ended ? Result<Thread*>(thread) : Status::NotFound;
}

Result<Container*> find_container(Task& caller, uint64_t name, uint32_t mask) {
    if (name == abi::null_name) name = abi::container_name;
    const Right* right = TRY(find_right(caller, name, ObjectType::Container, mask));
    Container* container = container_at(right->object);
    return container != nullptr ? Result<Container*>(container) : Status::NotFound;
}

Result<Container*> find_controlled(Task& caller, uint64_t name) {
    Container* container = TRY(find_container(caller, name, abi::RightControl));
    if (container->contains(caller.container)) return Status::PermissionDenied;
    return container;
}

Result<void*> find_part(const Thread& caller, const Right& whole, ObjectType type,
                        uint64_t number) {
    const bool is_container = whole.type == ObjectType::Container;
    // In the masks of others the bit means something else.
    if (!is_container && whole.type != ObjectType::Task) return Status::InvalidArgument;
    if ((whole.mask & abi::RightInspect) == 0) return Status::PermissionDenied;
    if (is_container) return find_part_of_container(container_at(whole.object), type, number);
    return find_part_of_task(caller, task_at(whole.object), type, number);
}

}  // namespace kernel
