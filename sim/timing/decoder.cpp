// SPDX-License-Identifier: Apache-2.0
// Decoder: the owner of a Capstone handle, and what is common to all instructions.
#include "sim/timing/decoder.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "sim/timing/decode.hpp"

namespace orrery::timing {

static_assert(sizeof(csh) == sizeof(size_t));
static_assert(CS_API_MAJOR == 4,
              "decode_table.cpp, decode_corrections.cpp and decode_later.cpp are for Capstone 4: "
              "hold them against this version's instructions before you raise it");

namespace {

// What does arithmetic with the carry: the flags are an operand of the sum.
bool carries(unsigned id) {
    return id == ARM64_INS_ADC || id == ARM64_INS_SBC || id == ARM64_INS_NGC ||
           id == ARM64_INS_NGCS;
}

void decode_branch(const cs_insn& found, Instruction& instruction) {
    constexpr int64_t word_bytes = 4;
    const cs_arm64& detail = found.detail->arm64;
    instruction.terminates = true;
    // Without a condition it tests a register or is taken in any case.
    const bool tests = instruction.operation == Operation::branch && found.id != ARM64_INS_B;
    instruction.always_taken = detail.cc == ARM64_CC_INVALID && !tests;
    const auto operands = operands_of(found);
    if (operands.empty() || operands.back().type != ARM64_OP_IMM) return;
    instruction.distance = static_cast<int32_t>(operands.back().imm / word_bytes);
}

Instruction interpret(const cs_insn& found) {
    Instruction instruction;
    instruction.operation = operation_of(found);
    if (instruction.operation == Operation::unknown) return instruction;
    instruction.quad = is_quad(found, instruction.operation);
    instruction.carries = carries(found.id);
    decode_registers(found, instruction);
    switch (instruction.operation) {
        case Operation::branch:
        case Operation::branch_link:
        case Operation::branch_register:
        case Operation::branch_link_register:
        case Operation::exception_return: decode_branch(found, instruction); break;
        case Operation::exception: instruction.terminates = true; break;
        default: break;
    }
    return instruction;
}

}  // namespace

Decoder::Decoder() {
    if (cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle_) != CS_ERR_OK) {
        throw std::runtime_error("Capstone was built without AArch64: install libcapstone-dev");
    }
    cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
    found_ = cs_malloc(handle_);
    if (found_ == nullptr) throw std::bad_alloc();
}

Decoder::~Decoder() {
    cs_free(found_, 1);
    cs_close(&handle_);
}

const Instruction& Decoder::learn(uint32_t word) {
    if (known_.size() >= most_known) known_.clear();
    return known_.emplace(word, disassemble(word)).first->second;
}

// At address 0, so that the target of a branch is its distance.
bool Decoder::look(uint32_t word) {
    std::array<uint8_t, 4> bytes{};
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(word >> (8 * i));
    const uint8_t* code = bytes.data();
    size_t size = bytes.size();
    uint64_t address = 0;
    return cs_disasm_iter(handle_, &code, &size, &address, found_);
}

Instruction Decoder::disassemble(uint32_t word) {
    if (look(word)) return interpret(*found_);
    const std::optional<uint32_t> single = single_for_half(word);
    if (single && look(*single)) return interpret(*found_);
    return decode_later(word);
}

}  // namespace orrery::timing
