// SPDX-License-Identifier: Apache-2.0
// The objects of a kernel that runs natively in this process, read in place where KernelInfo does
// not show them: threads, and the rights of a task. Only for a machine at rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace orrery::phone {

struct NativeThread {
    uint32_t id;
    uint32_t task;
    std::string state;
    unsigned cpu;  // where it runs, ran last, or is queued
    uint64_t pc;   // at EL0, as of its last way into the kernel
    uint64_t sp;
    uint64_t call;  // system call in progress, as number + 1; 0: none
};

struct NativeRight {
    uint32_t name;
    std::string type;
    uint32_t mask;  // kernel::abi::RightMask
    uint64_t badge;
};

// Nothing if a CPU is about to change them: it holds the lock that guards them, or waits for it.
// Precondition: the kernel runs natively and has started.
[[nodiscard]] std::optional<std::vector<NativeThread>> native_threads();

// The task whose thread runs on a CPU, 0 for none. Exact at a breakpoint of the CPU.
[[nodiscard]] uint32_t native_task(unsigned cpu);

// The rights that a task has names for, nothing as above; an empty answer also for no such task.
[[nodiscard]] std::optional<std::vector<NativeRight>> native_rights(uint32_t task);

}  // namespace orrery::phone
