// SPDX-License-Identifier: Apache-2.0
// The form of the session protocol's packets (docs/session-protocol.md, "Packets"), and of the
// fields inside them. It knows no socket.
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>
#include <QStringList>

namespace inspector {

// A packet around a payload.
[[nodiscard]] QByteArray encode_packet(const QByteArray& payload);

// A payload of fields, and the fields of a payload: at least one, which may be empty.
[[nodiscard]] QByteArray join_fields(const QStringList& fields);
[[nodiscard]] QStringList split_fields(const QByteArray& payload);

// What has come in.
struct Received {
    enum class Kind {
        Packet,
        Damaged,  // the sum is wrong, or the escapes are
        TooLong,
        Acknowledged,
        Refused,
    };
    Kind kind;
    QByteArray payload;  // of a packet

    bool operator==(const Received&) const = default;
};

// Takes bytes in as they come, in any portions. Between packets everything but `$`, `+` and `-` is
// passed over; a `$` inside a packet begins a new one.
// Invariant: no more than `longest` bytes of a packet, and one, are kept.
class PacketDecoder final {
  public:
    explicit PacketDecoder(qsizetype longest) : longest_(longest) {}

    // What these bytes complete, in order.
    [[nodiscard]] QList<Received> feed(const QByteArray& bytes);

  private:
    enum class Place { Between, Payload, FirstDigit, SecondDigit };

    void take_between(char byte, QList<Received>& received);
    void take_payload(char byte);
    [[nodiscard]] Received end_packet() const;

    qsizetype longest_;
    Place place_ = Place::Between;
    QByteArray payload_;
    char digits_[2] = {};
};

}  // namespace inspector
