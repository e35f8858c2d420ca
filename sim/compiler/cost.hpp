// SPDX-License-Identifier: Apache-2.0
// Cost: what a piece of machine code takes on every core type at once, and how many instructions
// it is. The counters of native kernel code have the same lanes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace orrery::compiler {

constexpr size_t lane_count = 4;
constexpr size_t max_core_types = lane_count - 1;
constexpr size_t instruction_lane = lane_count - 1;
constexpr int64_t parts_per_instruction = 64;

// Parts of a cycle for each core type, then parts of an instruction (a mean may be a fraction).
// Signed: a correction may be negative, a sum over executed code is not.
struct Cost {
    std::array<int64_t, lane_count> lanes{};

    Cost& operator+=(const Cost& other) {
        for (size_t i = 0; i < lane_count; ++i) lanes[i] += other.lanes[i];
        return *this;
    }
    Cost& operator-=(const Cost& other) {
        for (size_t i = 0; i < lane_count; ++i) lanes[i] -= other.lanes[i];
        return *this;
    }
    friend Cost operator+(Cost a, const Cost& b) { return a += b; }
    friend Cost operator-(Cost a, const Cost& b) { return a -= b; }
    bool operator==(const Cost&) const = default;
    [[nodiscard]] bool zero() const { return *this == Cost{}; }
};

}  // namespace orrery::compiler
