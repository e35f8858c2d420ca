// SPDX-License-Identifier: Apache-2.0
// Swap at boot: the RAM disk is carved out of memory, and the store told what it may use.
#pragma once

#include "kernel/boot/free_memory.hpp"

namespace kernel {

// Takes memory for the swap disk, if the command line wants one. Null, or what is lacking.
[[nodiscard]] const char* reserve_swap_disk(FreeMemory& memory);

// Precondition: the page frames are set up, reserve_swap_disk() was called.
void set_up_swap();

}  // namespace kernel
