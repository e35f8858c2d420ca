// SPDX-License-Identifier: Apache-2.0
// Panic: the reaction to a bug of the kernel's own. It leaves a fixed-size epitaph in KernelInfo,
// says so on the console, and stops the machine.
#pragma once

#include <stdint.h>

namespace kernel {

struct PanicPlace {
    const char* file;
    uint32_t line;
};

[[noreturn]] void panic(const PanicPlace& place, const char* message, uint64_t value0 = 0,
                        uint64_t value1 = 0, uint64_t value2 = 0, uint64_t value3 = 0);

}  // namespace kernel

#define KERNEL_PANIC(message, ...) \
    ::kernel::panic(::kernel::PanicPlace{__FILE__, __LINE__}, message __VA_OPT__(, ) __VA_ARGS__)

// An assertion is always on: a kernel that goes on with a broken invariant measures nothing.
#define KERNEL_ASSERT(condition)                    \
    do {                                            \
        if (!(condition)) [[unlikely]] {            \
            KERNEL_PANIC("assertion: " #condition); \
        }                                           \
    } while (false)
