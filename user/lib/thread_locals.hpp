// SPDX-License-Identifier: Apache-2.0
// Thread-local variables (`thread_local`): each thread has a copy of the program's PT_TLS segment
// (ELF for the Arm 64-bit Architecture, "Thread Local Storage", variant 1). TPIDR_EL0 points to two
// reserved words, behind which the copy lies, at the next multiple of its alignment.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace user::thread_locals {

// Bytes that a thread needs for them, a multiple of 16; 0 when the program has none.
[[nodiscard]] size_t size();
// Makes a thread's copy at `memory`, which is aligned to a page and has size() bytes, and returns
// what its TPIDR_EL0 has to be. Precondition: size() is not 0.
[[nodiscard]] uint64_t make(void* memory);

// Of the calling thread.
inline void set_pointer(uint64_t pointer) {
    asm volatile("msr tpidr_el0, %0" : : "r"(pointer) : "memory");
}

// Looks for the segment, and makes the first thread's copy. False when there is no memory for it.
// Precondition: called once, by the first thread, before anything else may use such a variable.
[[nodiscard]] bool begin();

}  // namespace user::thread_locals
