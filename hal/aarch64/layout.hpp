// SPDX-License-Identifier: Apache-2.0
// The kernel half of the AArch64 address space (TTBR1, 48 bits), and what the assembler shares.
#pragma once

#include <cstddef>

#include "hal/types.hpp"

namespace hal::aarch64 {

constexpr uint64_t direct_base = 0xffff'0000'0000'0000;  // all of RAM: physical address + base
constexpr uint64_t device_base = 0xffff'4000'0000'0000;  // device registers, likewise
constexpr uint64_t image_base = 0xffff'8000'0000'0000;   // the kernel image, as linked
// Its random distance from there is a multiple of image_step below this, so that one table of level
// 1 and the low bits of every address stay what they are.
constexpr uint64_t image_span = 1ULL << 39;
constexpr uint64_t image_step = 1ULL << 21;
constexpr uint64_t physical_limit = 1ULL << 46;

// Kernel code, and kernel code above it (hal::Machine::run_above()).
constexpr size_t stack_size = 32 * 1024;

// A kernel stack over an unmapped guard page.
struct alignas(4096) GuardedStack {
    std::byte guard[4096];
    std::byte stack[stack_size];
};

// What TPIDR_EL1 points to. The entry code knows these offsets.
struct alignas(64) CpuLocal {
    uint64_t stack_top;  // 0
    uint64_t index;      // 8
};

extern "C" const char image_begin[];

// Where the image runs. Precondition: translation is on.
inline uint64_t image_virtual() {
    return reinterpret_cast<uint64_t>(image_begin);  // relative to the program counter
}

extern "C" GuardedStack kernel_stacks[max_cpus];
extern "C" CpuLocal cpu_locals[max_cpus];

}  // namespace hal::aarch64
