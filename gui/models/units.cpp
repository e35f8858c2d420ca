// SPDX-License-Identifier: Apache-2.0
// Amounts: see the header.
#include "gui/models/units.hpp"

#include <iterator>

namespace inspector {

QString bytes_text(uint64_t bytes) {
    static const char* const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    uint64_t size = 1;
    while (unit + 1 < std::size(names) && bytes / size >= 1024) {
        size *= 1024;
        ++unit;
    }
    const uint64_t tenths = bytes % size * 10 / size;
    QString text = QString::number(bytes / size);
    if (tenths != 0) text += '.' + QString::number(tenths);
    return text + ' ' + names[unit];
}

QString share_text(uint64_t part, uint64_t whole) {
    if (whole == 0) return {};
    const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    return QString::number(percent, 'f', 1) + " %";
}

QString address_text(uint64_t address, int digits) {
    return "0x" + QString::number(address, 16).rightJustified(digits, '0');
}

}  // namespace inspector
