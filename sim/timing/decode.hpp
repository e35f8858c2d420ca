// SPDX-License-Identifier: Apache-2.0
// The parts of the decoder: from what Capstone says of a word to an Instruction.
#pragma once

#include <capstone/capstone.h>

#include <cstdint>
#include <optional>
#include <span>

#include "sim/timing/instruction.hpp"

namespace orrery::timing {

// The general register of a number, where 31 is the zero register or the stack pointer.
constexpr RegisterSet general(uint32_t number) {
    return number == 31 ? 0 : RegisterSet{1} << number;
}
constexpr RegisterSet general_or_stack(uint32_t number) {
    return RegisterSet{1} << number;
}
constexpr RegisterSet vector(uint32_t number) {
    return RegisterSet{1} << (32 + number);
}

enum class RegisterFile : uint8_t { none, general, vector };

struct Register {
    RegisterFile file = RegisterFile::none;
    uint32_t bits = 0;    // of the part that is named: 32 of W0; 128 of V0, in any arrangement
    RegisterSet set = 0;  // none for the zero register
};

[[nodiscard]] Register register_of(arm64_reg name);
// Of an operand that is no register: none.
[[nodiscard]] Register register_of(const cs_arm64_op& operand);

[[nodiscard]] inline std::span<const cs_arm64_op> operands_of(const cs_insn& found) {
    return {found.detail->arm64.operands, found.detail->arm64.op_count};
}
// The bits of a vector in its arrangement: 64 of 8B, 128 of 16B, 0 of what has none.
[[nodiscard]] uint32_t arrangement_bits(const cs_arm64_op& operand);

// The operations of the instructions that share one of Capstone's numbers, by the register files
// of their operands. Unknown where there is no such instruction.
struct Operations {
    Operation general = Operation::unknown;   // general registers, or none at all
    Operation vector = Operation::unknown;    // vector registers
    Operation crossing = Operation::unknown;  // from either to the other
};
[[nodiscard]] const Operations& operations_of(unsigned id);

[[nodiscard]] Operation operation_of(const cs_insn& found);
// A vector operation of 128 bits; also tells it of loads and stores of structures.
[[nodiscard]] bool is_quad(const cs_insn& found, Operation operation);

// How an operand is accessed: CS_AC_READ, CS_AC_WRITE or both, with what Capstone 4.0.2 gets wrong
// put right.
[[nodiscard]] uint8_t access_of(const cs_insn& found, size_t index);
// Fills in the registers, from an operation that is set already.
void decode_registers(const cs_insn& found, Instruction& instruction);

// Instructions of later architectures than Capstone 4.0.2 knows.
[[nodiscard]] Instruction decode_later(uint32_t word);
// The single-precision instruction that differs from this half-precision one in precision only.
[[nodiscard]] std::optional<uint32_t> single_for_half(uint32_t word);

}  // namespace orrery::timing
