// SPDX-License-Identifier: Apache-2.0
// Disassembler: the owner of a Capstone handle.
#include "sim/trace/disassembler.hpp"

#include <capstone/capstone.h>
#include <fmt/format.h>

#include <array>
#include <string_view>

#include "sim/trace/guest_memory.hpp"

namespace orrery::trace {

static_assert(sizeof(csh) == sizeof(size_t));

Disassembler::Disassembler() {
    if (cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle_) != CS_ERR_OK) {
        throw TraceError("Capstone on this host cannot disassemble AArch64");
    }
}

Disassembler::~Disassembler() {
    cs_close(&handle_);
}

std::string Disassembler::text(uint32_t instruction, uint64_t pc) const {
    std::array<uint8_t, 4> bytes{};
    for (size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<uint8_t>(instruction >> (8 * i));
    }
    const std::string unknown = fmt::format(".word {:#010x}", instruction);

    cs_insn* decoded = nullptr;
    if (cs_disasm(handle_, bytes.data(), bytes.size(), pc, 1, &decoded) != 1) return unknown;
    const std::string_view mnemonic = decoded->mnemonic;
    const std::string_view operands = decoded->op_str;
    std::string result = unknown;
    if (mnemonic != "udf") {
        result =
            operands.empty() ? std::string(mnemonic) : fmt::format("{} {}", mnemonic, operands);
    }
    cs_free(decoded, 1);
    return result;
}

}  // namespace orrery::trace
