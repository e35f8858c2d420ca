// SPDX-License-Identifier: Apache-2.0
// The decoder's top level, and branches, exceptions and system instructions (DDI 0487, C4.1.66).
#include "sim/timing/decode.hpp"

namespace orrery::timing {

namespace {

constexpr uint32_t link_register = 30;

int32_t signed_field(uint32_t word, unsigned high, unsigned low) {
    const unsigned width = high - low + 1;
    return static_cast<int32_t>(bits(word, high, low) << (32 - width)) >>
           static_cast<int32_t>(32 - width);
}

Instruction hint(uint32_t word) {
    Instruction found;
    const uint32_t number = bits(word, 11, 5);
    const bool waits = number == 2 || number == 3;  // WFE, WFI
    found.operation = waits ? Operation::wait : Operation::no_operation;
    return found;
}

Instruction barrier(uint32_t word) {
    Instruction found;
    switch (bits(word, 7, 5)) {
        case 2: found.operation = Operation::no_operation; break;  // CLREX
        case 4: found.operation = Operation::barrier_synchronization; break;
        case 5: found.operation = Operation::barrier; break;
        case 6:
        case 7: found.operation = Operation::barrier_instruction; break;  // ISB, SB
        default: break;
    }
    return found;
}

// SYS and SYSL: caches, translations. DC ZVA stores a line.
Instruction maintenance(uint32_t word) {
    Instruction found;
    constexpr uint32_t zero_line = 0x1ba1;  // op1:CRn:CRm:op2
    if (!bit(word, 21) && bits(word, 18, 5) == zero_line) {
        found.operation = Operation::store_vector_pair_quad;
        found.address = general(field_d(word));
        return found;
    }
    found.operation = Operation::maintenance;
    (bit(word, 21) ? found.writes : found.reads) = general(field_d(word));
    return found;
}

Instruction system_register(uint32_t word) {
    Instruction found;
    constexpr uint32_t flags = 0xda10;  // S3_3_C4_C2_0: NZCV
    const bool is_flags = bits(word, 20, 5) == flags;
    if (bit(word, 21)) {
        found.operation = Operation::system_read;
        found.writes = general(field_d(word));
        found.reads_flags = is_flags;
    } else {
        found.operation = Operation::system_write;
        found.reads = general(field_d(word));
        found.sets_flags = is_flags;
    }
    return found;
}

Instruction system(uint32_t word) {
    if (bits(word, 23, 22) != 0) return {};
    if (bit(word, 20)) return system_register(word);
    if (bit(word, 19)) return maintenance(word);
    switch (bits(word, 15, 12)) {
        case 2: return hint(word);
        case 3: return barrier(word);
        case 4: {  // MSR (immediate)
            Instruction found;
            found.operation = Operation::system_write;
            return found;
        }
        default: return {};
    }
}

Instruction branch_register(uint32_t word) {
    Instruction found;
    found.always_taken = true;
    found.terminates = true;
    found.reads = general(field_n(word));
    switch (bits(word, 24, 21)) {
        case 0:
        case 2: found.operation = Operation::branch_register; break;
        case 1:
            found.operation = Operation::branch_link_register;
            found.writes = general(link_register);
            break;
        case 4:
            found.operation = Operation::exception_return;
            found.reads = 0;
            break;
        default: return {};
    }
    return found;
}

Instruction branch_immediate(uint32_t word) {
    Instruction found;
    found.always_taken = true;
    found.terminates = true;
    found.distance = signed_field(word, 25, 0);
    const bool links = bit(word, 31);
    found.operation = links ? Operation::branch_link : Operation::branch;
    if (links) found.writes = general(link_register);
    return found;
}

Instruction branch_compare(uint32_t word) {
    Instruction found;
    found.operation = Operation::branch;
    found.terminates = true;
    found.reads = general(field_d(word));
    const bool tests_bit = bit(word, 25);
    found.distance = tests_bit ? signed_field(word, 18, 5) : signed_field(word, 23, 5);
    return found;
}

Instruction branch_condition(uint32_t word) {
    if (bit(word, 24) || bit(word, 4)) return {};
    Instruction found;
    found.operation = Operation::branch;
    found.terminates = true;
    found.reads_flags = true;
    found.distance = signed_field(word, 23, 5);
    return found;
}

Instruction exception(uint32_t word) {
    const uint32_t kind = bits(word, 23, 21);
    if (kind > 2) return {};
    Instruction found;
    found.operation = Operation::exception;
    found.terminates = true;
    return found;
}

}  // namespace

Instruction decode_branch(uint32_t word) {
    switch (bits(word, 31, 29)) {
        case 0:
        case 4: return branch_immediate(word);
        case 1:
        case 5: return branch_compare(word);
        case 2: return bit(word, 25) ? Instruction{} : branch_condition(word);
        case 6:
            if (bit(word, 25)) return branch_register(word);
            return bit(word, 24) ? system(word) : exception(word);
        default: return {};
    }
}

Instruction decode(uint32_t word) {
    const uint32_t group = bits(word, 28, 25);
    if ((group & 0b1110) == 0b1000) return decode_immediate(word);
    if ((group & 0b1110) == 0b1010) return decode_branch(word);
    if ((group & 0b0101) == 0b0100) return decode_memory(word);
    if ((group & 0b0111) == 0b0101) return decode_register(word);
    if ((group & 0b0111) != 0b0111) return {};
    const bool scalar = bit(word, 28) && !bit(word, 30);
    return scalar ? decode_float(word) : decode_vector(word);
}

}  // namespace orrery::timing
