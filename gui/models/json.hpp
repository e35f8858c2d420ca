// SPDX-License-Identifier: Apache-2.0
// Small things about the JSON that a session answers with.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>
#include <QString>
#include <cstdint>

namespace inspector {

// A number that is not negative; 0 for what is none. Beyond 2^63 Qt keeps 53 bits of it.
[[nodiscard]] inline uint64_t natural(const QJsonValue& value) {
    const qint64 whole = value.toInteger(-1);
    if (whole >= 0) return static_cast<uint64_t>(whole);
    const double number = value.toDouble();
    constexpr double limit = 18446744073709551615.0;
    if (number <= 0) return 0;
    return number >= limit ? UINT64_MAX : static_cast<uint64_t>(number);
}

[[nodiscard]] inline QString number_text(const QJsonValue& value) {
    return QString::number(natural(value));
}

}  // namespace inspector
