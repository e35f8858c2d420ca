// SPDX-License-Identifier: Apache-2.0
// KernelInfo: what the kernel shows to whoever looks from outside: the simulator, a test harness, a
// debugger. It lies in the phone's memory at a place the outside can find without help from a
// running kernel, by words of the image header (Linux arm64 boot protocol) that are reserved or
// never executed. Offsets from the image's start: 0x4 where the boot code has chosen the image's
// address, 0x20 kernel_hold(), 0x28 KernelInfo. 0x30 holds the virtual address of the image: where
// it was linked, and in memory, from that point on, where it runs. The host build gives the address
// directly.
//
// The outside only reads, with two exceptions that say so: TraceRing::tail and hold_at.
#pragma once

#include "kernel/abi/syscall.hpp"
#include "kernel/abi/trace.hpp"

namespace kernel::abi {

constexpr uint64_t info_magic = 0x4f464e4952524f31;  // "1ORRINFO" as little-endian bytes
constexpr uint32_t info_version = 4;
constexpr uint32_t max_cpus = 8;
constexpr uint32_t max_tasks = 256;
constexpr uint32_t max_fault_reports = 64;
constexpr uint32_t max_memory_nodes = 4;

enum class KernelState : uint32_t {
    Off = 0,
    Booting = 1,
    Running = 2,     // init has been started
    PoweredOff = 3,  // power_off_code holds the exit code given
    Panicked = 4,    // epitaph is filled in
};

constexpr const char* kernel_state_name(KernelState state) {
    switch (state) {
        case KernelState::Off: return "off";
        case KernelState::Booting: return "booting";
        case KernelState::Running: return "running";
        case KernelState::PoweredOff: return "powered_off";
        case KernelState::Panicked: return "panicked";
    }
    return "unknown";
}

struct CpuInfo {
    uint32_t online;
    uint32_t thread;  // running thread, 0 when idle
    uint64_t traps;
    uint64_t system_calls;
    uint64_t interrupts;
    uint64_t faults;
    uint64_t context_switches;
    uint64_t idle_ticks;
    uint64_t user_ticks;  // with a thread as current, system time included
};
static_assert(sizeof(CpuInfo) == 64);

// A slot of the task table; id 0 means free. A task stays until its parent has waited for it.
struct TaskInfo {
    uint32_t id;
    uint32_t parent;
    char name[name_size];
    EndReason reason;
    int32_t exit_code;
    uint32_t threads;
    uint32_t container;
    uint64_t frames;     // page frames the task owns, page tables included
    uint64_t cpu_ticks;  // summed over its threads, up to their last switch
    uint64_t cpu_mask;   // CPUs its threads have run on
    uint64_t created_ticks;
    uint64_t load_bias;  // where its program was loaded, less where it was linked
};
static_assert(sizeof(TaskInfo) == 96);

// Why the kernel ended a task. The instruction word is for the reader to disassemble.
struct FaultReport {
    uint32_t task;
    uint32_t thread;
    char name[name_size];
    uint64_t ticks;
    uint64_t syndrome;  // ESR_EL1
    uint64_t address;   // FAR_EL1, valid for aborts
    uint64_t pc;
    uint64_t sp;
    uint64_t pstate;
    uint64_t x[31];
    uint32_t instruction;  // word at pc; 0 when it cannot be read
    uint32_t instruction_valid;
    uint64_t load_bias;  // as TaskInfo::load_bias
};
static_assert(sizeof(FaultReport) == 352);

// The last words of a kernel that panicked: fixed size, plain values.
struct Epitaph {
    uint32_t valid;
    uint32_t cpu;
    uint32_t thread;
    uint32_t line;
    uint64_t ticks;
    uint64_t values[4];  // what the assertion or trap had to say
    char file[64];
    char message[128];
};
static_assert(sizeof(Epitaph) == 248);

// Physical memory of a NUMA node.
struct FrameNodeInfo {
    uint32_t id;  // numa-node-id of the device tree
    uint32_t reserved;
    uint64_t frames_total;
    uint64_t frames_free;
    uint64_t metadata_bytes;             // of the page-frame strategy and the page cache
    uint64_t free_blocks[frame_orders];  // free blocks of 2^order frames, as large as they can be
};
static_assert(sizeof(FrameNodeInfo) == 120);

// What the page-frame strategy says. KernelInfo::frame_counts are always exact; free_blocks and the
// nodes' frames_free are as of shown_ticks: a CPU brings them up to date after 256 operations, when
// it has nothing to run, and before a hold.
struct FrameInfo {
    char allocator[16];  // name of the strategy
    uint32_t page_cache;
    uint32_t nodes_present;
    uint64_t shown_ticks;
    FrameNodeInfo nodes[max_memory_nodes];
};
static_assert(sizeof(FrameInfo) == 512);

// What a CPU has done about memory: page faults by what they led to, those that the kernel itself
// meets in user memory included, and more.
struct MemoryEvents {
    uint64_t faults_zero;     // a page of zeroes was made
    uint64_t faults_file;     // a page was read from a file
    uint64_t faults_copy;     // a shared page was copied
    uint64_t faults_present;  // the page was there and only had to be mapped
    uint64_t faults_huge;     // 2 MiB of zeroes were made
    uint64_t promotions;      // 512 pages became one mapping of 2 MiB
    uint64_t splits;          // and the other way round
    uint64_t faults_swap;     // a page that was stored away was had back
};
static_assert(sizeof(MemoryEvents) == 64);

// What a CPU has taken and not given back, by owner, and under Free what it has given back and not
// taken: differences, modulo 2^64. Summed over all CPUs they are the frames that each owner has;
// those that are free are frames_total and the sum under Free. One cache line, one writer.
struct alignas(64) FrameCounts {
    uint64_t owners[frame_owner_count];
};
static_assert(sizeof(FrameCounts) == 64);
// What the kernel heap says, as of shown_ticks: a CPU brings it up to date when it has nothing to
// run, at most once a millisecond, and before a hold.
struct HeapInfo {
    char allocator[16];  // its name
    uint32_t debug;      // heap_debug=on
    uint32_t reserved;
    uint64_t frames;   // page frames it holds
    uint64_t objects;  // in use
    uint64_t bytes;    // that these take
    uint64_t shown_ticks;
};
static_assert(sizeof(HeapInfo) == 56);

// Pages that are stored away.
struct SwapFigures {
    uint64_t pages_zero;        // stored now, as flags (each share counts)
    uint64_t pages_memory;      // compressed in memory
    uint64_t pages_device;      // on the device
    uint64_t compressed_bytes;  // of the pages in memory, without the pool's waste
    uint64_t frames;            // that the pages in memory take
    uint64_t stored;            // since boot, like all below
    uint64_t loaded;
    uint64_t refused;  // pages for which there was no room
    uint64_t device_reads;
    uint64_t device_writes;
    uint64_t device_errors;
    uint64_t moved;  // pages that went from memory on to the device
};
static_assert(sizeof(SwapFigures) == 96);

// What was done for want of memory, since boot.
struct PressureInfo {
    uint64_t watermark_min;  // in frames, over all nodes
    uint64_t watermark_low;
    uint64_t watermark_high;
    uint64_t direct_reclaims;      // by who needed memory
    uint64_t background_reclaims;  // steps of idle CPUs
    uint64_t pages_hidden;         // taken out of page tables, to see whether they are used
    uint64_t pages_dropped;        // of files
    uint64_t pages_swapped_out;
    uint64_t pages_swapped_in;
    uint64_t pages_moved;  // by compaction
    uint64_t blocks_made;  // of 2 MiB, by compaction
    uint64_t balloon_requests;
    uint64_t balloon_wanted;  // pages
    uint64_t balloon_taken;   // free pages of pools, taken without asking
    uint64_t balloon_forced;  // pages that were evicted after the deadline
    uint64_t out_of_memory_ends;
    SwapFigures swap;
};
static_assert(sizeof(PressureInfo) == 224);

struct KernelInfo {
    uint64_t magic;
    uint32_t version;
    uint32_t size;  // sizeof(KernelInfo)
    KernelState state;
    uint32_t cpus_present;
    uint64_t timer_frequency;  // ticks a second
    uint64_t boot_ticks;       // counter at kernel entry
    uint64_t init_ticks;       // counter when init's first thread was made runnable
    int64_t power_off_code;
    uint64_t frames_total;
    // Written by the outside: the counter value at which the boot CPU calls kernel_hold(), where a
    // debugger that has a breakpoint there finds the machine at rest. 0: never.
    uint64_t hold_at;
    uint64_t hold_ticks;       // counter when kernel_hold() was last called
    uint64_t holds;            // times kernel_hold() was called; also when a trace ring fills up
    uint64_t console_written;  // bytes the console has sent
    uint64_t console_read;     // bytes it took in
    uint64_t console_lost;     // bytes of input that came too fast, or that nobody read in time
    CpuInfo cpus[max_cpus];
    TraceRing rings[max_cpus];
    Epitaph epitaph;
    uint64_t fault_count;  // faults since boot; the newest max_fault_reports are kept
    FaultReport faults[max_fault_reports];
    TaskInfo tasks[max_tasks];
    FrameInfo frames;
    uint64_t frame_record_bytes;  // what the kernel keeps of each frame, beside any strategy's data
    FrameCounts frame_counts[max_cpus];
    HeapInfo heap;
    MemoryEvents memory[max_cpus];
    PressureInfo pressure;
    ContainerInfo containers[max_containers];
    ScheduleInfo schedule;
};

}  // namespace kernel::abi
