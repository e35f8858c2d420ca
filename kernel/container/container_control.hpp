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

// A container below the caller's, with its program loaded and nothing of it run. Its number. The
// statuses of Containers::create() and prepare_task(). References to the program's objects are
// taken over, whatever the result.
[[nodiscard]] Result<uint32_t> create_container(Container& from, std::string_view name,
                                                const abi::ContainerArguments& arguments,
                                                const SpawnRequest* program);
// Busy: not Created. InvalidArgument: it has no program.
[[nodiscard]] Status start_container(Container& from, uint64_t id);
// Ends all that is in it and below. Busy: neither Created nor Running. When the last thread has
// left its CPU, which may be later, it is Stopped.
[[nodiscard]] Status kill_container(Container& from, uint64_t id);
// With all below it. Busy: not Stopped.
[[nodiscard]] Status delete_container(Container& from, uint64_t id);
// No thread of it will be run. Busy: not Running. WouldBlock: one still runs; ask again.
[[nodiscard]] Status pause_container(Container& from, uint64_t id);
// Busy: not Running.
[[nodiscard]] Status resume_container(Container& from, uint64_t id);
// InvalidArgument. What is above a limit of memory now is stored away as far as it can be.
[[nodiscard]] Status set_container_limit(Container& from, uint64_t id, uint64_t limit,
                                         uint64_t value);

// Ends the tasks of a container that ends already.
void end_tasks_of(uint32_t container);

}  // namespace kernel
