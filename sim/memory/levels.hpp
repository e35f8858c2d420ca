// SPDX-License-Identifier: Apache-2.0
// Levels: measures the memory models as one measures a phone, by chasing pointers through working
// sets, and puts published figures beside the results.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/memory/memory_system.hpp"

namespace orrery::memory {

// A core of the memory system of phone8, with the clocks of a measurement.
enum class MeasuredCore : uint8_t { cortex_a55, cortex_a76 };
enum class Node : uint8_t { near, far };

struct Chase {
    MeasuredCore core = MeasuredCore::cortex_a76;
    uint64_t bytes = 0;
    Node node = Node::near;
    // Every line once, in a random cycle, as ramlat; otherwise random lines, as tinymembench.
    bool cyclic = true;
};

// The mean time of one dependent load, in nanoseconds, of a working set in pages of 4 KiB that lie
// scattered in memory.
[[nodiscard]] double chase(const Chase& chase);

struct LevelRow {
    std::string core;  // the core type, or the machine for what all share
    std::string name;
    std::string unit;
    double model = 0;
    double published = 0;  // 0: there is no published figure
    std::string source;
    bool calibrated = false;  // a parameter was chosen for this row
    double tolerance = 0.1;   // how far from what is published the model may be
};

// All rows, in the order in which they are shown.
[[nodiscard]] std::vector<LevelRow> level_rows();

}  // namespace orrery::memory
