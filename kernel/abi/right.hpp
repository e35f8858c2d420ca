// SPDX-License-Identifier: Apache-2.0
// Rights: what a task can name, and what it may do with it.
//
// A name is a number in a task's own table: an index in the low 16 bits, a generation above it, so
// that a name that was closed, or made up, names nothing. 0 names nothing ever.
#pragma once

#include <stdint.h>

namespace kernel::abi {

enum class ObjectType : uint32_t {
    None = 0,
    Task = 1,
    Thread = 2,
    Port = 3,
    PortSet = 4,
    Memory = 5,
    Container = 6,
    Interrupt = 7,
    System = 8,  // no object: the masks says what of the machine may be used
    Reply = 9,   // a call that waits for its answer
};
constexpr uint32_t object_type_count = 10;

constexpr const char* object_type_name(ObjectType type) {
    constexpr const char* names[] = {"none",   "task",      "thread",    "port",   "port set",
                                     "memory", "container", "interrupt", "system", "reply"};
    static_assert(sizeof(names) / sizeof(names[0]) == object_type_count);
    const auto index = static_cast<uint32_t>(type);
    return index < object_type_count ? names[index] : "unknown";
}

// What a right allows: bits that all types have, and from bit 8 on those of its type.
enum RightMask : uint32_t {
    RightDuplicate = 1U << 0,  // a right with the same or less may be derived from it
    RightTransfer = 1U << 1,   // it may be sent, or given to a child
    RightRevoke = 1U << 2,     // all that was derived from it may be taken back

    RightSend = 1U << 8,      // Port: any number of messages
    RightSendOnce = 1U << 9,  // Port: one message
    RightReceive = 1U << 10,  // Port: take messages out; the only one

    RightRead = 1U << 8,      // Memory: map for reading
    RightWrite = 1U << 9,     // Memory: map for writing
    RightExecute = 1U << 10,  // Memory: map for execution

    RightControl = 1U << 8,  // Task, Thread, Container, PortSet, Interrupt: change it
    RightInspect = 1U << 9,  // the same: look at it
    RightWait = 1U << 10,    // Task, Thread: wait for its end, which uses the name up
    RightCreate = 1U << 11,  // Container: make tasks and containers in it
    RightEvents = 1U << 12,  // Container: have a port told what happens to it

    RightConsole = 1U << 8,       // System: read and write the console
    RightArchive = 1U << 9,       // System: files of the boot archive
    RightPowerOff = 1U << 10,     // System: the end of the machine
    RightPerformance = 1U << 11,  // System: set clocks
    RightFrames = 1U << 12,       // System: hold page frames, see where they are
    RightPhysical = 1U << 13,     // System: registers of devices
    RightInterrupts = 1U << 14,   // System: interrupts of devices
    RightAudit = 1U << 15,        // System: the kernel's books and logs
    RightInfo = 1U << 16,         // System: figures of the machine
    RightSchedule = 1U << 17,     // System: scheduling beyond the caller's own means
};

constexpr uint32_t right_common = RightDuplicate | RightTransfer | RightRevoke;
constexpr uint32_t right_all_system = 0x3ff00 | right_common;
// Tasks and threads: what a task has of itself and of what it has made.
constexpr uint32_t right_all_task = right_common | RightControl | RightInspect | RightWait;
constexpr uint32_t right_all_container =
    right_common | RightControl | RightInspect | RightCreate | RightEvents;
// What programs are given of the container that they are in, as a rule.
constexpr uint32_t right_usual_container = right_common | RightInspect | RightCreate;

constexpr uint32_t null_name = 0;
// The names that a new task's first rights have, in order.
constexpr uint32_t first_name(uint32_t index) {
    return 1U << 16 | index;
}
// What it may use of the machine: calls that need no other name look here. It may allow nothing.
constexpr uint32_t system_name = first_name(0);
// The task itself.
constexpr uint32_t task_name = first_name(1);
// The container that it is in; it may allow nothing.
constexpr uint32_t container_name = first_name(2);
// What its parent gave it beside these.
constexpr uint32_t given_name(uint32_t index) {
    return first_name(3 + index);
}
// What programs are not given as a rule.
constexpr uint32_t right_trusted = RightPowerOff | RightPhysical | RightInterrupts | RightSchedule;
constexpr uint32_t right_usual_system = right_all_system & ~right_trusted;

// What RightInfo tells.
struct RightReport {
    ObjectType type;
    uint32_t mask;
    uint64_t badge;
    uint64_t expires;  // nanoseconds since boot; 0: never
    uint32_t derived;  // 1: there are rights derived from it
    uint32_t number;   // of a task, thread or container: what traces and consoles print
};
static_assert(sizeof(RightReport) == 32);

}  // namespace kernel::abi
