// SPDX-License-Identifier: Apache-2.0
// TerminalText: see the header.
#include "gui/models/terminal_text.hpp"

#include <utility>

namespace inspector {
namespace {

constexpr ushort escape = 0x1b;
// A line that goes on without end is cut here.
constexpr qsizetype longest_line = 1 << 14;

bool ends_sequence(QChar character) {
    return character.unicode() >= 0x40 && character.unicode() <= 0x7e;
}

}  // namespace

QStringList TerminalText::add(const QString& text) {
    QStringList lines;
    for (const QChar character : text) {
        if (place_ == Place::Escape) {
            place_ = character == '[' ? Place::Sequence : Place::Text;
        } else if (place_ == Place::Sequence) {
            if (ends_sequence(character)) place_ = Place::Text;
        } else if (character == '\n') {
            lines.append(std::exchange(line_, {}));
            column_ = 0;
        } else {
            put(character);
            if (line_.size() < longest_line) continue;
            lines.append(std::exchange(line_, {}));
            column_ = 0;
        }
    }
    return lines;
}

void TerminalText::clear() {
    *this = {};
}

void TerminalText::put(QChar character) {
    if (character.unicode() == escape) {
        place_ = Place::Escape;
    } else if (character == '\r') {
        column_ = 0;
    } else if (character == '\b') {
        column_ = column_ > 0 ? column_ - 1 : 0;
    } else if (character == '\t') {
        do put(' ');
        while (column_ % 8 != 0);
    } else if (character.unicode() >= 0x20) {
        if (column_ < line_.size()) {
            line_[column_] = character;
        } else {
            line_.append(character);
        }
        ++column_;
    }
}

}  // namespace inspector
