// SPDX-License-Identifier: Apache-2.0
// The decoder's Advanced SIMD and cryptography (DDI 0487, C4.1.69).
#include "sim/timing/decode.hpp"

namespace orrery::timing {

namespace {

bool is_double(uint32_t word) {
    return bit(word, 22);
}

// What adds to its target; the rest that reads it needs it with the other operands.
void accumulates(Instruction& found) {
    found.accumulator = found.writes;
}

Instruction vectors(Operation operation, uint32_t word, RegisterSet reads) {
    Instruction found;
    found.operation = operation;
    found.writes = vector(field_d(word));
    found.reads = reads;
    found.quad = bit(word, 30) && !bit(word, 28);
    return found;
}

Operation multiply(bool quad) {
    return quad ? Operation::vector_multiply_quad : Operation::vector_multiply;
}

Operation float_operation(uint32_t word, uint32_t opcode) {
    const bool first = !bit(word, 29);
    switch (opcode) {
        case 0x19: return Operation::float_fused;
        case 0x1b: return Operation::float_multiply;
        case 0x1c:
        case 0x1d: return Operation::vector_integer;  // comparisons
        case 0x1f:
            if (first) return Operation::float_fused;  // FRECPS, FRSQRTS
            return is_double(word) ? Operation::float_divide_double
                                   : Operation::float_divide_single;
        default: return Operation::float_add;
    }
}

Instruction three_same(uint32_t word) {
    const uint32_t opcode = bits(word, 15, 11);
    Instruction found =
        vectors(Operation::vector_integer, word, vector(field_n(word)) | vector(field_m(word)));
    switch (opcode) {
        case 0x03:
            found.operation = Operation::vector_logical;
            if (bit(word, 29) && bits(word, 23, 22) != 0) found.reads |= found.writes;  // BSL
            break;
        case 0x08: found.operation = Operation::vector_shift; break;
        case 0x09:
        case 0x0a:
        case 0x0b: found.operation = Operation::vector_shift_rounding; break;
        case 0x0f:
            found.operation = Operation::vector_accumulate;
            accumulates(found);
            break;
        case 0x12:
            found.operation = multiply(found.quad);
            accumulates(found);
            break;
        case 0x13:
        case 0x16: found.operation = multiply(found.quad); break;
        default:
            if (opcode >= 0x18) found.operation = float_operation(word, opcode);
            if (opcode == 0x19) accumulates(found);
            break;
    }
    return found;
}

// Results are twice or half as wide as operands, so one of them has 128 bits.
Instruction three_different(uint32_t word) {
    Instruction found =
        vectors(Operation::vector_integer, word, vector(field_n(word)) | vector(field_m(word)));
    found.quad = !bit(word, 28);
    switch (bits(word, 15, 12)) {
        case 0x4:
        case 0x6:  // ADDHN2, SUBHN2
            if (bit(word, 30)) found.reads |= found.writes;
            break;
        case 0x5:
            found.operation = Operation::vector_accumulate;
            accumulates(found);
            break;
        case 0x8:
        case 0x9:
        case 0xa:
        case 0xb:
            found.operation = Operation::vector_multiply;
            accumulates(found);
            break;
        case 0xc:
        case 0xd:
        case 0xe: found.operation = Operation::vector_multiply; break;
        default: break;
    }
    return found;
}

Operation two_registers_operation(uint32_t word, uint32_t opcode) {
    const bool second = bit(word, 29);
    if (opcode <= 0x01 || opcode == 0x12) return Operation::vector_permute;
    if (opcode == 0x05) return Operation::vector_logical;
    if (opcode == 0x06) return Operation::vector_accumulate;
    if (opcode == 0x0f) return Operation::float_add;
    if (opcode == 0x13) return Operation::vector_shift;
    if (opcode == 0x14) return Operation::vector_shift_rounding;
    if (opcode < 0x0f) return Operation::vector_integer;
    if (opcode == 0x1f && second) {
        return is_double(word) ? Operation::float_root_double : Operation::float_root_single;
    }
    return Operation::float_convert;
}

Instruction two_registers(uint32_t word) {
    const uint32_t opcode = bits(word, 16, 12);
    Instruction found = vectors(two_registers_operation(word, opcode), word, vector(field_n(word)));
    const bool narrows = opcode == 0x12 || opcode == 0x14 || opcode == 0x16;
    if (opcode == 0x06 || opcode == 0x03) accumulates(found);
    if (narrows && bit(word, 30) && !bit(word, 28)) found.reads |= found.writes;  // XTN2
    return found;
}

// DUP, INS, SMOV, UMOV.
Instruction copy(uint32_t word) {
    const uint32_t kind = bits(word, 14, 11);
    if (bit(word, 29)) {  // INS (element)
        Instruction found = vectors(Operation::vector_permute, word, vector(field_n(word)));
        found.reads |= found.writes;
        return found;
    }
    switch (kind) {
        case 0: return vectors(Operation::vector_permute, word, vector(field_n(word)));
        case 1: return vectors(Operation::move_to_vector, word, general(field_n(word)));
        case 3: {  // INS (general)
            Instruction found = vectors(Operation::move_to_vector, word, general(field_n(word)));
            found.reads |= found.writes;
            found.quad = false;
            return found;
        }
        case 5:
        case 7: {
            Instruction found = vectors(Operation::move_from_vector, word, vector(field_n(word)));
            found.writes = general(field_d(word));
            found.quad = false;
            return found;
        }
        default: return {};
    }
}

Instruction table_lookup(uint32_t word) {
    RegisterSet reads = vector(field_m(word));
    for (uint32_t i = 0; i <= bits(word, 14, 13); ++i) reads |= vector(field_n(word) + i);
    Instruction found = vectors(Operation::vector_permute, word, reads);
    if (bit(word, 12)) found.reads |= found.writes;  // TBX
    return found;
}

Instruction by_element(uint32_t word) {
    const uint32_t opcode = bits(word, 15, 12);
    const bool halves = bits(word, 23, 22) == 1;  // the index takes a bit of the register
    const bool is_float = (opcode & 3) == 1 && opcode != 0xd;
    const uint32_t element = halves && !is_float ? bits(word, 19, 16) : field_m(word);
    Instruction found =
        vectors(Operation::vector_multiply, word, vector(field_n(word)) | vector(element));
    if (is_float) {
        found.operation = opcode == 9 ? Operation::float_multiply : Operation::float_fused;
    } else if (opcode == 0 || opcode == 4 || opcode == 8 || opcode >= 0xc) {
        found.operation = multiply(found.quad);
    }
    if (opcode < 8 || opcode >= 0xd) accumulates(found);
    return found;
}

Instruction modified_immediate(uint32_t word) {
    const uint32_t mode = bits(word, 15, 12);
    Instruction found = vectors(Operation::vector_logical, word, 0);
    if (bit(mode, 0) && mode < 0xc) found.reads = found.writes;  // ORR, BIC
    return found;
}

Instruction shift_immediate(uint32_t word) {
    const uint32_t opcode = bits(word, 15, 11);
    Instruction found = vectors(Operation::vector_shift, word, vector(field_n(word)));
    switch (opcode) {
        case 0x02:
        case 0x06:
            found.operation = Operation::vector_accumulate;
            accumulates(found);
            break;
        case 0x08: found.reads |= found.writes; break;  // SRI
        case 0x0a:
            if (bit(word, 29)) found.reads |= found.writes;  // SLI
            break;
        case 0x00:
        case 0x10:
        case 0x14: break;
        case 0x1c:
        case 0x1f: found.operation = Operation::float_convert; break;
        default: found.operation = Operation::vector_shift_rounding; break;
    }
    const bool narrows = opcode >= 0x10 && opcode <= 0x13;
    if (narrows && bit(word, 30) && !bit(word, 28)) found.reads |= found.writes;
    return found;
}

// AES, SHA and polynomial multiplications; targets are operands too.
Instruction cryptography(uint32_t word, RegisterSet reads) {
    Instruction found = vectors(Operation::cryptography, word, reads);
    found.reads |= found.writes;
    found.quad = false;
    return found;
}

// Bit 21 is clear: permutations, copies, and what Armv8.1 and later added.
Instruction permute_or_copy(uint32_t word) {
    const RegisterSet both = vector(field_n(word)) | vector(field_m(word));
    if (bit(word, 15) && bit(word, 10)) {  // SQRDMLAH, SDOT, UDOT
        Instruction found = vectors(multiply(bit(word, 30) && !bit(word, 28)), word, both);
        accumulates(found);
        return found;
    }
    if (bit(word, 15)) return {};
    if (bit(word, 22) && bit(word, 10)) {  // half-precision arithmetic
        Instruction found = vectors(float_operation(word, 0x18 | bits(word, 13, 11)), word, both);
        if (bits(word, 13, 11) == 1) accumulates(found);
        return found;
    }
    if (bit(word, 10)) return copy(word);
    if (bit(word, 28)) return cryptography(word, both);  // SHA with three registers
    if (bit(word, 29)) return vectors(Operation::vector_permute, word, both);  // EXT
    if (bit(word, 11)) return vectors(Operation::vector_permute, word, both);  // ZIP, UZP, TRN
    return table_lookup(word);
}

Instruction arithmetic(uint32_t word) {
    if (!bit(word, 21)) return permute_or_copy(word);
    if (bit(word, 10)) return three_same(word);
    if (!bit(word, 11)) return three_different(word);
    switch (bits(word, 20, 17)) {
        case 0b0000:
        case 0b1100: return two_registers(word);
        case 0b0100: return cryptography(word, vector(field_n(word)));
        case 0b1000:
            if (bit(word, 28)) {  // pairwise of a scalar
                return vectors(Operation::vector_integer, word, vector(field_n(word)));
            }
            return vectors(Operation::vector_reduce, word, vector(field_n(word)));
        default: return {};
    }
}

}  // namespace

Instruction decode_vector(uint32_t word) {
    const RegisterSet both = vector(field_n(word)) | vector(field_m(word));
    if (bits(word, 31, 24) == 0xce) {  // SHA-512, SHA-3, SM3, SM4
        return cryptography(word, both | vector(field_a(word)));
    }
    if (bit(word, 31)) return {};
    if (!bit(word, 24)) return arithmetic(word);
    if (!bit(word, 10)) return by_element(word);
    if (bits(word, 22, 19) == 0) return modified_immediate(word);
    return shift_immediate(word);
}

}  // namespace orrery::timing
