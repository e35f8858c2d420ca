// SPDX-License-Identifier: Apache-2.0
// Clock: what kernel code that runs as host code has cost. The compiler (sim/compiler) knows this
// layout and these names: it lets the code add to it.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace hal::host {

constexpr unsigned clock_lanes = 4;
constexpr unsigned instruction_lane = clock_lanes - 1;

// Lanes run over at 2^32; whoever reads them takes differences of less than that.
struct Clock {
    // Parts of a cycle (1/64) for each core type in the order of core_types(), and parts of an
    // instruction. One process runs one CPU's code at a time: the reader charges what came since it
    // last looked to the CPU that ran.
    alignas(16) uint32_t parts[clock_lanes];
    // A loop calls hal_host_poll() once the first lane has come here.
    uint32_t poll_at;
};

// What of the image's code has been executed: straight-line pieces of one function, each up to its
// last instruction's branch, if that is one.
struct CodePiece {
    uint32_t offset;  // from the beginning of the function
    uint32_t size;    // bytes
    uint32_t last_word;
};
struct CodeWalk {
    const uint64_t* function;  // where it lies in the image; null for one that the image lacks
    uint32_t count;
    uint32_t reserved;
    // The pieces follow.
    [[nodiscard]] const CodePiece* pieces() const {
        return reinterpret_cast<const CodePiece*>(this + 1);
    }
};

// What the lanes stand for: names of core types, as "cortex-a55", ended by a null pointer. No names
// at all in a build without timing (ORRERY_TIMING=OFF), whose code does not count.
[[nodiscard]] const char* const* core_types();

}  // namespace hal::host

extern "C" {

extern hal::host::Clock hal_host_clock;
void hal_host_poll();

// In a build that reports memory accesses: before each of them, and what code of the image is
// executed.
void hal_host_load(const void* address, uint32_t size);
void hal_host_store(const void* address, uint32_t size);
void hal_host_atomic(const void* address, uint32_t size);
void hal_host_look_up_cpu();  // the CPU's own number, which natively is no access
void hal_host_walk(const hal::host::CodeWalk* walk);

}  // extern "C"
