// SPDX-License-Identifier: Apache-2.0
// Tasks: the table, and the life of tasks and threads.
#include "kernel/task/tasks.hpp"

#include "kernel/capability/capabilities.hpp"
#include "kernel/container/container_control.hpp"
#include "kernel/ipc/ports.hpp"
#include "kernel/kernel.hpp"
#include "kernel/task/exceptions.hpp"
#include "kernel/trap/power.hpp"

namespace kernel {

using abi::TraceType;

Result<Task*> Tasks::create(uint32_t parent, std::string_view name, uint32_t container_id) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    Container* container = k.containers.find(container_id);
    if (container == nullptr) return Status::NotFound;
    if (container->is_ending) return Status::Busy;
    unsigned slot = 0;
    while (slot < abi::max_tasks && table_[slot] != nullptr) ++slot;
    if (slot == abi::max_tasks || children_of(parent) >= Task::max_children) {
        return Status::LimitReached;
    }
    const uint64_t limit = k.frames.total_frames() * k.options.task_memory_percent / 100;
    TRY_STATUS(k.containers.charge_pid(*container));
    const Result<Task*> made =
        k.heap.create<Task>(k.memory, slot, limit, *container, container->domain);
    if (!made.ok()) k.containers.discharge_pid(*container);
    Task* task = TRY(made);
    k.containers.add_live(*container);
    task->id = next_task_++;
    task->parent = parent;
    table_[slot] = task;
    ++count_;

    abi::TaskInfo& info = k.info.tasks[slot];
    info = abi::TaskInfo{};
    info.parent = parent;
    info.container = container->id;
    copy_text(info.name, name);
    info.created_ticks = hal::Machine::counter();
    info.id = task->id;
    return task;
}

unsigned Tasks::children_of(uint32_t parent) const {
    unsigned count = 0;
    for (const Task* task : table_) {
        if (task != nullptr && parent != 0 && task->parent == parent) ++count;
    }
    return count;
}

void Tasks::abandon(Task& task) {
    drop_all_rights(task);
    task.space.destroy();
    const LockGuard guard(kernel().scheduler.lock());
    release_threads(task);
    reap(task);
}

Status Tasks::start(Task& task, Thread& first) {
    const LockGuard guard(kernel().scheduler.lock());
    return start_locked(task, first);
}

Status Tasks::start_locked(Task& task, Thread& first) {
    Kernel& k = kernel();
    if (task.container.is_ending) return Status::Busy;
    if (task.id == init_id) {
        k.info.init_ticks = hal::Machine::counter();
        k.info.state = abi::KernelState::Running;
    }
    task.state = TaskState::Alive;
    task.live_threads = 1;
    abi::TaskInfo& info = k.info.tasks[task.slot];
    info.frames = task.space.frames_owned();
    info.threads = 1;
    info.load_bias = task.load_bias;
    k.trace.put(TraceType::TaskCreate, 0, task.id, task.parent);
    k.trace.put_name(task.id, info.name);
    k.trace.put(TraceType::ThreadCreate, 0, first.id, task.id);
    k.scheduler.make_ready(first);
    return Status::Ok;
}

Result<Thread*> Tasks::create_thread(Task& task, uint64_t entry, uint64_t stack, uint64_t argument0,
                                     uint64_t argument1, uint64_t cpu_mask) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    if (task.threads.size() >= Task::max_threads) return Status::LimitReached;
    if ((cpu_mask & k.scheduler.online_mask()) == 0) return Status::InvalidArgument;
    // The first one counts with its task.
    const bool counts = task.threads.size() != 0;
    if (counts) TRY_STATUS(k.containers.charge_pid(task.container));
    const Result<Thread*> made = k.heap.create<Thread>();
    if (!made.ok() && counts) k.containers.discharge_pid(task.container);
    Thread* thread = TRY(made);
    thread->task = &task;
    thread->audit = task.container.audit_log();
    thread->id = next_thread_++;
    thread->frame.pc = entry;
    thread->frame.sp = stack;
    thread->frame.x[0] = argument0;
    thread->frame.x[1] = argument1;
    thread->cpu_mask = cpu_mask;
    thread->cpu = hal::Machine::cpu_index();
    task.threads.push_back(*thread);
    ++threads_;
    return thread;
}

Task* Tasks::find(uint32_t id) {
    for (Task* task : table_) {
        if (task != nullptr && task->id == id && id != 0) return task;
    }
    return nullptr;
}

Thread* Tasks::find_thread(uint32_t id) {
    for (Task* task : table_) {
        if (task == nullptr) continue;
        for (Thread* thread = task->threads.front(); thread != nullptr;) {
            if (thread->id == id) return thread;
            thread = task->threads.next(*thread);
        }
    }
    return nullptr;
}

void Tasks::reap_thread(Thread& thread) {
    Task& task = *thread.task;
    if (task.threads.size() > 1) kernel().containers.discharge_pid(task.container);
    task.threads.remove(thread);
    --threads_;
    kernel().heap.destroy(&thread);
}

