// SPDX-License-Identifier: Apache-2.0
// The end of the machine.
#pragma once

#include <stdint.h>

namespace kernel {

// Says so and switches the machine off, leaving `code` in KernelInfo.
[[noreturn]] void power_off(int64_t code);

}  // namespace kernel
