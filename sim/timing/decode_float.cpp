// SPDX-License-Identifier: Apache-2.0
// The decoder's scalar floating point (DDI 0487, C4.1.69).
#include "sim/timing/decode.hpp"

namespace orrery::timing {

namespace {

Instruction floating(Operation operation, RegisterSet writes, RegisterSet reads) {
    Instruction found;
    found.operation = operation;
    found.writes = writes;
    found.reads = reads;
    return found;
}

bool is_double(uint32_t word) {
    return bits(word, 23, 22) == 1;
}

// FMADD, FMSUB, FNMADD, FNMSUB.
Instruction fused(uint32_t word) {
    Instruction found = floating(Operation::float_fused, vector(field_d(word)),
                                 vector(field_n(word)) | vector(field_m(word)));
    found.accumulator = vector(field_a(word));
    return found;
}

Instruction from_integer(uint32_t word, Operation operation) {
    return floating(operation, vector(field_d(word)), general(field_n(word)));
}

Instruction to_integer(uint32_t word, Operation operation) {
    return floating(operation, general(field_d(word)), vector(field_n(word)));
}

// Between floating point and integer registers, with or without conversion.
Instruction convert_integer(uint32_t word) {
    const bool upper = bits(word, 20, 19) == 1;
    switch (bits(word, 18, 16)) {
        case 2:
        case 3: return from_integer(word, Operation::integer_to_float);
        case 6:
            return to_integer(word, bits(word, 20, 19) == 3 ? Operation::float_to_integer
                                                            : Operation::move_from_vector);
        case 7: {
            Instruction found = from_integer(word, Operation::move_to_vector);
            if (upper) found.reads |= found.writes;
            return found;
        }
        default: return to_integer(word, Operation::float_to_integer);
    }
}

Instruction convert_fixed(uint32_t word) {
    const bool from = bits(word, 18, 17) == 1;
    return from ? from_integer(word, Operation::integer_to_float)
                : to_integer(word, Operation::float_to_integer);
}

Instruction one_source(uint32_t word) {
    Operation operation = Operation::float_convert;
    switch (bits(word, 20, 15)) {
        case 0: operation = Operation::float_move; break;
        case 1:
        case 2: operation = Operation::float_add; break;
        case 3:
            operation =
                is_double(word) ? Operation::float_root_double : Operation::float_root_single;
            break;
        default: break;
    }
    return floating(operation, vector(field_d(word)), vector(field_n(word)));
}

Instruction two_sources(uint32_t word) {
    Operation operation = Operation::float_add;
    switch (bits(word, 15, 12)) {
        case 0:
        case 8: operation = Operation::float_multiply; break;
        case 1:
            operation =
                is_double(word) ? Operation::float_divide_double : Operation::float_divide_single;
            break;
        default: break;
    }
    return floating(operation, vector(field_d(word)),
                    vector(field_n(word)) | vector(field_m(word)));
}

Instruction compare(uint32_t word) {
    const bool with_zero = bit(word, 3);
    Instruction found = floating(Operation::float_compare, 0,
                                 vector(field_n(word)) | (with_zero ? 0 : vector(field_m(word))));
    found.sets_flags = true;
    return found;
}

Instruction conditional(uint32_t word, bool selects) {
    Instruction found = floating(selects ? Operation::float_select : Operation::float_compare,
                                 selects ? vector(field_d(word)) : 0,
                                 vector(field_n(word)) | vector(field_m(word)));
    found.reads_flags = true;
    found.sets_flags = !selects;
    return found;
}

}  // namespace

Instruction decode_float(uint32_t word) {
    if (bit(word, 29)) return {};
    if (bit(word, 24)) return bit(word, 31) ? Instruction{} : fused(word);
    if (!bit(word, 21)) return convert_fixed(word);
    switch (bits(word, 11, 10)) {
        case 1: return conditional(word, false);
        case 2: return two_sources(word);
        case 3: return conditional(word, true);
        default: break;
    }
    if (bits(word, 15, 10) == 0) return convert_integer(word);
    if (bit(word, 12)) return floating(Operation::float_move, vector(field_d(word)), 0);
    if (bit(word, 13)) return compare(word);
    return bit(word, 14) ? one_source(word) : Instruction{};
}

}  // namespace orrery::timing
