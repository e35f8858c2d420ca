// SPDX-License-Identifier: Apache-2.0
// UserLayout: where a program, its stack and its mappings lie: at fixed addresses, or (aslr=on)
// at random ones from the seeded source, so that who knows one task's addresses does not know
// another's.
#pragma once

#include "hal/types.hpp"
#include "kernel/abi/syscall.hpp"
#include "kernel/base/random.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

struct UserLayout {
    uint64_t program_bias = 0;  // added to the addresses of a program that can be moved
    hal::VirtualAddress stack_end = abi::user_end - 0x1'0000;
    hal::VirtualAddress mappings_begin = 0x1000'0000;  // what the kernel places lies from here on

    [[nodiscard]] hal::VirtualAddress stack_begin() const {
        return stack_end - abi::user_stack_size;
    }
};

// Precondition: the source is seeded.
[[nodiscard]] UserLayout random_layout(Random& random);

}  // namespace kernel
