// SPDX-License-Identifier: Apache-2.0
// Scoreboard: when the value of each register becomes available, and to whom.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "sim/timing/core_type.hpp"
#include "sim/timing/instruction.hpp"

namespace orrery::timing {

class Scoreboard final {
  public:
    // The last of these registers' values.
    [[nodiscard]] int64_t operands(RegisterSet registers) const {
        return latest(registers, [](const Value& value) { return value.ready; });
    }
    [[nodiscard]] int64_t addresses(RegisterSet registers) const {
        return latest(registers, [](const Value& value) { return value.address; });
    }
    // As addends of `operation`, which forwards sums to its own kind early.
    [[nodiscard]] int64_t accumulators(RegisterSet registers, Operation operation) const {
        return latest(registers, [operation](const Value& value) {
            return value.producer == operation ? value.accumulator : value.ready;
        });
    }
    [[nodiscard]] int64_t flags() const { return flags_; }
    // When everything is available.
    [[nodiscard]] int64_t all() const { return all_; }

    // The results of an instruction that starts at `start`.
    void produce(const Instruction& instruction, const OperationTiming& timing, int64_t start,
                 int64_t latency) {
        const int64_t ready = start + latency;
        const int64_t gain = timing.latency;
        set(instruction.writes, {ready, ready - gain + timing.to_address,
                                 ready - gain + timing.to_accumulator, instruction.operation});
        if (instruction.sets_flags) flags_ = ready;
        all_ = std::max(all_, ready);
    }
    void produce_base(RegisterSet base, int64_t ready) {
        set(base, {ready, ready, ready, Operation::address_update});
        if (base != 0) all_ = std::max(all_, ready);
    }

  private:
    struct Value {
        int64_t ready = 0;
        int64_t address = 0;
        int64_t accumulator = 0;
        Operation producer = Operation::unknown;
    };

    template <typename Time>
    int64_t latest(RegisterSet registers, const Time& time) const {
        int64_t last = 0;
        for (RegisterSet left = registers; left != 0; left &= left - 1) {
            last = std::max(last, time(values_[static_cast<size_t>(std::countr_zero(left))]));
        }
        return last;
    }
    void set(RegisterSet registers, const Value& value) {
        for (RegisterSet left = registers; left != 0; left &= left - 1) {
            values_[static_cast<size_t>(std::countr_zero(left))] = value;
        }
    }

    std::array<Value, 64> values_{};
    int64_t flags_ = 0;
    int64_t all_ = 0;
};

}  // namespace orrery::timing
