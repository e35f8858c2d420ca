// SPDX-License-Identifier: Apache-2.0
// Containers with their tasks: the operations.
#include "kernel/container/container_control.hpp"

#include "kernel/capability/capabilities.hpp"
#include "kernel/capability/named_objects.hpp"
#include "kernel/ipc/port.hpp"
#include "kernel/kernel.hpp"

namespace kernel {

using abi::ContainerState;

namespace {

constexpr unsigned batch = 8;  // threads that are made ready between preemption points

// Tells of a container whose program has been loaded; false when it ends already.
bool finish_creation(Container& container, const PreparedTask& prepared) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    if (container.is_ending) return false;
    if (prepared.task != nullptr) {
        container.first = prepared.first;
        container.process_id = prepared.task->id;
    }
    k.containers.created(container);
    return true;
}

void undo_creation(Container& container) {
    const LockGuard guard(kernel().scheduler.lock());
    kernel().containers.remove(container);
}

// A task that was loaded for a container below `id` and has not been started; null if there is
// none.
Task* take_prepared(uint32_t id) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    const Container* above = k.containers.find(id);
    for (unsigned slot = 0; above != nullptr && slot < abi::max_containers; ++slot) {
        Container& each = k.containers.at_slot(slot);
        if (each.id == 0 || each.first == nullptr || !above->contains(each)) continue;
        Task* task = each.first->task;
        each.first = nullptr;
        each.process_id = 0;
        return task;
    }
    return nullptr;
}

// Locked.
bool is_in(const Task* task, const Container* container) {
    return task != nullptr && container != nullptr && container->contains(task->container);
}

// Those that nobody has waited for.
void reap_tasks_of(uint32_t id) {
    Kernel& k = kernel();
    for (unsigned slot = 0; slot < abi::max_tasks; ++slot) {
        {
            const LockGuard guard(k.scheduler.lock());
            Task* task = k.tasks.at_slot(slot);
            const bool is_left = is_in(task, k.containers.find(id));
            if (is_left && task->state == TaskState::Ended) k.tasks.reap(*task);
        }
        preemption_point();
    }
}

// Removes a container without descendants at or below `id`; false when that was the last one, or
// when whoever deletes one above it has removed it meanwhile.
bool remove_a_leaf(uint32_t id) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    const Container* above = k.containers.find(id);
    for (unsigned slot = 0; above != nullptr && slot < abi::max_containers; ++slot) {
        Container& each = k.containers.at_slot(slot);
        if (each.id == 0 || each.descendants != 0 || !above->contains(each)) continue;
        const bool is_last = each.id == id;
        k.containers.remove(each);
        return !is_last;
    }
    return false;
}

// Makes some threads ready that were parked; false when none is left.
bool release_parked(uint32_t id) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    const Container* above = k.containers.find(id);
    for (unsigned slot = 0; above != nullptr && slot < abi::max_containers; ++slot) {
        Container& each = k.containers.at_slot(slot);
        if (each.id == 0 || each.paused != 0 || !above->contains(each)) continue;
        for (unsigned i = 0; i < batch && !each.parked.empty(); ++i) {
            k.scheduler.make_ready(*each.parked.pop_front());
        }
        if (!each.parked.empty()) return true;
    }
    return false;
}

// Locked. One that runs, to be paused or resumed.
Result<Container*> find_running(Task& caller, uint64_t name) {
    Container* container = TRY(find_controlled(caller, name));
    const bool runs = container->state == ContainerState::Running && !container->is_ending;
    return runs ? Result<Container*>(container) : Status::Busy;
}

Result<Container*> begin_creation(Task& caller, std::string_view name,
                                  const abi::ContainerArguments& arguments) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    Container* parent = TRY(find_container(caller, arguments.parent, abi::RightCreate));
    return k.containers.create(*parent, name, arguments);
}

// Locked. Takes `fresh` where the container has no messages for events yet.
Status bind_now(Task& caller, Container* container, uint64_t port_name, EventMessages*& fresh) {
    if (container == nullptr) return Status::NotFound;
    Port* port = nullptr;
    if (port_name != abi::null_name) {
        const Right* right =
            TRY(find_right(caller, port_name, ObjectType::Port, abi::RightReceive));
        port = static_cast<Port*>(right->object);
        if (container->events != nullptr && container->events->is_bound()) return Status::Busy;
    }
    if (container->events == nullptr) {
        container->events = fresh;
        fresh = nullptr;
    }
    container->events->bind(port);
    return Status::Ok;
}

// What is told to whom, and the program; the container's own right is in the caller's table.
Result<PreparedTask> fill_container(Task& caller, const NewObject& made,
                                    const abi::ContainerArguments& arguments,
                                    const SpawnRequest* program) {
    if (arguments.events != 0) TRY_STATUS(bind_events(caller, made.id, arguments.events));
    if (program == nullptr) return PreparedTask{};
    SpawnRequest request = *program;
    request.container = made.id;
    request.rights.container = made.name;
    return prepare_task(request);
}

}  // namespace

