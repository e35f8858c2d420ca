// SPDX-License-Identifier: Apache-2.0
// The offences of bin/offender that go through system calls; each gives the exit code.
#pragma once

namespace user {

// System calls with every kind of wrong argument; gives the number of wrong answers.
int offend_bad_calls();
// Programs that are none; gives the number of wrong answers.
int offend_bad_image();
// All the memory there is.
int offend_exhaust();
// All the threads there can be.
int offend_threads();
// A recursion without end on a thread's own stack.
int offend_thread_stack_overflow();

// Uses up the stack that it runs on.
void recurse_without_end();

}  // namespace user
