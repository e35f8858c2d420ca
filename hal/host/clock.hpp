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

// What the lanes stand for: names of core types, as "cortex-a55", ended by a null pointer. No names
// at all in a build without timing (ORRERY_TIMING=OFF), whose code does not count.
[[nodiscard]] const char* const* core_types();

}  // namespace hal::host

extern "C" {

extern hal::host::Clock hal_host_clock;
void hal_host_poll();

// In a build that reports memory accesses, before each of them.
void hal_host_load(const void* address);
void hal_host_store(const void* address);

}  // extern "C"
