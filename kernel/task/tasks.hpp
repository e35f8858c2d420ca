// SPDX-License-Identifier: Apache-2.0
// Tasks: the table of all tasks, and the life of tasks and threads from creation to burial.
//
// A task ends in three steps. begin_end() (locked) marks it Ending and takes its threads out of
// all queues; threads that run on other CPUs are prodded and stop at their next way out of the
// kernel. Whoever ends the last thread gets the task handed to bury(), which frees everything with
// preemption points, tells the parent, and leaves an Ended entry until the parent has waited.
#pragma once

#include <string_view>

#include "kernel/task/task.hpp"

namespace kernel {

class Tasks final {
  public:
    static constexpr uint32_t init_id = 1;

    // Creates a task in state Creating under `parent` (0: none) in a container. LimitReached,
    // NoMemory. NotFound: no such container. Busy: it ends.
    [[nodiscard]] Result<Task*> create(uint32_t parent, std::string_view name, uint32_t container);
    // Gives up a task that never became alive.
    void abandon(Task& task);
    // Makes a task alive, with its first thread ready. Busy, and nothing is done: its container
    // ends.
    [[nodiscard]] Status start(Task& task, Thread& first);
    // Locked.
    [[nodiscard]] Status start_locked(Task& task, Thread& first);

    // A thread of `task`, in state New. LimitReached, NoMemory.
    [[nodiscard]] Result<Thread*> create_thread(Task& task, uint64_t entry, uint64_t stack,
                                                uint64_t argument0, uint64_t argument1,
                                                uint64_t cpu_mask);

    // Locked, like all below that say so: the scheduler's Objects lock.
    [[nodiscard]] Task* find(uint32_t id);
    // Locked. This CPU works on the task's memory until it unpins it: the task is not buried
    // before, and nobody runs above that work, as who buries the task waits for it by looping.
    static void pin(Task& task);
    // With or without the lock, on the same CPU.
    static void unpin(Task& task);
    // Locked. Any thread by its id, or null.
    [[nodiscard]] Thread* find_thread(uint32_t id);
    // Locked. The task in a slot of the table, if there is one.
    [[nodiscard]] const Task* at_slot(uint32_t slot) const { return table_[slot]; }
    [[nodiscard]] Task* at_slot(uint32_t slot) { return table_[slot]; }
    // Locked. Removes an ended thread that nobody needs any more.
    void reap_thread(Thread& thread);
    // Locked. Marks an alive task Ending with the result given; returns it when no thread of it is
    // left to stop, and the caller then has to bury() it. Does nothing to one that ends already.
    [[nodiscard]] Task* begin_end(Task& task, const abi::TaskResult& result);
    // Locked. A thread has left the CPU for good; returns its task when it was the last.
    [[nodiscard]] Task* thread_ended(Thread& thread);
    // Locked. Removes an Ended task from the table.
    void reap(Task& task);

    // Precondition: no lock held; the task was returned by begin_end() or thread_ended().
    void bury(Task& task);

    [[nodiscard]] uint64_t task_count() const { return count_; }
    [[nodiscard]] uint64_t thread_count() const { return threads_; }

  private:
    // Ended ones that nobody has waited for count too.
    [[nodiscard]] unsigned children_of(uint32_t parent) const;
    void drop_messages(Task& task);
    void release_threads(Task& task);
    void leave_children(uint32_t parent);
    [[nodiscard]] uint32_t leave_container(const Task& task);

    Task* table_[abi::max_tasks] = {};
    uint32_t next_task_ = init_id;
    uint32_t next_thread_ = 1;
    uint64_t count_ = 0;
    uint64_t threads_ = 0;
};

// What a new task is given: nothing but this.
struct SpawnRights {
    Task* giver = nullptr;   // null: the kernel itself, which gives all of the machine
    uint32_t system = 0;     // abi::RightMask of the giver's own that it has too
    uint32_t container = 0;  // the giver's name for the container that it is in; 0: container_name
    uint32_t container_mask = abi::right_usual_container;  // of the giver's right to that
    uint32_t names[abi::max_spawn_objects] = {};
    uint32_t count = 0;
};

// What to start: the archive's file `path`.
struct SpawnRequest {
    uint32_t parent = 0;
    uint32_t container = 0;
    std::string_view path;
    std::string_view arguments;
    uint64_t cpu_mask = ~uint64_t{0};
    SpawnRights rights = {};
};

// A task that is loaded and does not run yet.
struct PreparedTask {
    Task* task;
    Thread* first;
};

// Loads a program into a new task. NotFound, BadImage, NoMemory, LimitReached, Busy, and what
// deriving rights may say.
[[nodiscard]] Result<PreparedTask> prepare_task(const SpawnRequest& request);
// Something new: who made it has a right to it by that name, which is 0 for what the kernel makes.
struct NewObject {
    uint32_t name = 0;
    uint32_t id = 0;
};
// The same, and starts it. What naming a right may say as well.
[[nodiscard]] Result<NewObject> spawn(const SpawnRequest& request);

}  // namespace kernel
