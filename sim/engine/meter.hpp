// SPDX-License-Identifier: Apache-2.0
// Meter: what straight-line code costs in time. The engine asks it once for a block that it
// translates, and charges the answer each time the block runs.
#pragma once

#include <cstdint>
#include <span>

namespace orrery::engine {

// Engines count time in parts of a cycle, because a wide core starts several instructions in one.
inline constexpr std::uint32_t parts_per_cycle = 64;

class Meter {
  public:
    virtual ~Meter() = default;
    // Parts of a cycle for all of `code`, from its words alone. Invariant: the same words always
    // cost the same, and the beginning of a block never more than all of it.
    [[nodiscard]] virtual std::uint32_t block(std::span<const std::uint32_t> code) = 0;
};

// Code that was executed.
struct Work final {
    std::uint64_t instructions = 0;
    std::uint64_t parts = 0;  // of a cycle
};

// What an engine charges that was given no meter: one cycle an instruction.
[[nodiscard]] constexpr std::uint32_t flat_cost(std::uint32_t instructions) {
    return instructions * parts_per_cycle;
}

}  // namespace orrery::engine