Task* Tasks::begin_end(Task& task, const abi::TaskResult& result) {
    if (task.state != TaskState::Alive) return nullptr;
    task.state = TaskState::Ending;
    task.result = result;
    task.space.stop();
    Kernel& k = kernel();
    Task* to_bury = nullptr;
    for (Thread* thread = task.threads.front(); thread != nullptr;) {
        Thread* next = task.threads.next(*thread);
        if (thread->state == ThreadState::Running) {
            k.scheduler.prod(*thread);
        } else if (thread->state != ThreadState::Ended && thread->state != ThreadState::New) {
            k.scheduler.unqueue(*thread);
            if (thread->awaited != nullptr) thread->awaited->waiter = nullptr;
            to_bury = thread_ended(*thread);
        }
        thread = next;
    }
    return to_bury;
}

Task* Tasks::thread_ended(Thread& thread) {
    Kernel& k = kernel();
    Task& task = *thread.task;
    leave_calls(thread);
    leave_exceptions(thread);
    thread.state = ThreadState::Ended;
    k.scheduler.forget(thread);
    thread.awaited = nullptr;
    --task.live_threads;
    k.info.tasks[task.slot].threads = task.live_threads;
    k.trace.put(TraceType::ThreadExit, thread.id, thread.id, task.id);
    if (task.state == TaskState::Alive && thread.joiner != nullptr) {
        Thread& joiner = *thread.joiner;
        const uint64_t joiner_name = joiner.frame.x[0];  // by which it has named the thread
        joiner.frame.x[0] = 0;
        joiner.frame.x[1] = thread.exit_value;
        use_up(*joiner.task, joiner_name);
        k.scheduler.make_ready(joiner);
        reap_thread(thread);
    }
    if (task.live_threads != 0) return nullptr;
    if (task.state == TaskState::Alive) {
        task.state = TaskState::Ending;
        task.result = abi::TaskResult{.reason = abi::EndReason::Exited,
                                      .exit_code = 0,
                                      .syndrome = 0,
                                      .reserved = 0,
                                      .address = 0,
                                      .pc = 0};
    }
    return &task;
}

void Tasks::release_threads(Task& task) {
    while (Thread* thread = task.threads.front()) reap_thread(*thread);
}

// What was on its way to threads of the task, or from them. None of them runs any more.
void Tasks::drop_messages(Task& task) {
    for (Thread* thread = task.threads.front(); thread != nullptr;) {
        drop_deliveries(*thread);
        thread = task.threads.next(*thread);
    }
}

// Children of an ended task live on, but nobody will wait for them.
void Tasks::leave_children(uint32_t parent) {
    for (Task* task : table_) {
        if (task == nullptr || task->parent != parent) continue;
        task->parent = 0;
        kernel().info.tasks[task->slot].parent = 0;
        if (task->state == TaskState::Ended) reap(*task);
    }
}

void Tasks::reap(Task& task) {
    Kernel& k = kernel();
    k.info.tasks[task.slot] = abi::TaskInfo{};
    table_[task.slot] = nullptr;
    --count_;
    k.containers.discharge_pid(task.container);
    if (task.state == TaskState::Creating) k.containers.remove_live(task.container);
    k.heap.destroy(&task);
}

// With its process a container ends. Its number, if there are others to be ended for that.
uint32_t Tasks::leave_container(const Task& task) {
    Containers& containers = kernel().containers;
    Container& container = task.container;
    uint32_t ending = 0;
    if (container.process_id == task.id) {
        container.process_id = 0;
        container.result = task.result;
        containers.post(container, abi::ContainerEventKind::Exited,
                        static_cast<uint64_t>(task.result.reason));
        // Who has it end already does the rest.
        if (!container.is_ending) ending = container.id;
        containers.begin_end(container);
    }
    containers.remove_live(container);
    return ending;
}

void Tasks::pin(Task& task) {
    task.pins.fetch_add(1, std::memory_order_relaxed);
    kernel().scheduler.keep_cpu();
}

void Tasks::unpin(Task& task) {
    kernel().scheduler.share_cpu();
    task.pins.fetch_sub(1, std::memory_order_release);
}

void Tasks::bury(Task& task) {
    Kernel& k = kernel();
    // A manager may still be taking its pages.
    while (task.pins.load(std::memory_order_acquire) != 0) {
        preemption_point();
        hal::Machine::relax();
    }
    drop_messages(task);
    drop_all_rights(task);
    task.held.release();
    task.space.destroy();
    const bool was_init = task.id == init_id;
    const abi::TaskResult result = task.result;
    uint32_t ending = 0;
    {
        const LockGuard guard(k.scheduler.lock());
        release_threads(task);
        bind_exceptions(task.exceptions, nullptr);
        task.state = TaskState::Ended;
        abi::TaskInfo& info = k.info.tasks[task.slot];
        info.frames = 0;
        info.reason = task.result.reason;
        info.exit_code = task.result.exit_code;
        k.trace.put(TraceType::TaskExit, 0, task.id, static_cast<uint64_t>(task.result.reason));
        k.trace.put(TraceType::FramesFree, 0, k.frames.free_frames(), k.info.frames_total);
        leave_children(task.id);
        ending = leave_container(task);
        if (Thread* waiter = task.waiter) {
            // The waiter's call is repeated and finds the task ended.
            task.waiter = nullptr;
            waiter->awaited = nullptr;
            k.scheduler.make_ready(*waiter);
        } else if (task.parent == 0 && !was_init) {
            reap(task);
        }
    }
    if (ending != 0) end_tasks_of(ending);
    if (was_init) {
        log("init ended: reason {} code {}", result.reason, result.exit_code);
        power_off(result.reason == abi::EndReason::Exited ? result.exit_code : -1);
    }
}

}  // namespace kernel
