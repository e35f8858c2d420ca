// SPDX-License-Identifier: Apache-2.0
// The decoder's widths of vectors.
#include <algorithm>

#include "sim/timing/decode.hpp"

namespace orrery::timing {

namespace {

// Results are twice or half as wide as operands, and both are worked on in full.
bool is_long(unsigned id) {
    switch (id) {
        case ARM64_INS_ADDHN:
        case ARM64_INS_PMULL:
        case ARM64_INS_RADDHN:
        case ARM64_INS_RSUBHN:
        case ARM64_INS_SABAL:
        case ARM64_INS_SABDL:
        case ARM64_INS_SADDL:
        case ARM64_INS_SADDW:
        case ARM64_INS_SMLAL:
        case ARM64_INS_SMLSL:
        case ARM64_INS_SMULL:
        case ARM64_INS_SQDMLAL:
        case ARM64_INS_SQDMLSL:
        case ARM64_INS_SQDMULL:
        case ARM64_INS_SSUBL:
        case ARM64_INS_SSUBW:
        case ARM64_INS_SUBHN:
        case ARM64_INS_UABAL:
        case ARM64_INS_UABDL:
        case ARM64_INS_UADDL:
        case ARM64_INS_UADDW:
        case ARM64_INS_UMLAL:
        case ARM64_INS_UMLSL:
        case ARM64_INS_UMULL:
        case ARM64_INS_USUBL:
        case ARM64_INS_USUBW: return true;
        default: return false;
    }
}

// A sum of the two elements of one register.
bool is_scalar_pairwise(const cs_insn& found) {
    switch (found.id) {
        case ARM64_INS_ADDP:
        case ARM64_INS_FADDP:
        case ARM64_INS_FMAXNMP:
        case ARM64_INS_FMAXP:
        case ARM64_INS_FMINNMP:
        case ARM64_INS_FMINP: return arrangement_bits(operands_of(found).front()) == 0;
        default: return false;
    }
}

// Capstone 4.0.2 leaves out the arrangement of these two, so Q is read from the word.
bool is_quad_alias(const cs_insn& found) {
    constexpr uint8_t q = 0x40;
    const bool is_alias = found.id == ARM64_INS_MOV || found.id == ARM64_INS_MVN;
    return is_alias && register_of(operands_of(found).front()).bits == 128 &&
           (found.bytes[3] & q) != 0;
}

}  // namespace

uint32_t arrangement_bits(const cs_arm64_op& operand) {
    switch (operand.vas) {
        case ARM64_VAS_8B:
        case ARM64_VAS_4H:
        case ARM64_VAS_2S:
        case ARM64_VAS_1D: return 64;
        case ARM64_VAS_16B:
        case ARM64_VAS_8H:
        case ARM64_VAS_4S:
        case ARM64_VAS_2D:
        case ARM64_VAS_1Q: return 128;
        default: return 0;
    }
}

bool is_quad(const cs_insn& found, Operation operation) {
    if (operation == Operation::cryptography || is_scalar_pairwise(found)) return false;
    // An element goes into a whole register.
    if (found.id == ARM64_INS_INS && operation == Operation::vector_permute) return true;
    if (is_quad_alias(found)) return true;
    uint32_t narrowest = 0;
    uint32_t widest = 0;
    for (const cs_arm64_op& operand : operands_of(found)) {
        const uint32_t bits = arrangement_bits(operand);
        if (bits == 0) continue;
        narrowest = narrowest == 0 ? bits : std::min(narrowest, bits);
        widest = std::max(widest, bits);
    }
    return (is_long(found.id) ? widest : narrowest) == 128;
}

}  // namespace orrery::timing