Result<NewObject> create_container(Task& caller, std::string_view name,
                                   const abi::ContainerArguments& arguments,
                                   const SpawnRequest* program) {
    Container& container = *TRY(begin_creation(caller, name, arguments));
    NewObject made{.name = 0, .id = container.id};
    const Result<uint32_t> granted =
        grant(caller, ObjectType::Container, reference_to(container), abi::right_all_container);
    Status status = granted.status();
    if (granted.ok()) {
        made.name = granted.value();
        const Result<PreparedTask> filled = fill_container(caller, made, arguments, program);
        status = filled.status();
        if (filled.ok()) {
            if (finish_creation(container, filled.value())) return made;
            status = Status::Busy;
            if (filled.value().task != nullptr) kernel().tasks.abandon(*filled.value().task);
        }
        (void)close_right(caller, made.name);
    }
    undo_creation(container);
    return status;
}

Status start_container(Task& caller, uint64_t name) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    Container* container = TRY(find_controlled(caller, name));
    if (container->state != ContainerState::Created || container->is_ending) return Status::Busy;
    if (container->first == nullptr) return Status::InvalidArgument;
    Thread& first = *container->first;
    container->first = nullptr;
    k.containers.started(*container, container->process_id);
    return k.tasks.start_locked(*first.task, first);
}

Status kill_container(Task& caller, uint64_t name) {
    Kernel& k = kernel();
    uint32_t known = 0;
    {
        const LockGuard guard(k.scheduler.lock());
        Container* container = TRY(find_controlled(caller, name));
        if (container->state != ContainerState::Created &&
            container->state != ContainerState::Running) {
            return Status::Busy;
        }
        known = container->id;
        k.containers.begin_end(*container);
    }
    end_tasks_of(known);
    return Status::Ok;
}

void end_tasks_of(uint32_t id) {
    Kernel& k = kernel();
    while (Task* task = take_prepared(id)) k.tasks.abandon(*task);
    abi::TaskResult killed{};
    killed.reason = abi::EndReason::Killed;
    for (unsigned slot = 0; slot < abi::max_tasks; ++slot) {
        Task* to_bury = nullptr;
        {
            const LockGuard guard(k.scheduler.lock());
            Task* task = k.tasks.at_slot(slot);
            if (is_in(task, k.containers.find(id))) to_bury = k.tasks.begin_end(*task, killed);
        }
        if (to_bury != nullptr) k.tasks.bury(*to_bury);
        preemption_point();
    }
}

Status delete_container(Task& caller, uint64_t name) {
    Kernel& k = kernel();
    uint32_t known = 0;
    {
        const LockGuard guard(k.scheduler.lock());
        Container* container = TRY(find_controlled(caller, name));
        if (container->state != ContainerState::Stopped) return Status::Busy;
        // Also when one above it is being deleted.
        for (Container* at = container; at != nullptr; at = at->parent) {
            if (at->is_deleting) return Status::Busy;
        }
        container->is_deleting = true;
        known = container->id;
    }
    reap_tasks_of(known);
    while (remove_a_leaf(known)) preemption_point();
    const LockGuard guard(k.scheduler.lock());
    use_up(caller, name);
    return Status::Ok;
}

Status bind_events(Task& caller, uint32_t id, uint64_t port_name) {
    Kernel& k = kernel();
    const Result<EventMessages*> made =
        k.memory.insist([&] { return k.heap.create<EventMessages>(); });
    EventMessages* fresh = TRY(made);
    const LockGuard guard(k.scheduler.lock());
    const Status status = bind_now(caller, k.containers.find(id), port_name, fresh);
    if (fresh != nullptr) k.heap.destroy(fresh);
    return status;
}

Status pause_container(Task& caller, uint64_t name) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    Container* container = TRY(find_running(caller, name));
    k.containers.pause(*container);
    return k.scheduler.prod_container(*container) ? Status::WouldBlock : Status::Ok;
}

Status resume_container(Task& caller, uint64_t name) {
    Kernel& k = kernel();
    uint32_t known = 0;
    {
        const LockGuard guard(k.scheduler.lock());
        Container* container = TRY(find_running(caller, name));
        k.containers.resume(*container);
        known = container->id;
    }
    while (release_parked(known)) preemption_point();
    return Status::Ok;
}

Status set_container_limit(Task& caller, uint64_t name, uint64_t limit, uint64_t value) {
    Kernel& k = kernel();
    if (limit >= abi::container_limit_count) return Status::InvalidArgument;
    const auto which = static_cast<abi::ContainerLimit>(limit);
    MemoryDomain* domain = nullptr;
    {
        const LockGuard guard(k.scheduler.lock());
        Container* container = TRY(find_controlled(caller, name));
        TRY_STATUS(Containers::check_limit(which, value));
        k.containers.set_limit(*container, which, value);
        domain = container->domain;
        domain->reference();
    }
    const uint64_t target =
        which == abi::ContainerLimit::MemoryHigh ? domain->high() : domain->memory().max();
    while (domain->memory().current() > target && k.memory.reclaim().make_room_in(*domain)) {
        preemption_point();
    }
    domain->release(k.heap);
    return Status::Ok;
}

}  // namespace kernel
