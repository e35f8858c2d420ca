// SPDX-License-Identifier: Apache-2.0
// The decoder's registers: which are read and written, and as what.
#include <algorithm>
#include <array>

#include "sim/timing/decode.hpp"

namespace orrery::timing {

namespace {

// Registers that follow each other in Capstone's numbering.
struct Range {
    arm64_reg first;
    arm64_reg last;
    RegisterFile file;
    uint32_t bits;
};
constexpr std::array ranges{
    Range{ARM64_REG_X0, ARM64_REG_X28, RegisterFile::general, 64},
    Range{ARM64_REG_W0, ARM64_REG_W30, RegisterFile::general, 32},
    Range{ARM64_REG_V0, ARM64_REG_V31, RegisterFile::vector, 128},
    Range{ARM64_REG_Q0, ARM64_REG_Q31, RegisterFile::vector, 128},
    Range{ARM64_REG_D0, ARM64_REG_D31, RegisterFile::vector, 64},
    Range{ARM64_REG_S0, ARM64_REG_S31, RegisterFile::vector, 32},
    Range{ARM64_REG_H0, ARM64_REG_H31, RegisterFile::vector, 16},
    Range{ARM64_REG_B0, ARM64_REG_B31, RegisterFile::vector, 8},
};

constexpr RegisterSet link_register = general(30);

bool contains(const uint16_t* names, size_t count, arm64_reg wanted) {
    return std::find(names, names + count, wanted) != names + count;
}

bool is_structure(Operation operation) {
    return operation == Operation::load_structure || operation == Operation::store_structure;
}
bool is_store(Operation operation) {
    return operation >= Operation::store && operation <= Operation::store_structure;
}

// What adds to its target, and takes that late; other targets that are read too are operands like
// the rest.
bool adds_to_target(const cs_insn& found, Operation operation) {
    switch (operation) {
        case Operation::vector_accumulate:
        case Operation::vector_multiply:
        case Operation::vector_multiply_quad:
        case Operation::float_fused: return true;
        default: return found.id == ARM64_INS_SUQADD || found.id == ARM64_INS_USQADD;
    }
}

// MADD, FMADD and their kin name the addend last.
bool is_addend(Operation operation, size_t index) {
    switch (operation) {
        case Operation::multiply:
        case Operation::multiply_double:
        case Operation::float_fused: return index == 3;
        default: return false;
    }
}

void take_memory(const cs_insn& found, const cs_arm64_op& operand, Instruction& instruction) {
    const RegisterSet base = register_of(operand.mem.base).set;
    instruction.address = base | register_of(operand.mem.index).set;
    if (found.detail->arm64.writeback) instruction.base = base;
}

// The set that an operand which is read belongs to.
RegisterSet& read_set(const cs_insn& found, size_t index, const Register& named,
                      Instruction& instruction) {
    const Operation operation = instruction.operation;
    if (is_structure(operation) && named.file == RegisterFile::general) return instruction.address;
    if (operation == Operation::store_vector_pair_quad && found.id == ARM64_INS_DC) {
        return instruction.address;
    }
    if (is_store(operation)) return instruction.data;
    const bool adds = index == 0 && adds_to_target(found, operation);
    if (adds || is_addend(operation, index)) return instruction.accumulator;
    return instruction.reads;
}

void take_operand(const cs_insn& found, size_t index, Instruction& instruction) {
    const cs_arm64_op& operand = operands_of(found)[index];
    if (operand.type == ARM64_OP_MEM) {
        take_memory(found, operand, instruction);
        return;
    }
    const Register named = register_of(operand);
    const uint8_t access = access_of(found, index);
    if ((access & CS_AC_WRITE) != 0) instruction.writes |= named.set;
    if ((access & CS_AC_READ) != 0) read_set(found, index, named, instruction) |= named.set;
    if (is_structure(instruction.operation) && named.file == RegisterFile::vector) {
        ++instruction.vectors;
    }
}

// Registers that are no operands.
void take_implied(const cs_insn& found, Instruction& instruction) {
    const cs_detail& detail = *found.detail;
    const bool links = instruction.operation == Operation::branch_link ||
                       instruction.operation == Operation::branch_link_register;
    if (links) instruction.writes |= link_register;
    if (found.id == ARM64_INS_RET && detail.arm64.op_count == 0) instruction.reads = link_register;
    instruction.reads_flags = contains(detail.regs_read, detail.regs_read_count, ARM64_REG_NZCV);
    instruction.sets_flags = contains(detail.regs_write, detail.regs_write_count, ARM64_REG_NZCV);
}

// The flags as a system register, S3_3_C4_C2_0, whose number is in the operand.
void take_system_register(const cs_insn& found, Instruction& instruction) {
    constexpr unsigned flags = 0xda10;
    const auto operands = operands_of(found);
    const bool reads = instruction.operation == Operation::system_read;
    const cs_arm64_op& named = operands[reads ? 1 : 0];
    const bool is_flags = named.type != ARM64_OP_PSTATE && named.sys == flags;
    instruction.reads_flags = reads && is_flags;
    instruction.sets_flags = !reads && is_flags;
}

}  // namespace

Register register_of(arm64_reg name) {
    switch (name) {
        case ARM64_REG_WZR: return {RegisterFile::general, 32, 0};
        case ARM64_REG_XZR: return {RegisterFile::general, 64, 0};
        case ARM64_REG_WSP: return {RegisterFile::general, 32, general_or_stack(31)};
        case ARM64_REG_SP: return {RegisterFile::general, 64, general_or_stack(31)};
        case ARM64_REG_X29: return {RegisterFile::general, 64, general(29)};
        case ARM64_REG_X30: return {RegisterFile::general, 64, general(30)};
        default: break;
    }
    for (const Range& range : ranges) {
        if (name < range.first || name > range.last) continue;
        const auto number = static_cast<uint32_t>(name - range.first);
        const bool is_general = range.file == RegisterFile::general;
        return {range.file, range.bits, is_general ? general(number) : vector(number)};
    }
    return {};
}

Register register_of(const cs_arm64_op& operand) {
    return operand.type == ARM64_OP_REG ? register_of(operand.reg) : Register{};
}

void decode_registers(const cs_insn& found, Instruction& instruction) {
    for (size_t i = 0; i < operands_of(found).size(); ++i) take_operand(found, i, instruction);
    take_implied(found, instruction);
    if (found.id == ARM64_INS_MRS || found.id == ARM64_INS_MSR) {
        take_system_register(found, instruction);
    }
}

}  // namespace orrery::timing
