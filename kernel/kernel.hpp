// SPDX-License-Identifier: Apache-2.0
// Kernel: all mutable state of the kernel in one object, which lies in the phone's memory in every
// build. There are no other mutable globals; subsystems that need no neighbours (allocators,
// tables, readers) never include this header, so that they compile into plain programs.
#pragma once

#include <atomic>

#include "kernel/abi/info.hpp"
#include "kernel/base/lock.hpp"
#include "kernel/base/random.hpp"
#include "kernel/base/text.hpp"
#include "kernel/boot/archive.hpp"
#include "kernel/boot/command_line.hpp"
#include "kernel/boot/machine.hpp"
#include "kernel/container/containers.hpp"
#include "kernel/drivers/clocks.hpp"
#include "kernel/drivers/console.hpp"
#include "kernel/drivers/gicv2.hpp"
#include "kernel/drivers/ram_disk.hpp"
#include "kernel/ipc/port.hpp"
#include "kernel/memory/frame_allocator.hpp"
#include "kernel/memory/frames/node_frames.hpp"
#include "kernel/memory/heap/heap_choice.hpp"
#include "kernel/memory/memory.hpp"
#include "kernel/memory/objects/file_object.hpp"
#include "kernel/schedule/energy/energy.hpp"
#include "kernel/schedule/rendezvous.hpp"
#include "kernel/schedule/scheduler.hpp"
#include "kernel/sync/futex_table.hpp"
#include "kernel/task/tasks.hpp"
#include "kernel/trace/allocation_recorder.hpp"
#include "kernel/trace/trace.hpp"

namespace kernel {

struct Kernel {
    abi::KernelInfo info{};  // first: whoever looks from outside finds it at the object's address
    CommandLine options;
    MachineDescription machine;
    NodeFrames node_frames[Frames::max_nodes];
    FrameRecords frame_records[Frames::max_nodes];
    Frames frames;
    ChosenHeap heap;
    Memory memory{frames, info.memory};
    FileObjects files{memory};
    RamDisk swap_disk;
    void* swap_metadata = nullptr;
    Archive archive;
    Random random;
    Gicv2 interrupts;
    Console console{info};
    Clocks clocks;
    Trace trace{info};
    AllocationRecorder allocation_recorder{trace};
    Scheduler scheduler;
    Energy energy;
    FutexTable futexes;
    Rendezvous rendezvous;
    Containers containers{info.containers, trace};
    Tasks tasks;
    DeadPorts dead_ports;
    Interrupt* device_interrupts[max_interrupts] = {};  // by line, locked
    uint32_t held_ranks[hal::max_cpus] = {};
    std::atomic<bool> panicked{false};
    bool holds_wanted = false;  // a debugger waits at hold()
};

inline Kernel& kernel() {
    return *static_cast<Kernel*>(hal::Machine::kernel_storage());
}

// Time in nanoseconds and ticks of the generic timer. Durations beyond the range saturate.
[[nodiscard]] uint64_t nanoseconds_of(uint64_t ticks);
[[nodiscard]] uint64_t ticks_of(uint64_t nanoseconds);
// Nanoseconds since the kernel's entry.
[[nodiscard]] uint64_t uptime();

// A line of the kernel's log on the console, with the time before it.
void log_line(std::string_view text);

template <class... Arguments>
void log(std::string_view pattern, const Arguments&... arguments) {
    char line[224];
    log_line({line, format(line, sizeof line, pattern, arguments...)});
}

}  // namespace kernel
