// SPDX-License-Identifier: Apache-2.0
// What is done to containers with their tasks: the operations of the OCI runtime specification, and
// pause and resume. Long work goes in steps with preemption points between them; in between, a
// container is known by its number only, as it may be deleted.
//
// Precondition of all that do not say otherwise: no lock is held.
#pragma once

#include <string_view>

#include "kernel/container/container.hpp"
#include "kernel/task/tasks.hpp"

namespace kernel {

// A container with its program loaded and nothing of it run, and a right to it for the caller. The
// statuses of Containers::create(), bind_events() and prepare_task().
[[nodiscard]] Result<NewObject> create_container(Task& caller, std::string_view name,
                                                 const abi::ContainerArguments& arguments,
                                                 const SpawnRequest* program);
// A port that the caller receives from is told of a container's events from now on; 0: none is.
// Busy: somebody else's is. NoMemory, and what finding the port says.
[[nodiscard]] Status bind_events(Task& caller, uint32_t container, uint64_t port_name);

// Of the following, all say what find_controlled() says.
// Busy: not Created. InvalidArgument: it has no program.
[[nodiscard]] Status start_container(Task& caller, uint64_t name);
// Ends all that is in it and below. Busy: neither Created nor Running. When the last thread has
// left its CPU, which may be later, it is Stopped.
[[nodiscard]] Status kill_container(Task& caller, uint64_t name);
// With all below it; the name is used up. Busy: not Stopped.
[[nodiscard]] Status delete_container(Task& caller, uint64_t name);
// No thread of it will be run. Busy: not Running. WouldBlock: one still runs; ask again.
[[nodiscard]] Status pause_container(Task& caller, uint64_t name);
// Busy: not Running.
[[nodiscard]] Status resume_container(Task& caller, uint64_t name);
// InvalidArgument. What is above a limit of memory now is stored away as far as it can be.
[[nodiscard]] Status set_container_limit(Task& caller, uint64_t name, uint64_t limit,
                                         uint64_t value);

// Ends the tasks of a container that ends already.
void end_tasks_of(uint32_t container);

}  // namespace kernel
