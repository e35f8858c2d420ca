// SPDX-License-Identifier: Apache-2.0
// System calls: numbers, arguments and structures, shared by the kernel, userland and host tools.
//
// Convention: `svc #0` with the number in x8 and arguments in x0 to x5. On return x0 holds a value
// (zero or above) or an abi::Status (below zero), x1 a second value where one is named; every other
// register is preserved. Calls that pass messages have words in x4 to x7 and return label, info,
// badge and words in x1 to x7 (message.hpp).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/abi/container.hpp"
#include "kernel/abi/right.hpp"
#include "kernel/abi/schedule.hpp"

namespace kernel::abi {

enum class SystemCall : uint32_t {
    Null = 0,          // ()                                        -> 0; for measuring a trap
    TaskExit = 1,      // (exit code)                               does not return
    ThreadExit = 2,    // (value)                                   does not return; the last thread
                       // ends the task
    ThreadYield = 3,   // ()                                        -> 0
    ThreadSleep = 4,   // (nanoseconds)                             -> 0
    ClockNow = 5,      // ()                                        -> nanoseconds since boot
    ThreadCreate = 6,  // (entry, stack top, argument, CPU mask)    -> name, x1 = id; mask 0: any
    ThreadJoin = 7,    // (name)                                    -> 0, x1 = its exit value
    MemoryMap = 8,     // (size, Protection bits, address or 0)     -> address
    MemoryUnmap = 9,   // (address, size)                           -> 0
    ConsoleWrite =
        10,  // (address, size)                           -> bytes taken, at most console_chunk
    ConsoleRead =
        11,           // (address, size)                           -> bytes; waits for the first one
    TaskSpawn = 12,   // (SpawnArguments*)                         -> name, x1 = id
    TaskWait = 13,    // (name, TaskResult*)                       -> 0; removes it
    TaskKill = 14,    // (name)                                    -> 0
    ArchiveMap = 15,  // ()                                        -> address, x1 = size; read-only
    SystemInfo = 16,  // (SystemInfo*)                             -> 0
    CpuNumber = 17,   // ()                                        -> CPU the caller runs on
    PowerOff = 18,    // (exit code)                               does not return
    MemoryProtect = 19,       // (address, size, Protection bits)          -> 0
    PerformanceRead = 20,     // (domain, PerformanceDomain*)               -> 0
    PerformanceSet = 21,      // (domain, frequency in kHz)                 -> 0
    MemoryAudit = 22,         // (MemoryAuditReport*)                      -> 0
    MemoryObjectCreate = 23,  // (kind, size, or path and its length)      -> name
    MemoryObjectCopy = 24,    // (name)                                    -> name
    MemoryObjectClose = 25,   // (name)                                    -> 0
    MemoryMapObject = 26,     // (MapArguments*)                           -> address
    MemoryCopy = 27,          // (address, size)                           -> address
    MemoryAdvise = 28,        // (address, size, MemoryAdvice)             -> 0
    MemoryQuery = 29,         // (address, PageInfo*)                      -> 0
    FramesOperate = 30,       // (FrameOperation*, count, FrameFlag bits)   -> operations done
    FramesRead = 31,          // (FrameReport*)                             -> 0
    FramesMap = 32,      // (uint16_t*, first area, areas)            -> areas; free frames of each
    MemoryCompact = 33,  // (blocks)                                  -> blocks of 2 MiB made
    PagePoolRegister = 34,  // (PagePoolState*, or 0)                    -> 0
    BalloonRequest = 35,    // (name, pages, nanoseconds)                -> pages, x1 = forced
    BalloonWait = 36,       // (nanoseconds)                             -> pages wanted, or 0
    RightCopy =
        37,  // (name, mask, badge, nanoseconds)           -> name; derived; 0: no badge, no end
    RightClose = 38,   // (name)                                    -> 0
    RightRevoke = 39,  // (name)                                    -> rights taken back
    RightRead = 40,    // (name, RightReport*)                      -> 0
    RightOpen = 41,    // (name, ObjectType, id)                    -> name; of a part of its object
    PortCreate = 45,   // (limit of its queue)                      -> name; of the right to receive
    MessageSend = 46,  // (name, label, transfer, timeout, words)   -> 0
    MessageCall = 47,  // (name, label, transfer, timeout, words)   -> 0 and the answer
    MessageReceive = 48,       // (name, 0, transfer, timeout)             -> 0 and a message
    MessageReply = 49,         // (0, label, transfer, 0, words)            -> 0
    MessageReplyReceive = 50,  // (name, label, transfer, timeout, words)   -> 0 and a message
    ReplySave =
        51,  // ()                                        -> name; of a right to answer later
    PortSetCreate = 52,         // ()                                        -> name
    PortSetChange = 53,         // (set, port, 1: joins, 0: leaves)          -> 0
    PortNotify = 54,            // (name, PortEvent, port to be told)        -> 0
    PortRead = 55,              // (name, PortReport*)                       -> 0
    InterruptCreate = 56,       // (interrupt)                               -> name
    InterruptBind = 57,         // (name, port, flags)                       -> 0
    InterruptAcknowledge = 58,  // (name)                                    -> 0; it may come again
    ThreadSchedule = 60,        // (name or 0, ThreadParameters*)            -> 0; 0: the caller
    ThreadScheduleRead = 61,    // (name or 0, ThreadReport*)                -> 0; 0: the caller
    CpuPlug = 62,               // (CPU, 0 or 1)                             -> 0
    ScheduleRead = 63,          // (ScheduleInfo*)                           -> 0
    FutexWait = 70,             // (address, expected, deadline)             -> 0 once woken
    FutexWake = 71,             // (address, count)                          -> threads woken
    LockWait = 72,              // (address, expected, deadline)             -> 0 once woken
    LockWake = 73,              // (address)                                 -> threads woken
    ThreadNumber = 74,          // ()                                        -> id of the caller
    ThreadSuspend = 75,         // (name of a thread or a task)              -> 0; task: all threads
    ThreadResume = 76,          // (the same)                                -> 0
    ThreadRead = 77,            // (thread's name, RegisterSet, registers*)  -> 0
    ThreadWrite = 78,           // (thread's name, RegisterSet, registers*)  -> 0
    ExceptionBind = 79,         // (name of a thread or a task, port or 0)   -> 0
    ContainerCreate = 80,       // (ContainerArguments*)                     -> name, x1 = id
    ContainerStart = 81,        // (name)                                    -> 0
    ContainerKill = 82,         // (name)                                    -> 0
    ContainerDelete = 83,       // (name)                                    -> 0
    ContainerPause = 84,        // (name)                                    -> 0
    ContainerResume = 85,       // (name)                                    -> 0
    ContainerSet = 86,          // (name, ContainerLimit, value)             -> 0
    ContainerStatistics = 87,   // (name or 0, ContainerStatistics*)         -> 0
    ContainerNext = 88,  // (name or 0, id of a child or 0)           -> id of the next child, or 0
    ContainerBind = 89,  // (name, port or 0)                         -> 0; who is told of events
    AuditControl = 93,   // (name, AuditMode bits)                    -> 0
    AuditRead = 94,      // (name, AuditRecord*, count)               -> records, x1 = forgotten
    Limit = 128,         // numbers are below it, and not each has a call
};

constexpr const char* system_call_name(SystemCall call) {
    switch (call) {
        case SystemCall::Null: return "null";
        case SystemCall::TaskExit: return "task_exit";
        case SystemCall::ThreadExit: return "thread_exit";
        case SystemCall::ThreadYield: return "thread_yield";
        case SystemCall::ThreadSleep: return "thread_sleep";
        case SystemCall::ClockNow: return "clock_now";
        case SystemCall::ThreadCreate: return "thread_create";
        case SystemCall::ThreadJoin: return "thread_join";
        case SystemCall::MemoryMap: return "memory_map";
        case SystemCall::MemoryUnmap: return "memory_unmap";
        case SystemCall::ConsoleWrite: return "console_write";
        case SystemCall::ConsoleRead: return "console_read";
        case SystemCall::TaskSpawn: return "task_spawn";
        case SystemCall::TaskWait: return "task_wait";
        case SystemCall::TaskKill: return "task_kill";
        case SystemCall::ArchiveMap: return "archive_map";
        case SystemCall::SystemInfo: return "system_info";
        case SystemCall::CpuNumber: return "cpu_number";
        case SystemCall::PowerOff: return "power_off";
        case SystemCall::MemoryProtect: return "memory_protect";
        case SystemCall::PerformanceRead: return "performance_read";
        case SystemCall::PerformanceSet: return "performance_set";
        case SystemCall::MemoryAudit: return "memory_audit";
        case SystemCall::MemoryObjectCreate: return "memory_object_create";
        case SystemCall::MemoryObjectCopy: return "memory_object_copy";
        case SystemCall::MemoryObjectClose: return "memory_object_close";
        case SystemCall::MemoryMapObject: return "memory_map_object";
        case SystemCall::MemoryCopy: return "memory_copy";
        case SystemCall::MemoryAdvise: return "memory_advise";
        case SystemCall::MemoryQuery: return "memory_query";
        case SystemCall::FramesOperate: return "frames_operate";
        case SystemCall::FramesRead: return "frames_read";
        case SystemCall::FramesMap: return "frames_map";
        case SystemCall::MemoryCompact: return "memory_compact";
        case SystemCall::PagePoolRegister: return "page_pool_register";
        case SystemCall::BalloonRequest: return "balloon_request";
        case SystemCall::BalloonWait: return "balloon_wait";
        case SystemCall::RightCopy: return "right_copy";
        case SystemCall::RightClose: return "right_close";
        case SystemCall::RightRevoke: return "right_revoke";
        case SystemCall::RightRead: return "right_read";
        case SystemCall::RightOpen: return "right_open";
        case SystemCall::PortCreate: return "port_create";
        case SystemCall::MessageSend: return "message_send";
        case SystemCall::MessageCall: return "message_call";
        case SystemCall::MessageReceive: return "message_receive";
        case SystemCall::MessageReply: return "message_reply";
        case SystemCall::MessageReplyReceive: return "message_reply_receive";
        case SystemCall::ReplySave: return "reply_save";
        case SystemCall::PortSetCreate: return "port_set_create";
        case SystemCall::PortSetChange: return "port_set_change";
        case SystemCall::PortNotify: return "port_notify";
        case SystemCall::PortRead: return "port_read";
        case SystemCall::InterruptCreate: return "interrupt_create";
        case SystemCall::InterruptBind: return "interrupt_bind";
        case SystemCall::InterruptAcknowledge: return "interrupt_acknowledge";
        case SystemCall::FutexWait: return "futex_wait";
        case SystemCall::FutexWake: return "futex_wake";
        case SystemCall::LockWait: return "lock_wait";
        case SystemCall::LockWake: return "lock_wake";
        case SystemCall::ThreadNumber: return "thread_number";
        case SystemCall::ThreadSuspend: return "thread_suspend";
        case SystemCall::ThreadResume: return "thread_resume";
        case SystemCall::ThreadRead: return "thread_read";
        case SystemCall::ThreadWrite: return "thread_write";
        case SystemCall::ExceptionBind: return "exception_bind";
        case SystemCall::ContainerCreate: return "container_create";
        case SystemCall::ContainerStart: return "container_start";
        case SystemCall::ContainerKill: return "container_kill";
        case SystemCall::ContainerDelete: return "container_delete";
        case SystemCall::ContainerPause: return "container_pause";
        case SystemCall::ContainerResume: return "container_resume";
        case SystemCall::ContainerSet: return "container_set";
        case SystemCall::ContainerStatistics: return "container_statistics";
        case SystemCall::ContainerNext: return "container_next";
        case SystemCall::ContainerBind: return "container_bind";
        case SystemCall::ThreadSchedule: return "thread_schedule";
        case SystemCall::ThreadScheduleRead: return "thread_schedule_read";
        case SystemCall::CpuPlug: return "cpu_plug";
        case SystemCall::ScheduleRead: return "schedule_read";
        case SystemCall::AuditControl: return "audit_control";
        case SystemCall::AuditRead: return "audit_read";
        case SystemCall::Limit: break;
    }
    return "unknown";
}

// The word of a lock that LockWait waits for: the id of the thread that holds it, and whether
// somebody waits. 0: nobody holds it.
constexpr uint32_t lock_is_waited_for = 1U << 31;
constexpr uint32_t lock_holder = ~lock_is_waited_for;

// Page protection. Write together with Execute is refused: W^X always.
enum Protection : uint32_t {
    ProtectionRead = 1,
    ProtectionWrite = 2,
    ProtectionExecute = 4,
};

// How memory is mapped, beside its protection.
enum MapFlags : uint32_t {
    MapOvercommit = 1U << 8,  // pages count for the task's limit when they are touched, not before
    MapPopulate = 1U << 9,    // all pages are there at once
    MapPrivate = 1U << 10,    // of an object: a copy on write of its own
};

// What MemoryObjectCreate makes.
enum class ObjectKind : uint32_t {
    Anonymous = 0,  // (size): zeroes at first
    File = 1,       // (path, its length): a file of the boot archive, read-only
    Physical = 2,   // (address, size): registers of a device; needs RightPhysical
};

enum class MemoryPolicy : uint32_t {
    Local = 0,        // the nearest node that has memory
    Bound = 1,        // only the nodes given
    Interleaved = 2,  // the nodes given in turn, page by page
};

// What to map of an object. Sizes and offsets are whole pages.
struct MapArguments {
    uint32_t handle;
    uint32_t protection;
    uint32_t flags;  // MapFlags
    MemoryPolicy policy;
    uint64_t offset;
    uint64_t size;     // 0: to the object's end
    uint64_t address;  // 0: the kernel chooses
    uint32_t nodes;    // mask, for Bound and Interleaved
    uint32_t task;     // 0: the caller; else the name of another, not with MapPrivate
};
static_assert(sizeof(MapArguments) == 48);

enum class MemoryAdvice : uint32_t {
    Discard = 0,   // private pages become what they were at first
    WillNeed = 1,  // all pages are made to be there
    PageOut = 2,   // pages are put away
    Huge = 3,      // blocks of 2 MiB are wanted
    NoHuge = 4,    // and these are not
};

// What a page belongs to and where it is.
struct PageInfo {
    uint64_t region_begin;
    uint64_t region_size;
    uint32_t protection;  // of the region
    uint32_t mapped;      // rights that the page tables give at the moment; 0: not mapped
    uint32_t kind;        // of the object: 0 anonymous, 1 file, 2 physical
    uint32_t shares;      // how many pages of objects are in this frame; 0 where none is counted
    uint32_t resident;
    uint32_t swapped;
    uint32_t huge;  // mapped with 511 others at once
    uint32_t node;  // index of its frame's NUMA node, by ascending numa-node-id
};
static_assert(sizeof(PageInfo) == 48);

// Who has a page frame. Tables, anonymous and held frames belong to a task.
enum class FrameOwner : uint32_t {
    Free = 0,
    Kernel = 1,     // objects of the kernel, and whatever else is its own
    Tables = 2,     // page tables of a task
    Anonymous = 3,  // memory of one task, zero at first
    Shared = 4,     // of several tasks, or of several objects until one of them writes
    File = 5,       // copies of the archive's files
    Swap = 6,       // pages that were put away, compressed
    Held = 7,       // contiguous memory handed to a program
};
constexpr uint32_t frame_owner_count = 8;

constexpr const char* frame_owner_name(FrameOwner owner) {
    constexpr const char* names[] = {"free",   "kernel", "tables", "anonymous",
                                     "shared", "file",   "swap",   "held"};
    static_assert(sizeof(names) / sizeof(names[0]) == frame_owner_count);
    const auto index = static_cast<uint32_t>(owner);
    return index < frame_owner_count ? names[index] : "unknown";
}

// What of the kernel's own books on page frames does not agree.
enum class MemoryMismatch : uint32_t {
    None = 0,
    Record = 1,      // a frame's record is none that can be; detail: its physical address
    Strategy = 2,    // the strategy's structures contradict each other; detail: node
    FreeFrames = 3,  // its count of free frames is not that of the records; detail: node
    Histogram = 4,   // its free blocks have not as many frames; detail: node
    Counter = 5,     // an owner's counters are not its records; detail: FrameOwner
    Tables = 6,      // a task's page table has not as many frames as its records; detail: slot
};

constexpr const char* memory_mismatch_name(MemoryMismatch mismatch) {
    switch (mismatch) {
        case MemoryMismatch::None: return "none";
        case MemoryMismatch::Record: return "record";
        case MemoryMismatch::Strategy: return "strategy";
        case MemoryMismatch::FreeFrames: return "free frames";
        case MemoryMismatch::Histogram: return "histogram";
        case MemoryMismatch::Counter: return "counter";
        case MemoryMismatch::Tables: return "tables";
    }
    return "unknown";
}

// Frames as their records have them, with all other CPUs stopped. The sum over `owners` is
// frames_total.
struct MemoryAuditReport {
    uint64_t frames_total;
    uint64_t frames_free;
    uint64_t owners[frame_owner_count];
    uint64_t caller[frame_owner_count];  // those of the calling task
    MemoryMismatch mismatch;             // the first that was found
    uint32_t reserved;
    uint64_t detail;
};
static_assert(sizeof(MemoryAuditReport) == 160);

constexpr uint64_t page_size = 4096;
constexpr uint64_t console_chunk = 256;     // bytes that one ConsoleWrite takes at most
constexpr uint64_t name_size = 32;          // a task's name, NUL included
constexpr uint64_t argument_size = 1024;    // a program's argument string at most
constexpr uint32_t max_handles = 32;        // rights to memory that a task has, or shows memory of
constexpr uint32_t max_spawn_objects = 16;  // rights that a child is given
constexpr uint64_t user_stack_size = 64 * 1024;
// User addresses: [user_base, user_end). The first 64 KiB stay unmapped, so null is never valid.
constexpr uint64_t user_base = 0x1'0000;
constexpr uint64_t user_end = 0x0000'8000'0000'0000;

// A new program starts with x0 = address and x1 = length of its argument string, sp 16-aligned.
struct SpawnArguments {
    uint64_t path;  // user address of the file's name in the archive
    uint64_t path_length;
    uint64_t arguments;         // user address of the argument string
    uint64_t arguments_length;  // at most argument_size
    uint64_t cpu_mask;          // CPUs the first thread may run on; 0 means any
    uint64_t objects;           // user address of names: the child gets rights derived from these,
                                // and finds them by given_name(0), given_name(1), ...
    uint64_t object_count;      // at most max_spawn_objects
    uint64_t system;            // RightMask: what of the caller's own it may use of the machine
    uint32_t container = 0;     // name of the container that it is to be in; 0: the caller's own
    // RightMask: what of the caller's own right to that container it has.
    uint32_t container_mask = right_usual_container;
};
static_assert(sizeof(SpawnArguments) == 72);

enum class EndReason : uint32_t {
    Running = 0,
    Exited = 1,       // by itself; exit_code says with what
    Faulted = 2,      // ended by the kernel for a fault
    Killed = 3,       // by TaskKill
    OutOfMemory = 4,  // ended by the kernel: memory it touched could not be had
};

constexpr const char* end_reason_name(EndReason reason) {
    switch (reason) {
        case EndReason::Running: return "running";
        case EndReason::Exited: return "exited";
        case EndReason::Faulted: return "faulted";
        case EndReason::Killed: return "killed";
        case EndReason::OutOfMemory: return "out of memory";
    }
    return "unknown";
}

struct TaskResult {
    EndReason reason;
    int32_t exit_code;  // for Exited
    uint32_t syndrome;  // for Faulted: ESR_EL1
    uint32_t reserved;
    uint64_t address;  // for Faulted: FAR_EL1 where the fault has one
    uint64_t pc;       // for Faulted
};
static_assert(sizeof(TaskResult) == 32);

constexpr uint32_t max_performance_levels = 16;
constexpr size_t short_name_size = 16;

// CPUs that change their clock together. Frequencies are in kHz.
struct PerformanceDomain {
    uint64_t cpu_mask;
    uint32_t current;  // in force; throttling may keep it below what was set
    uint32_t lowest;   // limits of what can be set
    uint32_t highest;
    uint32_t level_count;
    uint32_t levels[max_performance_levels];  // ascending
    char name[short_name_size];
};
static_assert(sizeof(PerformanceDomain) == 104);

// Blocks of page frames that a task holds without mapping them, in slots that it numbers itself. A
// block of order n is 2^n frames of 4 KiB, contiguous and aligned to its size.
constexpr uint32_t frame_orders = 11;
constexpr uint32_t frame_slots = 512 * 512;
constexpr uint32_t most_frame_operations = 1024;  // in one call
constexpr uint32_t most_frame_areas = 1024;
constexpr uint32_t area_frames = 512;  // 2 MiB

enum class FrameOperationKind : uint8_t { Allocate = 0, Free = 1 };
enum class FrameMobility : uint8_t { Movable = 0, Unmovable = 1 };
enum class FramePolicy : uint8_t {
    Local = 0,        // the node of the caller's CPU, then the others by distance
    Bound = 1,        // only nodes of the mask, the nearest first
    Interleaved = 2,  // the nodes of the mask in turn, by slot
};
enum FrameFlag : uint64_t {
    FrameMeasure = 1,  // ticks of each operation are wanted
};

struct FrameOperation {
    uint32_t slot;
    FrameOperationKind kind;
    uint8_t order;
    FrameMobility mobility;  // of an allocation, and the two below
    FramePolicy policy;
    uint32_t nodes;  // mask by the order of the nodes' ids
    int32_t status;  // written by the kernel: a Status
    uint32_t ticks;  // written by the kernel when measured: of the allocator alone
    uint32_t reserved;
};
static_assert(sizeof(FrameOperation) == 24);

// Physical memory at one moment.
struct FrameReport {
    uint64_t nanoseconds;  // since boot
    uint64_t frequency;    // of the ticks of FrameOperation, in Hz
    uint64_t total;
    uint64_t free;
    uint64_t reserve;  // of the free ones, those that programs do not get
    uint64_t held;     // frames that the caller's task owns, page tables and its slots included
    uint64_t limit;
    uint64_t metadata_bytes;             // of the page-frame strategy and the page cache
    uint64_t free_blocks[frame_orders];  // free memory as the largest blocks it can be cut into
};
static_assert(sizeof(FrameReport) == 152);

// What ThreadRead and ThreadWrite are about.
enum class RegisterSet : uint32_t {
    General = 0,  // GeneralRegisters
    Vector = 1,   // VectorRegisters
};

struct GeneralRegisters {
    uint64_t x[31];
    uint64_t sp;
    uint64_t pc;
    uint64_t pstate;  // of it, only N, Z, C and V may be other than zero
    uint64_t tpidr;   // TPIDR_EL0
    uint64_t reserved;
};
static_assert(sizeof(GeneralRegisters) == 288);

struct VectorRegisters {
    uint64_t v[64];  // V0 low, V0 high, V1 low, ...
    uint64_t fpcr;
    uint64_t fpsr;
};
static_assert(sizeof(VectorRegisters) == 528);

struct SystemInfo {
    uint32_t cpus_present;
    uint32_t cpus_online;
    uint64_t frames_total;
    uint64_t frames_free;
    uint64_t tasks;
    uint64_t threads;
};
static_assert(sizeof(SystemInfo) == 40);

}  // namespace kernel::abi
