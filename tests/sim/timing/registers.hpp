// SPDX-License-Identifier: Apache-2.0
// Registers by their names, so that a test can say what an instruction should read and write.
#pragma once

#include <string>
#include <string_view>

#include "sim/timing/instruction.hpp"

namespace orrery::timing {

// "x0 x30 sp v31": names with spaces between them.
[[nodiscard]] RegisterSet registers(std::string_view names);

[[nodiscard]] RegisterSet all_reads(const Instruction& instruction);
[[nodiscard]] RegisterSet all_writes(const Instruction& instruction);

}  // namespace orrery::timing
