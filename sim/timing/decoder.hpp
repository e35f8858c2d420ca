// SPDX-License-Identifier: Apache-2.0
// Decoder: from a machine word to an Instruction, by Capstone. One for each thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "sim/timing/instruction.hpp"

struct cs_insn;  // Capstone's, kept out of this header

namespace orrery::timing {

class Decoder final {
  public:
    Decoder();
    ~Decoder();
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    // A word that is no instruction is Operation::unknown. The answer depends on the word alone and
    // is good until the next call.
    [[nodiscard]] const Instruction& decode(uint32_t word) {
        const auto found = known_.find(word);
        return found != known_.end() ? found->second : learn(word);
    }

  private:
    // Capstone takes about a microsecond for a word, so words are remembered, and all forgotten
    // when they are this many; a kernel and a dozen of programs have 11 000 different ones.
    static constexpr size_t most_known = size_t{1} << 15;

    const Instruction& learn(uint32_t word);
    [[nodiscard]] Instruction disassemble(uint32_t word);
    [[nodiscard]] bool look(uint32_t word);

    size_t handle_ = 0;         // Capstone's csh
    cs_insn* found_ = nullptr;  // what Capstone says of the last word
    std::unordered_map<uint32_t, Instruction> known_;
};

}  // namespace orrery::timing
