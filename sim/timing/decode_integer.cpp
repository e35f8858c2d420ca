// SPDX-License-Identifier: Apache-2.0
// The decoder's integer data processing, immediate and register (DDI 0487, C4.1.64 and C4.1.68).
#include "sim/timing/decode.hpp"

namespace orrery::timing {

namespace {

Instruction simple(Operation operation, RegisterSet writes, RegisterSet reads) {
    Instruction found;
    found.operation = operation;
    found.writes = writes;
    found.reads = reads;
    return found;
}

Instruction add_immediate(uint32_t word) {
    const bool flags = bit(word, 29);
    Instruction found =
        simple(Operation::integer, flags ? general(field_d(word)) : general_or_stack(field_d(word)),
               general_or_stack(field_n(word)));
    found.sets_flags = flags;
    return found;
}

Instruction logical_immediate(uint32_t word) {
    const bool flags = bits(word, 30, 29) == 3;
    Instruction found =
        simple(Operation::integer, flags ? general(field_d(word)) : general_or_stack(field_d(word)),
               general(field_n(word)));
    found.sets_flags = flags;
    return found;
}

Instruction move_wide(uint32_t word) {
    const uint32_t kind = bits(word, 30, 29);
    if (kind == 1) return {};
    const RegisterSet target = general(field_d(word));
    return simple(Operation::integer, target, kind == 3 ? target : 0);
}

Instruction bitfield(uint32_t word) {
    const uint32_t kind = bits(word, 30, 29);
    if (kind == 3) return {};
    const RegisterSet target = general(field_d(word));
    const RegisterSet source = general(field_n(word));
    if (kind == 1) return simple(Operation::bitfield_insert, target, source | target);
    const uint32_t last = bits(word, 15, 10);
    const bool extends = bits(word, 21, 16) == 0 && (last == 7 || last == 15);
    return simple(extends ? Operation::integer : Operation::bitfield, target, source);
}

// Of one register twice it is a rotation.
Instruction extract(uint32_t word) {
    const bool rotates = field_n(word) == field_m(word);
    return simple(rotates ? Operation::bitfield : Operation::extract, general(field_d(word)),
                  general(field_n(word)) | general(field_m(word)));
}

Instruction logical_register(uint32_t word) {
    const bool flags = bits(word, 30, 29) == 3;
    Operation operation = Operation::integer;
    if (bits(word, 15, 10) != 0) {
        operation = flags ? Operation::integer_shifted : Operation::logical_shifted;
    }
    Instruction found =
        simple(operation, general(field_d(word)), general(field_n(word)) | general(field_m(word)));
    found.sets_flags = flags;
    return found;
}

Instruction add_shifted(uint32_t word) {
    constexpr uint32_t short_shift = 4;
    const uint32_t amount = bits(word, 15, 10);
    const bool left = bits(word, 23, 22) == 0;
    Operation operation = Operation::integer;
    if (amount != 0) {
        operation = left && amount <= short_shift ? Operation::integer_shifted_short
                                                  : Operation::integer_shifted;
    }
    Instruction found =
        simple(operation, general(field_d(word)), general(field_n(word)) | general(field_m(word)));
    found.sets_flags = bit(word, 29);
    return found;
}

// With UXTX and no shift it is the plain sum with the stack pointer.
Instruction add_extended(uint32_t word) {
    const bool flags = bit(word, 29);
    const bool plain = (bits(word, 15, 13) | 4) == 7 && bits(word, 12, 10) == 0;
    Instruction found = simple(plain ? Operation::integer : Operation::integer_shifted,
                               flags ? general(field_d(word)) : general_or_stack(field_d(word)),
                               general_or_stack(field_n(word)) | general(field_m(word)));
    found.sets_flags = flags;
    return found;
}

Instruction add_with_carry(uint32_t word) {
    Instruction found = simple(Operation::integer, general(field_d(word)),
                               general(field_n(word)) | general(field_m(word)));
    found.reads_flags = true;
    found.carries = true;
    found.sets_flags = bit(word, 29);
    return found;
}

Instruction conditional_compare(uint32_t word) {
    const bool immediate = bit(word, 11);
    Instruction found = simple(Operation::integer, 0,
                               general(field_n(word)) | (immediate ? 0 : general(field_m(word))));
    found.reads_flags = true;
    found.sets_flags = true;
    return found;
}

Instruction conditional_select(uint32_t word) {
    Instruction found = simple(Operation::integer, general(field_d(word)),
                               general(field_n(word)) | general(field_m(word)));
    found.reads_flags = true;
    return found;
}

Instruction two_sources(uint32_t word) {
    const uint32_t opcode = bits(word, 15, 10);
    const RegisterSet sources = general(field_n(word)) | general(field_m(word));
    Operation operation = Operation::unknown;
    if (opcode == 2 || opcode == 3) {
        operation = bit(word, 31) ? Operation::divide_double : Operation::divide;
    } else if (opcode >= 8 && opcode <= 11) {
        operation = Operation::variable_shift;
    } else if (opcode >= 16 && opcode <= 23) {
        operation = Operation::checksum;
    } else {
        return {};
    }
    return simple(operation, general(field_d(word)), sources);
}

Instruction three_sources(uint32_t word) {
    const uint32_t kind = bits(word, 23, 21);
    const bool high = kind == 2 || kind == 6;  // SMULH, UMULH
    Operation operation = Operation::multiply;
    if (kind == 0 && bit(word, 31)) operation = Operation::multiply_double;
    if (high) operation = Operation::multiply_high;
    Instruction found =
        simple(operation, general(field_d(word)), general(field_n(word)) | general(field_m(word)));
    if (!high) found.accumulator = general(field_a(word));
    return found;
}

}  // namespace

Instruction decode_immediate(uint32_t word) {
    switch (bits(word, 25, 23)) {
        case 0:
        case 1: return simple(Operation::integer, general(field_d(word)), 0);  // ADR, ADRP
        case 2: return add_immediate(word);
        case 4: return logical_immediate(word);
        case 5: return move_wide(word);
        case 6: return bitfield(word);
        case 7: return extract(word);
        default: return {};
    }
}

Instruction decode_register(uint32_t word) {
    if (!bit(word, 28)) {
        if (!bit(word, 24)) return logical_register(word);
        return bit(word, 21) ? add_extended(word) : add_shifted(word);
    }
    if (bit(word, 24)) return three_sources(word);
    switch (bits(word, 23, 21)) {
        case 0: return bits(word, 15, 10) == 0 ? add_with_carry(word) : Instruction{};
        case 2: return conditional_compare(word);
        case 4: return conditional_select(word);
        case 6:
            if (!bit(word, 30)) return two_sources(word);
            return simple(Operation::integer, general(field_d(word)), general(field_n(word)));
        default: return {};
    }
}

}  // namespace orrery::timing
