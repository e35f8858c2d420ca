// SPDX-License-Identifier: Apache-2.0
// Work that keeps the kernel busy, for programs that measure something beside it.
#pragma once

#include <stdint.h>

namespace user {

// One round: calls on so many pages of memory, short calls, faults, and work of its own. How many
// calls were refused.
uint64_t work_once(uint64_t pages = 64);

}  // namespace user
