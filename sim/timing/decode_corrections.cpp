// SPDX-License-Identifier: Apache-2.0
// The decoder's corrections: where Capstone 4.0.2 is wrong about how an operand is accessed. What
// is right is in DDI 0487, C6.2 and C7.2; tests/sim/timing/corrections_test.cpp holds both against
// each other.
#include "sim/timing/decode.hpp"

namespace orrery::timing {

namespace {

constexpr uint8_t read = CS_AC_READ;
constexpr uint8_t write = CS_AC_WRITE;
constexpr uint8_t update = CS_AC_READ | CS_AC_WRITE;

// Of the first operand, which is the target if there is one; `said` is what Capstone says.
uint8_t first_access(unsigned id, uint8_t said) {
    switch (id) {
        // Said to be written, as the target of SUBS, ADDS or ANDS would be, but read: these
        // comparisons have none.
        case ARM64_INS_CMN:
        case ARM64_INS_CMP:
        case ARM64_INS_TST: return read;
        // Said to be read, of ADDS with an immediate, but written.
        case ARM64_INS_ADD: return write;
        // Said to be updated, but written: the aliases of SBFM and UBFM,
        case ARM64_INS_ASR:
        case ARM64_INS_LSL:
        case ARM64_INS_LSR:
        case ARM64_INS_SBFIZ:
        case ARM64_INS_SBFX:
        case ARM64_INS_SXTB:
        case ARM64_INS_SXTH:
        case ARM64_INS_SXTW:
        case ARM64_INS_UBFIZ:
        case ARM64_INS_UBFX:
        case ARM64_INS_UXTB:
        case ARM64_INS_UXTH:
        // moves of immediates,
        case ARM64_INS_MOVI:
        case ARM64_INS_MOVN:
        case ARM64_INS_MOVZ:
        case ARM64_INS_MVNI:
        // reads of the system,
        case ARM64_INS_MRS:
        case ARM64_INS_SYSL:
        // absolute differences and sums of pairs, which have accumulating neighbors,
        case ARM64_INS_SABD:
        case ARM64_INS_SABDL:
        case ARM64_INS_SABDL2:
        case ARM64_INS_SADDLP:
        case ARM64_INS_UABD:
        case ARM64_INS_UABDL:
        case ARM64_INS_UABDL2:
        case ARM64_INS_UADDLP:
        // shifts to the right, which have such neighbors too,
        case ARM64_INS_SSHR:
        case ARM64_INS_URSHR:
        case ARM64_INS_USHR:
        // and these.
        case ARM64_INS_AESIMC:
        case ARM64_INS_AESMC:
        case ARM64_INS_TBL: return write;
        // Said to be written, but updated: an accumulating shift,
        case ARM64_INS_SRSRA:
        // and what narrows into the upper half of its target and keeps the lower one.
        case ARM64_INS_ADDHN2:
        case ARM64_INS_FCVTN2:
        case ARM64_INS_FCVTXN2:
        case ARM64_INS_RADDHN2:
        case ARM64_INS_RSHRN2:
        case ARM64_INS_RSUBHN2:
        case ARM64_INS_SHRN2:
        case ARM64_INS_SQRSHRN2:
        case ARM64_INS_SQRSHRUN2:
        case ARM64_INS_SQSHRN2:
        case ARM64_INS_SQSHRUN2:
        case ARM64_INS_SQXTN2:
        case ARM64_INS_SQXTUN2:
        case ARM64_INS_SUBHN2:
        case ARM64_INS_UQRSHRN2:
        case ARM64_INS_UQSHRN2:
        case ARM64_INS_UQXTN2:
        case ARM64_INS_XTN2: return update;
        default: return said;
    }
}

// Vectors have ORR and BIC of an immediate, which keep what other bits there are; said to be
// written.
bool is_logical_immediate(const cs_insn& found) {
    const bool is_logical = found.id == ARM64_INS_ORR || found.id == ARM64_INS_BIC;
    return is_logical && operands_of(found)[1].type == ARM64_OP_IMM;
}

// FMOV to the upper half of a vector keeps the lower one, but is said to write; of an immediate it
// writes the whole, but is said to update.
uint8_t float_move_access(const cs_arm64_op& target) {
    return target.vector_index >= 0 ? update : write;
}

// Loads of structures write all registers and, if of one element each, keep the others of them.
uint8_t structure_access(const cs_arm64_op& operand, Operation operation) {
    const bool loads =
        operation == Operation::load_structure && register_of(operand).file == RegisterFile::vector;
    if (!loads) return read;
    return arrangement_bits(operand) != 0 ? write : update;
}

}  // namespace

uint8_t access_of(const cs_insn& found, size_t index) {
    const cs_arm64_op& operand = operands_of(found)[index];
    // Structures have wrong flags for many of their registers, and none for others.
    const Operation operation = operations_of(found.id).vector;
    if (operation == Operation::load_structure || operation == Operation::store_structure) {
        return structure_access(operand, operation);
    }
    // Some last operands have no flags, all of them read: of BIC, TBL and TBX.
    if (operand.access == 0) return read;
    // Said to be updated, but read: what MSR and SYS write into the system.
    if (found.id == ARM64_INS_MSR || found.id == ARM64_INS_SYS) return read;
    if (index != 0) return operand.access;
    if (found.id == ARM64_INS_FMOV) return float_move_access(operand);
    if (is_logical_immediate(found)) return update;
    return first_access(found.id, operand.access);
}

}  // namespace orrery::timing
