// SPDX-License-Identifier: Apache-2.0
// Packets and fields: see the header.
#include "gui/session/packet_codec.hpp"

#include <cstdint>

namespace inspector {
namespace {

constexpr char escape = '}';
constexpr char inverted_bit = 0x20;

bool is_special(char byte) {
    return byte == '$' || byte == '#' || byte == '*' || byte == escape;
}

char inverted(char byte) {
    return static_cast<char>(byte ^ inverted_bit);
}

// Of the bytes as they are sent.
QByteArray sum_of(const QByteArray& bytes) {
    uint8_t sum = 0;
    for (const char byte : bytes) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(byte));
    return QByteArray::number(sum, 16).rightJustified(2, '0');
}

// False if the last byte announces one that is missing.
bool unescape(const QByteArray& bytes, QByteArray& plain) {
    plain.reserve(bytes.size());
    for (qsizetype i = 0; i < bytes.size(); ++i) {
        if (bytes[i] != escape) {
            plain.append(bytes[i]);
        } else if (++i < bytes.size()) {
            plain.append(inverted(bytes[i]));
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace

QByteArray encode_packet(const QByteArray& payload) {
    QByteArray escaped;
    escaped.reserve(payload.size());
    for (const char byte : payload) {
        if (is_special(byte)) escaped.append(escape);
        escaped.append(is_special(byte) ? inverted(byte) : byte);
    }
    return '$' + escaped + '#' + sum_of(escaped);
}

QByteArray join_fields(const QStringList& fields) {
    QByteArray payload;
    for (qsizetype i = 0; i < fields.size(); ++i) {
        if (i != 0) payload.append(',');
        for (const char byte : fields[i].toUtf8()) {
            if (byte == ',' || byte == '\\') payload.append('\\');
            payload.append(byte);
        }
    }
    return payload;
}

QStringList split_fields(const QByteArray& payload) {
    QStringList fields;
    QByteArray field;
    for (qsizetype i = 0; i < payload.size(); ++i) {
        if (payload[i] == ',') {
            fields.append(QString::fromUtf8(field));
            field.clear();
        } else {
            if (payload[i] == '\\' && i + 1 < payload.size()) ++i;
            field.append(payload[i]);
        }
    }
    fields.append(QString::fromUtf8(field));
    return fields;
}

QList<Received> PacketDecoder::feed(const QByteArray& bytes) {
    QList<Received> received;
    for (const char byte : bytes) {
        switch (place_) {
            case Place::Between: take_between(byte, received); break;
            case Place::Payload: take_payload(byte); break;
            case Place::FirstDigit:
                digits_[0] = byte;
                place_ = Place::SecondDigit;
                break;
            case Place::SecondDigit:
                digits_[1] = byte;
                place_ = Place::Between;
                received.append(end_packet());
                payload_.clear();
                break;
        }
    }
    return received;
}

void PacketDecoder::take_between(char byte, QList<Received>& received) {
    if (byte == '$') {
        payload_.clear();
        place_ = Place::Payload;
    } else if (byte == '+') {
        received.append({Received::Kind::Acknowledged, {}});
    } else if (byte == '-') {
        received.append({Received::Kind::Refused, {}});
    }
}

void PacketDecoder::take_payload(char byte) {
    if (byte == '$') {
        payload_.clear();
    } else if (byte == '#') {
        place_ = Place::FirstDigit;
    } else if (payload_.size() <= longest_) {
        payload_.append(byte);
    }
}

Received PacketDecoder::end_packet() const {
    if (payload_.size() > longest_) return {Received::Kind::TooLong, {}};
    const QByteArray digits = QByteArray(digits_, 2).toLower();
    // A sum of 00 is one that was not taken.
    const bool is_right = digits == "00" || digits == sum_of(payload_);
    QByteArray plain;
    if (!is_right || !unescape(payload_, plain)) return {Received::Kind::Damaged, {}};
    return {Received::Kind::Packet, plain};
}

}  // namespace inspector
