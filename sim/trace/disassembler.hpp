// SPDX-License-Identifier: Apache-2.0
// Disassembler: one AArch64 instruction word as text, by Capstone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace orrery::trace {

class Disassembler final {
  public:
    Disassembler();
    ~Disassembler();
    Disassembler(const Disassembler&) = delete;
    Disassembler& operator=(const Disassembler&) = delete;

    // The instruction as an assembler writes it, branch targets as addresses; `.word 0x…` for what
    // is not an instruction.
    [[nodiscard]] std::string text(uint32_t instruction, uint64_t pc) const;

  private:
    size_t handle_ = 0;  // Capstone's csh, kept out of this header
};

}  // namespace orrery::trace
