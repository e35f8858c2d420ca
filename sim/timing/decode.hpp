// SPDX-License-Identifier: Apache-2.0
// The parts of the decoder, one for each top-level group of DDI 0487, table C4-1.
#pragma once

#include <cstdint>

#include "sim/timing/instruction.hpp"

namespace orrery::timing {

// Bits `high` to `low` of a word.
constexpr uint32_t bits(uint32_t word, unsigned high, unsigned low) {
    return (word >> low) & ((1U << (high - low + 1)) - 1);
}
constexpr bool bit(uint32_t word, unsigned position) {
    return ((word >> position) & 1) != 0;
}

// The general register of a field, where 31 is the zero register or the stack pointer.
constexpr RegisterSet general(uint32_t number) {
    return number == 31 ? 0 : RegisterSet{1} << number;
}
constexpr RegisterSet general_or_stack(uint32_t number) {
    return RegisterSet{1} << number;
}
constexpr RegisterSet vector(uint32_t number) {
    return RegisterSet{1} << (32 + number % 32);
}

// The fields that most encodings share.
constexpr uint32_t field_d(uint32_t word) {
    return bits(word, 4, 0);
}
constexpr uint32_t field_n(uint32_t word) {
    return bits(word, 9, 5);
}
constexpr uint32_t field_a(uint32_t word) {
    return bits(word, 14, 10);
}
constexpr uint32_t field_m(uint32_t word) {
    return bits(word, 20, 16);
}

[[nodiscard]] Instruction decode_immediate(uint32_t word);
[[nodiscard]] Instruction decode_register(uint32_t word);
[[nodiscard]] Instruction decode_branch(uint32_t word);
[[nodiscard]] Instruction decode_memory(uint32_t word);
[[nodiscard]] Instruction decode_float(uint32_t word);
[[nodiscard]] Instruction decode_vector(uint32_t word);

}  // namespace orrery::timing
