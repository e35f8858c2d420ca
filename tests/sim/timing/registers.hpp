// SPDX-License-Identifier: Apache-2.0
// Registers by their names, so that a test can say what an instruction should read and write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/timing/instruction.hpp"

namespace orrery::timing {

// "x0 x30 sp v31": names with spaces between them.
[[nodiscard]] RegisterSet registers(std::string_view names);

[[nodiscard]] RegisterSet all_reads(const Instruction& instruction);
[[nodiscard]] RegisterSet all_writes(const Instruction& instruction);

// What a test expects of a word; registers by their names.
struct Row {
    uint32_t word;
    const char* text;
    Operation operation;
    const char* reads;
    const char* writes;
};

}  // namespace orrery::timing
