// SPDX-License-Identifier: Apache-2.0
// Instruction: what a pipeline has to know of an A64 instruction: its kind, the registers that it
// reads and writes, and when it needs them.
#pragma once

#include <cstdint>

#include "sim/timing/operation.hpp"

namespace orrery::timing {

// One bit a register: X0 to X30, SP as 31, V0 to V31 from 32. The zero register has none.
using RegisterSet = uint64_t;

struct Instruction {
    Operation operation = Operation::unknown;
    uint8_t vectors = 0;        // of load_structure and store_structure: registers
    bool quad = false;          // a vector operation of 128 bits
    bool reads_flags = false;   // NZCV
    bool carries = false;       // takes the flags as an operand of its sum
    bool sets_flags = false;    // NZCV
    bool always_taken = false;  // an unconditional branch
    bool terminates = false;    // nothing after it executes with it: branches, eret, exceptions
    int32_t distance = 0;       // of a branch with an immediate: words to its target

    RegisterSet reads = 0;        // operands, but for these:
    RegisterSet address = 0;      // bases and offsets of loads and stores
    RegisterSet data = 0;         // what a store stores
    RegisterSet accumulator = 0;  // what a multiplication adds to
    RegisterSet writes = 0;       // results, but for:
    RegisterSet base = 0;         // the updated base of a pre- or post-indexed access
};

}  // namespace orrery::timing
