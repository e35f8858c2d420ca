// SPDX-License-Identifier: Apache-2.0
// Kernel trace records: one format for every machine, written to a ring in memory per CPU and read
// by whoever looks at the phone from outside.
#pragma once

#include <stdint.h>

namespace kernel::abi {

enum class TraceType : uint16_t {
    None = 0,
    ThreadSwitch = 1,     // thread = the one that runs now (0: idle), a = the one before (0: idle)
    SystemCallEnter = 2,  // a = number, b = first argument
    SystemCallExit =
        3,      // a = number, b = result; for a call that waited, when its thread runs again
    Fault = 4,  // a = address (FAR), b = syndrome (ESR)
    InterruptEnter = 5,  // a = interrupt id (INTID)
    InterruptExit = 6,   // a = interrupt id
    ThreadCreate = 7,    // a = new thread id, b = its task id
    ThreadExit = 8,      // a = thread id, b = its task id
    TaskCreate = 9,      // a = task id, b = parent task id
    TaskName = 10,       // thread field = task id; a and b = up to 16 bytes of its name
    TaskExit = 11,       // a = task id, b = abi::EndReason
    MemoryMap = 12,      // a = address, b = size
    MemoryUnmap = 13,    // a = address, b = size
    FramesFree = 14,     // a = free frames now, b = all frames
    ThreadWake = 15,     // a = woken thread id, b = CPU it was queued on
    CpuOnline = 16,      // a = CPU
    CpuFrequency = 17,   // a = frequency asked for in kHz, b = mask of the CPUs that share it
    // Only with record_allocations=on: a and b are a FrameRecording.
    FrameAllocate = 18,
    FrameFree = 19,
    ContainerName = 20,      // thread field = container id; a and b = up to 16 bytes of its name
    ContainerState = 21,     // a = container id, b = abi::ContainerState
    ContainerThrottle = 22,  // a = container id, b = nanoseconds until it has CPU time again
};

// A block of page frames that changes hands. `sequence` counts such records of all CPUs in the
// order in which it happened: CPUs' clocks may be a little apart.
struct FrameRecording {
    uint64_t block;  // physical address
    uint32_t order;
    bool unmovable;  // of an allocation
    uint64_t sequence;
    uint32_t owner;  // FrameOwner
    uint32_t task;   // its slot, where the owner belongs to a task

    constexpr uint64_t a() const { return block | (unmovable ? 0x10U : 0U) | order; }
    constexpr uint64_t b() const { return sequence << 16 | owner << 8 | task; }
    static constexpr FrameRecording of(uint64_t a, uint64_t b) {
        return {.block = a & ~uint64_t{0xfff},
                .order = static_cast<uint32_t>(a & 0xf),
                .unmovable = (a & 0x10) != 0,
                .sequence = b >> 16,
                .owner = static_cast<uint32_t>(b >> 8 & 0xff),
                .task = static_cast<uint32_t>(b & 0xff)};
    }
};

struct TraceRecord {
    uint64_t ticks;  // generic timer counter, KernelInfo::timer_frequency to the second
    TraceType type;
    uint16_t cpu;
    uint32_t thread;  // thread running on the CPU, 0 when idle
    uint64_t a;
    uint64_t b;
};
static_assert(sizeof(TraceRecord) == 32);

// A single-producer, single-consumer ring. The kernel only writes `head` and `lost`; the reader
// only writes `tail`. Both indices count records since boot and never wrap in practice.
struct TraceRing {
    uint64_t records;   // physical address of TraceRecord[capacity]; 0: tracing is off
    uint64_t capacity;  // a power of two
    uint64_t head;      // next record to be written
    uint64_t tail;      // next record to be read
    uint64_t lost;      // records dropped because the ring was full
    uint64_t reserved[3];
};
static_assert(sizeof(TraceRing) == 64);

}  // namespace kernel::abi
