// SPDX-License-Identifier: Apache-2.0
// Types that cross the boundary between the kernel and the machine. All of them are plain values of
// at most 16 bytes or are passed by reference: larger structures by value do not survive the
// boundary of the timed host build.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace hal {

using PhysicalAddress = uint64_t;
using VirtualAddress = uint64_t;

constexpr uint64_t page_size = 4096;
constexpr unsigned max_cpus = 8;

// The general registers of a thread at EL0. The AArch64 entry code knows these offsets.
struct alignas(16) UserFrame {
    uint64_t x[31];
    uint64_t sp;      // SP_EL0
    uint64_t pc;      // ELR_EL1
    uint64_t pstate;  // SPSR_EL1; at EL0 only NZCV differ from zero
    uint64_t tpidr;   // TPIDR_EL0
    uint64_t reserved;
};
static_assert(sizeof(UserFrame) == 288);
static_assert(offsetof(UserFrame, sp) == 248 && offsetof(UserFrame, tpidr) == 272);

// The SIMD and floating-point registers of a thread; the kernel itself uses none.
struct alignas(16) VectorState {
    uint64_t v[64];  // V0 low, V0 high, V1 low, ...
    uint64_t fpcr;
    uint64_t fpsr;
};
static_assert(sizeof(VectorState) == 528);

enum class TrapKind : uint32_t {
    Synchronous = 0,  // system call, abort, undefined instruction: `syndrome` is ESR_EL1
    Interrupt = 1,    // IRQ: ask the interrupt controller
    SystemError = 2,  // SError
};

struct Trap {
    TrapKind kind;
    uint32_t syndrome;  // ESR_EL1
    uint64_t address;   // FAR_EL1
};
static_assert(sizeof(Trap) == 16);

// How a trap ends.
struct Resume {
    UserFrame* frame;  // of the thread to run next
    // Not 0: it is the thread that has trapped, of its frame nothing has changed since but x0 to
    // x18, x29 and x30, and no interrupt was let into the kernel. What the CPU's registers still
    // hold of the rest need not be loaded again.
    uint64_t same;
};
static_assert(sizeof(Resume) == 16);

// What the machine hands to the kernel on the boot CPU.
struct BootInformation {
    const void* device_tree;   // flattened, mapped and readable
    size_t device_tree_limit;  // bytes that are mapped from there
    PhysicalAddress device_tree_physical;
    PhysicalAddress image_begin;  // physical range of the kernel image, .bss included
    PhysicalAddress image_end;
    uint64_t hardware_id;  // MPIDR affinity bits of the boot CPU
};

enum class PowerConduit : uint32_t { None = 0, Hypervisor = 1, SecureMonitor = 2 };

}  // namespace hal
