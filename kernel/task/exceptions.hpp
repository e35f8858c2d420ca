// SPDX-License-Identifier: Apache-2.0
// Exceptions as messages: who is told that a thread has met one, before its task is ended for it.
//
// After Mach (Black et al., "The Mach Exception Handling Facility", 1988): the thread's own port is
// told first, then the task's; the thread stays stopped until it is resumed. Unlike Mach's the
// message asks for no answer: whoever was told looks at the thread, repairs what it can and resumes
// it with ThreadResume. A message lies in its thread, so telling cannot fail for lack of memory.
//
// Invariants, under the Objects lock: a thread that is stopped for an exception is suspended, and
// on the list of the port that was told as long as that is alive.
#pragma once

#include "kernel/ipc/port.hpp"

namespace kernel {

// All of them are locked.

// Stops the current thread and tells the port that is bound for it; false when there is none that
// anybody receives from, or the task is ending.
[[nodiscard]] bool begin_exception(Thread& thread, uint32_t syndrome, uint64_t address);
// The thread is no longer stopped for an exception. Nothing happens to one that was not.
void end_exception(Thread& thread);
// A thread is gone.
void leave_exceptions(Thread& thread);
// Another port, or none, is to be told.
void bind_exceptions(Port*& bound, Port* port);

}  // namespace kernel
