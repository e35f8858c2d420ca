// SPDX-License-Identifier: Apache-2.0
// The AArch64 object of a module, and the graph of the machine code in it.
#pragma once

#include <llvm/IR/Module.h>

#include <map>
#include <string>
#include <vector>

#include "sim/compiler/attribution.hpp"

namespace orrery::compiler {

// One function's machine code as the back-end left it: segments with labels for their first byte.
struct MachineFunctionRecord {
    struct Segment {
        std::string label;  // empty: no code
        int32_t probe = no_probe;
        std::vector<uint32_t> next;
        bool falls_through = false;  // into the next segment, without a branch
        bool barrier = false;        // ends with an unconditional branch or a return
        bool leaves = false;
        std::vector<std::string> callees;  // of its calls in order; empty: by register
    };
    std::vector<Segment> segments;  // in the order of the code
};

struct ImageObject {
    std::string bytes;  // ELF
    std::map<std::string, MachineFunctionRecord> functions;
};

// Consumes the module. Throws std::runtime_error with one sentence.
[[nodiscard]] ImageObject make_image_object(llvm::Module& module);

}  // namespace orrery::compiler
