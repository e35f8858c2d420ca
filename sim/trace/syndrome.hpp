// SPDX-License-Identifier: Apache-2.0
// Syndrome: ESR_EL1 in plain words (Arm ARM, DDI 0487, section D17.2.37).
#pragma once

#include <cstdint>
#include <string>

namespace orrery::trace {

// One sentence without a full stop: "data abort, write, permission fault level 3". Where the kernel
// itself was interrupted, it says so: "data abort in the kernel, read, alignment fault".
[[nodiscard]] std::string describe_syndrome(uint64_t syndrome);

// True if FAR_EL1 belongs to this syndrome: aborts with a valid address, PC alignment, watchpoints.
[[nodiscard]] bool syndrome_has_address(uint64_t syndrome);

}  // namespace orrery::trace
