// SPDX-License-Identifier: Apache-2.0
// Disassembly: see the header.
#include "gui/models/disassembly.hpp"

#include <capstone/capstone.h>

#include <QtEndian>

#include "gui/models/units.hpp"

namespace inspector {
namespace {

constexpr int word_size = 4;
constexpr int word_digits = 8;

// A handle of Capstone's, closed at the end.
class Capstone final {
  public:
    Capstone() { valid_ = cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle_) == CS_ERR_OK; }
    ~Capstone() {
        if (valid_) cs_close(&handle_);
    }
    Capstone(const Capstone&) = delete;
    Capstone& operator=(const Capstone&) = delete;

    // Mnemonic and operands of a word; empty for what is no instruction.
    [[nodiscard]] QString text(const uint8_t* word, uint64_t address) const {
        cs_insn* instruction = nullptr;
        if (!valid_ || cs_disasm(handle_, word, word_size, address, 1, &instruction) != 1)
            return {};
        const QString text = QString(instruction->mnemonic).leftJustified(8) + instruction->op_str;
        cs_free(instruction, 1);
        return text.trimmed();
    }

  private:
    csh handle_ = 0;
    bool valid_ = false;
};

QString mark_text(uint64_t address, const CodeMarks& marks) {
    const QString breakpoint = marks.breakpoints.contains(address) ? "●" : " ";
    return breakpoint + (address == marks.pc ? "▶" : " ");
}

}  // namespace

QList<TreeColumn> code_columns() {
    return {{""}, {"Address", Qt::AlignRight}, {"Word"}, {"Instruction"}};
}

std::vector<TreeRow> code_rows(uint64_t address, const QByteArray& bytes, const CodeMarks& marks) {
    const Capstone capstone;
    std::vector<TreeRow> rows;
    for (qsizetype i = 0; i + word_size <= bytes.size(); i += word_size) {
        const uint64_t at = address + static_cast<uint64_t>(i);
        const auto* word = reinterpret_cast<const uint8_t*>(bytes.constData()) + i;
        const QString value = address_text(qFromLittleEndian<uint32_t>(word), word_digits);
        const QString text = capstone.text(word, at);
        rows.push_back({.key = address_text(at),
                        .cells = {mark_text(at, marks), address_text(at), value.mid(2),
                                  text.isEmpty() ? ".word   " + value : text},
                        .tag = QVariant::fromValue<quint64>(at)});
    }
    return rows;
}

}  // namespace inspector
