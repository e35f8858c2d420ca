// SPDX-License-Identifier: Apache-2.0
// Memory as rows: see the header.
#include "gui/models/hex_rows.hpp"

#include "gui/models/units.hpp"

namespace inspector {
namespace {

constexpr qsizetype row_size = 16;

QString characters(const QByteArray& bytes) {
    QString text;
    for (const char byte : bytes) {
        const bool is_printable = byte >= 0x20 && byte < 0x7f;
        text.append(QLatin1Char(is_printable ? byte : '.'));
    }
    return text;
}

QString in_halves(const QByteArray& bytes) {
    const QByteArray first = bytes.left(row_size / 2).toHex(' ');
    const QByteArray second = bytes.mid(row_size / 2).toHex(' ');
    return QString::fromLatin1(first + "  " + second);
}

}  // namespace

QList<TreeColumn> hex_columns() {
    return {{"Address", Qt::AlignRight}, {"Bytes"}, {"Characters"}};
}

std::vector<TreeRow> hex_rows(uint64_t address, const QByteArray& bytes) {
    std::vector<TreeRow> rows;
    for (qsizetype i = 0; i < bytes.size(); i += row_size) {
        const QByteArray part = bytes.mid(i, row_size);
        const uint64_t at = address + static_cast<uint64_t>(i);
        rows.push_back({.key = QString::number(i),
                        .cells = {address_text(at), in_halves(part), characters(part)},
                        .tag = QVariant::fromValue<quint64>(at)});
    }
    return rows;
}

}  // namespace inspector
