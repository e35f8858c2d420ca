// SPDX-License-Identifier: Apache-2.0
// TerminalText: what a serial line has written, as lines of plain text. It knows carriage return,
// backspace and tabulator; escape sequences (ECMA-48, 5.4) are passed over.
#pragma once

#include <QString>
#include <QStringList>

namespace inspector {

class TerminalText final {
  public:
    // Adds what has come in; the lines that it completes, in order.
    [[nodiscard]] QStringList add(const QString& text);
    // The line that is not complete yet.
    [[nodiscard]] const QString& last_line() const { return line_; }
    void clear();

  private:
    enum class Place { Text, Escape, Sequence };

    void put(QChar character);

    Place place_ = Place::Text;
    QString line_;
    qsizetype column_ = 0;  // where the next character goes
};

}  // namespace inspector
