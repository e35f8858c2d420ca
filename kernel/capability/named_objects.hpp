// SPDX-License-Identifier: Apache-2.0
// Rights to what comes to its end by itself: tasks, threads and containers.
//
// Invariant: such a right does not keep its object alive. It holds where the object is in its table
// and its number, which no other object ever gets; when the object is gone, what is looked up by
// the right is NotFound, and all that can be done with the right is to close it.
#pragma once

#include "kernel/capability/right.hpp"
#include "kernel/container/container.hpp"
#include "kernel/task/task.hpp"

namespace kernel {

// What rights to these hold in the place of a pointer.
[[nodiscard]] void* reference_to(const Task& task);
[[nodiscard]] void* reference_to(const Thread& thread);
[[nodiscard]] void* reference_to(const Container& container);
// The number in such a reference: what traces and consoles print.
[[nodiscard]] uint32_t number_in(const void* reference);

// Locked, like all below: what a task names, by a right that allows all of `mask`. NotFound,
// InvalidArgument, PermissionDenied.
[[nodiscard]] Result<Task*> find_task(Task& caller, uint64_t name, uint32_t mask);
// It is alive.
[[nodiscard]] Result<Task*> find_live_task(Task& caller, uint64_t name, uint32_t mask);
[[nodiscard]] Result<Thread*> find_thread(Task& caller, uint64_t name, uint32_t mask);
// It has not ended.
[[nodiscard]] Result<Thread*> find_live_thread(Task& caller, uint64_t name, uint32_t mask);
// The name 0 is container_name. One that is still being created is NotFound.
[[nodiscard]] Result<Container*> find_container(Task& caller, uint64_t name, uint32_t mask);
// One that the caller may change: not the one that it is in, nor one above that.
[[nodiscard]] Result<Container*> find_controlled(Task& caller, uint64_t name);

// What is in the object of a right, by its type and number: threads and children of a task, tasks
// and containers anywhere below a container. Thread 0 is the calling one, or the oldest of another
// task. NotFound, InvalidArgument, PermissionDenied.
[[nodiscard]] Result<void*> find_part(const Thread& caller, const Right& whole, ObjectType type,
                                      uint64_t number);

}  // namespace kernel
