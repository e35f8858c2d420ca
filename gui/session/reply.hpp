// SPDX-License-Identifier: Apache-2.0
// Reply: what the simulator answers to a command.
#pragma once

#include <QJsonDocument>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <optional>

namespace inspector {

struct Reply {
    bool ok = false;
    QStringList fields;  // behind `OK`
    QString error;       // why it was refused: a sentence; empty if ok

    // The machine does not offer it, now or later.
    [[nodiscard]] bool unsupported() const { return error.startsWith("Unsupported"); }
    // The fields as bytes, one each; empty if one of them is none.
    [[nodiscard]] QByteArray bytes() const;
    // The first field as JSON; null if it is none.
    [[nodiscard]] QJsonDocument json() const;
};

// The reply in a payload.
[[nodiscard]] Reply parse_reply(const QByteArray& payload);
[[nodiscard]] Reply refused(const QString& error);

// A number of 64 bits: decimal, or hexadecimal behind `0x`.
[[nodiscard]] std::optional<uint64_t> parse_number(const QString& text);
[[nodiscard]] QString hexadecimal(uint64_t value);

}  // namespace inspector
