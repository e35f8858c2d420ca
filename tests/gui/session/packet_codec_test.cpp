// SPDX-License-Identifier: Apache-2.0
// Packets and fields, good and bad, in one piece and in many.
#include "gui/session/packet_codec.hpp"

#include <gtest/gtest.h>

namespace inspector {
namespace {

using Kind = Received::Kind;

TEST(PacketCodec, AddsTheSumOfWhatIsSent) {
    EXPECT_EQ(encode_packet("status"), "$status#a4");
    EXPECT_EQ(encode_packet(""), "$#00");
}

TEST(PacketCodec, EscapesWhatHasAMeaning) {
    EXPECT_EQ(encode_packet("a$b"),
              "$a}\x04"
              "b#44");
    PacketDecoder decoder(100);
    const QByteArray payload = "$#*}plain";
    EXPECT_EQ(decoder.feed(encode_packet(payload)), (QList<Received>{{Kind::Packet, payload}}));
}

TEST(PacketCodec, TakesBytesInAnyPortions) {
    PacketDecoder decoder(100);
    QList<Received> all;
    for (const char byte : QByteArray("+") + encode_packet("OK,1}2") + "-") {
        all += decoder.feed(QByteArray(1, byte));
    }
    EXPECT_EQ(all, (QList<Received>{
                       {Kind::Acknowledged, {}}, {Kind::Packet, "OK,1}2"}, {Kind::Refused, {}}}));
}

TEST(PacketCodec, PassesGarbageOver) {
    PacketDecoder decoder(100);
    EXPECT_TRUE(decoder.feed("HTTP/1.1 400 Bad Request\r\n").isEmpty());
    EXPECT_EQ(decoder.feed("\xff\x00$left" + encode_packet("OK")),
              (QList<Received>{{Kind::Packet, "OK"}}));
}

TEST(PacketCodec, NoticesDamage) {
    PacketDecoder decoder(100);
    EXPECT_EQ(decoder.feed("$OK#11"), (QList<Received>{{Kind::Damaged, {}}}));
    EXPECT_EQ(decoder.feed("$OK#zz"), (QList<Received>{{Kind::Damaged, {}}}));
    EXPECT_EQ(decoder.feed("$a}#00"), (QList<Received>{{Kind::Damaged, {}}}));
    EXPECT_EQ(decoder.feed("$OK#00"), (QList<Received>{{Kind::Packet, "OK"}}));
}

TEST(PacketCodec, KeepsNoMoreThanItMay) {
    PacketDecoder decoder(4);
    EXPECT_EQ(decoder.feed(encode_packet("12345")), (QList<Received>{{Kind::TooLong, {}}}));
    EXPECT_EQ(decoder.feed(encode_packet("1234")), (QList<Received>{{Kind::Packet, "1234"}}));
}

TEST(Fields, SurviveCommasAndBackslashes) {
    const QStringList fields{"a", "", "b,c", "d\\e", "\\"};
    EXPECT_EQ(join_fields(fields), "a,,b\\,c,d\\\\e,\\\\");
    EXPECT_EQ(split_fields(join_fields(fields)), fields);
    EXPECT_EQ(split_fields(""), QStringList{""});
}

}  // namespace
}  // namespace inspector
