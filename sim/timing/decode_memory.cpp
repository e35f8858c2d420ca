// SPDX-License-Identifier: Apache-2.0
// The decoder's loads and stores (DDI 0487, C4.1.67).
#include "sim/timing/decode.hpp"

namespace orrery::timing {

namespace {

// The registers of a list that begins with `first`.
RegisterSet vector_list(uint32_t first, uint32_t number) {
    RegisterSet registers = 0;
    for (uint32_t i = 0; i < number; ++i) registers |= vector(first + i);
    return registers;
}

Instruction access(Operation operation, bool is_load, RegisterSet registers, uint32_t word) {
    Instruction found;
    found.operation = operation;
    (is_load ? found.writes : found.data) = registers;
    found.address = general_or_stack(field_n(word));
    return found;
}

// LDXR, LDAR, STXR, STLR, CAS and their kin.
Instruction exclusive(uint32_t word) {
    const bool is_load = bit(word, 22);
    const bool ordered = bit(word, 23);
    const bool pair = bit(word, 21);
    const RegisterSet value = general(field_d(word));
    const RegisterSet second = general(field_a(word));
    const RegisterSet status = general(field_m(word));
    if (pair && (ordered || !bit(word, 31))) {  // CAS, CASP
        Instruction found = access(Operation::atomic, true, status, word);
        found.data = value | status;
        if (!ordered) {
            found.writes |= general(field_m(word) + 1);
            found.data |= found.writes | general(field_d(word) + 1);
        }
        return found;
    }
    const RegisterSet registers = pair ? value | second : value;
    if (is_load) return access(Operation::load_acquire, true, registers, word);
    if (ordered) return access(Operation::store_release, false, registers, word);
    Instruction found = access(Operation::store_exclusive, false, registers, word);
    found.writes = status;
    return found;
}

Instruction literal(uint32_t word) {
    const uint32_t kind = bits(word, 31, 30);
    Instruction found;
    if (bit(word, 26)) {
        if (kind == 3) return {};
        found.operation = kind == 2 ? Operation::load_vector_quad : Operation::load_vector;
        found.writes = vector(field_d(word));
        return found;
    }
    if (kind == 3) {
        found.operation = Operation::preload;
        return found;
    }
    found.operation = kind == 2 ? Operation::load_extended : Operation::load;
    found.writes = general(field_d(word));
    return found;
}

Operation pair_operation(uint32_t kind, bool is_vector, bool is_load) {
    if (!is_vector) {
        const bool is_double = kind == 2;
        if (is_load) return is_double ? Operation::load_pair_double : Operation::load_pair;
        return is_double ? Operation::store_pair_double : Operation::store_pair;
    }
    switch (kind) {
        case 0: return is_load ? Operation::load_vector : Operation::store_vector;
        case 1: return is_load ? Operation::load_vector_pair : Operation::store_vector_pair;
        default:
            return is_load ? Operation::load_vector_pair_quad : Operation::store_vector_pair_quad;
    }
}

Instruction pair(uint32_t word) {
    const uint32_t kind = bits(word, 31, 30);
    const bool is_vector = bit(word, 26);
    const bool is_load = bit(word, 22);
    if (kind == 3 || (kind == 1 && !is_vector && !is_load)) return {};
    const RegisterSet registers = is_vector ? vector(field_d(word)) | vector(field_a(word))
                                            : general(field_d(word)) | general(field_a(word));
    Instruction found = access(pair_operation(kind, is_vector, is_load), is_load, registers, word);
    if (bit(word, 23)) found.base = found.address;
    return found;
}

// LDADD, SWP and their kin, and LDAPR.
Instruction atomic(uint32_t word) {
    const RegisterSet value = general(field_d(word));
    if (bit(word, 15) && bits(word, 14, 12) == 4) {
        return access(Operation::load_acquire, true, value, word);
    }
    Instruction found = access(Operation::atomic, true, value, word);
    found.data = general(field_m(word));
    return found;
}

Instruction single_vector(uint32_t word) {
    const bool is_load = bit(word, 22);
    const bool quad = bit(word, 23);
    if (quad && bits(word, 31, 30) != 0) return {};
    Operation operation = quad ? Operation::store_vector_quad : Operation::store_vector;
    if (is_load) operation = quad ? Operation::load_vector_quad : Operation::load_vector;
    return access(operation, is_load, vector(field_d(word)), word);
}

Instruction single_general(uint32_t word) {
    const uint32_t size = bits(word, 31, 30);
    const uint32_t kind = bits(word, 23, 22);
    const RegisterSet value = general(field_d(word));
    if (kind == 0) return access(Operation::store, false, value, word);
    if (size == 3 && kind == 2) return access(Operation::preload, true, 0, word);
    if (size >= 2 && kind == 3) return {};
    const bool extends = kind != 1 || size < 2;
    return access(extends ? Operation::load_extended : Operation::load, true, value, word);
}

Instruction single(uint32_t word) {
    const bool has_immediate = bit(word, 24);
    const uint32_t mode = bits(word, 11, 10);
    if (!has_immediate && bit(word, 21)) {
        if (mode == 0) return bit(word, 26) ? Instruction{} : atomic(word);
        if (mode != 2) return {};
    }
    Instruction found = bit(word, 26) ? single_vector(word) : single_general(word);
    if (has_immediate || found.operation == Operation::unknown) return found;
    if (bit(word, 21)) {
        found.address |= general(field_m(word));
    } else if (bit(mode, 0)) {  // post- and pre-indexed
        found.base = found.address;
    }
    return found;
}

Instruction structure(uint32_t word, uint32_t number, bool reads_lanes) {
    const bool is_load = bit(word, 22);
    const RegisterSet registers = vector_list(field_d(word), number);
    Instruction found = access(is_load ? Operation::load_structure : Operation::store_structure,
                               is_load, registers, word);
    found.vectors = static_cast<uint8_t>(number);
    found.quad = bit(word, 30);
    if (is_load && reads_lanes) found.reads = registers;
    if (bit(word, 23)) {
        found.base = found.address;
        found.address |= general(field_m(word));
    }
    return found;
}

// LD1 to LD4 and ST1 to ST4 of whole registers.
Instruction multiple_structures(uint32_t word) {
    switch (bits(word, 15, 12)) {
        case 0b0000:
        case 0b0010: return structure(word, 4, false);
        case 0b0100:
        case 0b0110: return structure(word, 3, false);
        case 0b1000:
        case 0b1010: return structure(word, 2, false);
        case 0b0111: return structure(word, 1, false);
        default: return {};
    }
}

// The same of one lane of each register, or of all lanes alike.
Instruction single_structure(uint32_t word) {
    const uint32_t number = bits(word, 13, 13) * 2 + bits(word, 21, 21) + 1;
    const bool replicates = bits(word, 15, 14) == 3;
    return structure(word, number, !replicates);
}

}  // namespace

Instruction decode_memory(uint32_t word) {
    switch (bits(word, 29, 28)) {
        case 0:
            if (!bit(word, 26)) return bit(word, 24) ? Instruction{} : exclusive(word);
            if (bit(word, 31)) return {};
            return bit(word, 24) ? single_structure(word) : multiple_structures(word);
        case 1: return bit(word, 24) ? Instruction{} : literal(word);
        case 2: return pair(word);
        default: return single(word);
    }
}

}  // namespace orrery::timing
