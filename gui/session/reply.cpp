// SPDX-License-Identifier: Apache-2.0
// Replies: see the header.
#include "gui/session/reply.hpp"

#include "gui/session/packet_codec.hpp"

namespace inspector {

QByteArray Reply::bytes() const {
    QByteArray bytes;
    bytes.reserve(fields.size());
    for (const QString& field : fields) {
        const std::optional<uint64_t> value = parse_number(field);
        if (!value || *value > 0xff) return {};
        bytes.append(static_cast<char>(*value));
    }
    return bytes;
}

QJsonDocument Reply::json() const {
    if (fields.isEmpty()) return {};
    // A plain number or text is JSON, but no document to Qt.
    return QJsonDocument::fromJson(fields.first().toUtf8());
}

Reply parse_reply(const QByteArray& payload) {
    QStringList fields = split_fields(payload);
    const QString verdict = fields.takeFirst();
    if (verdict == "OK") return {true, fields, {}};
    if (verdict != "E") return refused("The simulator's answer is neither OK nor E.");
    const QString reason = fields.join(", ");
    return refused(reason.isEmpty() ? "The simulator does not know this command." : reason);
}

Reply refused(const QString& error) {
    return {false, {}, error};
}

std::optional<uint64_t> parse_number(const QString& text) {
    const bool is_hexadecimal = text.startsWith("0x", Qt::CaseInsensitive);
    bool is_number = false;
    const uint64_t value =
        is_hexadecimal ? text.mid(2).toULongLong(&is_number, 16) : text.toULongLong(&is_number, 10);
    return is_number ? std::optional(value) : std::nullopt;
}

QString hexadecimal(uint64_t value) {
    return "0x" + QString::number(value, 16);
}

}  // namespace inspector
