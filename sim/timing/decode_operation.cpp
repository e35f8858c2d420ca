// SPDX-License-Identifier: Apache-2.0
// The decoder's choice of an operation: the table's, made precise by the operands.
#include <algorithm>

#include "sim/timing/decode.hpp"

namespace orrery::timing {

namespace {

bool is_vector(const Register& found) {
    return found.file == RegisterFile::vector;
}

Operation from_table(const cs_insn& found) {
    const Operations& operations = operations_of(found.id);
    const auto operands = operands_of(found);
    bool some_general = false;
    bool some_vector = false;
    for (const cs_arm64_op& operand : operands) {
        if (operand.type == ARM64_OP_MEM) break;  // what follows is an offset
        const Register named = register_of(operand);
        some_general = some_general || named.file == RegisterFile::general;
        some_vector = some_vector || is_vector(named);
    }
    if (some_general && some_vector) return operations.crossing;
    return some_vector ? operations.vector : operations.general;
}

bool is_double_width(const cs_insn& found) {
    return register_of(operands_of(found).front()).bits == 64;
}

// Of a scalar or of a vector of them.
bool is_double_precision(const cs_insn& found) {
    const cs_arm64_op& target = operands_of(found).front();
    if (arrangement_bits(target) != 0) return target.vas == ARM64_VAS_2D;
    return is_double_width(found);
}

bool is_arithmetic(unsigned id) {
    switch (id) {
        case ARM64_INS_ADD:
        case ARM64_INS_SUB:
        case ARM64_INS_CMN:
        case ARM64_INS_CMP:
        case ARM64_INS_NEG:
        case ARM64_INS_NEGS: return true;
        default: return false;
    }
}

bool names_stack(std::span<const cs_arm64_op> operands) {
    return std::any_of(operands.begin(), operands.end(), [](const cs_arm64_op& operand) {
        return operand.type == ARM64_OP_REG &&
               (operand.reg == ARM64_REG_SP || operand.reg == ARM64_REG_WSP);
    });
}

// With a last operand that is shifted or extended on its way into the sum. A sum with the stack
// pointer always extends, even if it is written as a shift (DDI 0487, C6.2.4).
Operation integer_operation(const cs_insn& found) {
    constexpr unsigned short_shift = 4;
    const auto operands = operands_of(found);
    const cs_arm64_op& last = operands.back();
    if (last.type != ARM64_OP_REG) return Operation::integer;
    const bool extends = last.ext != ARM64_EXT_INVALID || names_stack(operands);
    const bool keeps =
        last.ext == ARM64_EXT_INVALID || last.ext == ARM64_EXT_UXTX || last.ext == ARM64_EXT_SXTX;
    if (last.shift.value == 0 && keeps) return Operation::integer;
    if (!is_arithmetic(found.id)) {
        return found.detail->arm64.update_flags ? Operation::integer_shifted
                                                : Operation::logical_shifted;
    }
    const bool is_short = last.shift.type == ARM64_SFT_LSL && last.shift.value <= short_shift;
    return is_short && !extends ? Operation::integer_shifted_short : Operation::integer_shifted;
}

// Shifts by a register; and what extends bytes and halves, in a spelling that has no alias.
Operation bitfield_operation(const cs_insn& found) {
    const auto operands = operands_of(found);
    if (operands.size() == 3 && operands[2].type == ARM64_OP_REG) return Operation::variable_shift;
    if (found.id != ARM64_INS_UBFX && found.id != ARM64_INS_SBFX) return Operation::bitfield;
    const bool extends = operands[2].imm == 0 && (operands[3].imm == 8 || operands[3].imm == 16);
    return extends ? Operation::integer : Operation::bitfield;
}

Operation multiply_operation(const cs_insn& found) {
    return register_of(operands_of(found)[1]).bits == 64 ? Operation::multiply_double
                                                         : Operation::multiply;
}

Operation load_vector_pair_operation(uint32_t bits) {
    if (bits == 32) return Operation::load_vector;
    return bits == 64 ? Operation::load_vector_pair : Operation::load_vector_pair_quad;
}
Operation store_vector_pair_operation(uint32_t bits) {
    if (bits == 32) return Operation::store_vector;
    return bits == 64 ? Operation::store_vector_pair : Operation::store_vector_pair_quad;
}

// DC ZVA stores a line.
Operation maintenance_operation(const cs_insn& found) {
    const bool zeroes = found.id == ARM64_INS_DC && operands_of(found).front().sys == ARM64_DC_ZVA;
    return zeroes ? Operation::store_vector_pair_quad : Operation::maintenance;
}

// Capstone calls a system register what is unallocated: those have 2 or 3 as their first number.
Operation system_operation(const cs_insn& found, Operation operation) {
    constexpr unsigned first_number_is_2_or_3 = 0x8000;
    const auto operands = operands_of(found);
    if (operands.front().type == ARM64_OP_PSTATE) return operation;
    const bool is_read = operation == Operation::system_read;
    const unsigned encoded = operands[is_read ? 1 : 0].sys;
    return (encoded & first_number_is_2_or_3) != 0 ? operation : Operation::unknown;
}

Operation float_move_operation(const cs_insn& found) {
    const bool whole = arrangement_bits(operands_of(found).front()) != 0;
    return whole ? Operation::vector_logical : Operation::float_move;
}

// A MOV of whole registers is an ORR, one of an element to a scalar a DUP.
Operation permute_operation(const cs_insn& found) {
    const bool is_whole = register_of(operands_of(found).front()).bits == 128;
    return found.id == ARM64_INS_MOV && is_whole ? Operation::vector_logical
                                                 : Operation::vector_permute;
}

// Elements as wide as the result's: what is not a long multiplication.
Operation vector_multiply_operation(const cs_insn& found) {
    switch (found.id) {
        case ARM64_INS_MLA:
        case ARM64_INS_MLS:
        case ARM64_INS_MUL:
        case ARM64_INS_PMUL:
        case ARM64_INS_SQDMULH:
        case ARM64_INS_SQRDMULH:
            return is_quad(found, Operation::vector_multiply) ? Operation::vector_multiply_quad
                                                              : Operation::vector_multiply;
        default: return Operation::vector_multiply;
    }
}

}  // namespace

Operation operation_of(const cs_insn& found) {
    const Operation operation = from_table(found);
    const auto bits = [&] { return register_of(operands_of(found).front()).bits; };
    switch (operation) {
        case Operation::integer: return integer_operation(found);
        case Operation::bitfield: return bitfield_operation(found);
        case Operation::multiply: return multiply_operation(found);
        case Operation::divide: return bits() == 64 ? Operation::divide_double : operation;
        case Operation::load_vector: return bits() == 128 ? Operation::load_vector_quad : operation;
        case Operation::store_vector:
            return bits() == 128 ? Operation::store_vector_quad : operation;
        case Operation::load_pair:
            return bits() == 64 && found.id != ARM64_INS_LDPSW ? Operation::load_pair_double
                                                               : operation;
        case Operation::store_pair: return bits() == 64 ? Operation::store_pair_double : operation;
        case Operation::load_vector_pair: return load_vector_pair_operation(bits());
        case Operation::store_vector_pair: return store_vector_pair_operation(bits());
        case Operation::maintenance: return maintenance_operation(found);
        case Operation::system_read:
        case Operation::system_write: return system_operation(found, operation);
        case Operation::float_divide_single:
            return is_double_precision(found) ? Operation::float_divide_double : operation;
        case Operation::float_root_single:
            return is_double_precision(found) ? Operation::float_root_double : operation;
        case Operation::float_move: return float_move_operation(found);
        case Operation::vector_permute: return permute_operation(found);
        case Operation::vector_multiply: return vector_multiply_operation(found);
        case Operation::move_to_vector:
            return is_vector(register_of(operands_of(found).front())) ? operation
                                                                      : Operation::move_from_vector;
        default: return operation;
    }
}

}  // namespace orrery::timing
