// SPDX-License-Identifier: Apache-2.0
// Physical memory at boot: from the free ranges to a strategy for each NUMA node.
#pragma once

#include "kernel/boot/free_memory.hpp"

namespace kernel {

// Makes the strategies that the command line asks for, and Kernel::frames of them. Null, or what
// was wrong.
[[nodiscard]] const char* set_up_frames(FreeMemory& memory);

}  // namespace kernel
