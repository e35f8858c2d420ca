// SPDX-License-Identifier: Apache-2.0
// Addresses and replies as texts.
#include "gui/session/address.hpp"

#include <gtest/gtest.h>

#include "gui/session/reply.hpp"

namespace inspector {
namespace {

TEST(Address, IsAPortAHostAndPortOrAPath) {
    EXPECT_EQ(parse_address("tcp:4444"), (SessionAddress{{}, "127.0.0.1", 4444}));
    EXPECT_EQ(parse_address("tcp:phone.lab:1"), (SessionAddress{{}, "phone.lab", 1}));
    EXPECT_EQ(parse_address("tcp:[::1]:80"), (SessionAddress{{}, "::1", 80}));
    EXPECT_EQ(parse_address("unix:/tmp/a:b"), (SessionAddress{"/tmp/a:b", {}, 0}));
}

TEST(Address, IsNothingElse) {
    for (const char* text :
         {"", "4444", "tcp:", "tcp:host", "tcp:70000", "tcp:0", "unix:", "udp:1"}) {
        EXPECT_FALSE(parse_address(text)) << text;
    }
}

TEST(Replies, AreSplitIntoFields) {
    const Reply reply = parse_reply("OK,0x01,0xff,16");
    EXPECT_TRUE(reply.ok);
    EXPECT_EQ(reply.bytes(), QByteArray("\x01\xff\x10"));
    EXPECT_TRUE(parse_reply("OK,0x100").bytes().isEmpty());
    EXPECT_TRUE(parse_reply("OK,[1]").json().isArray());
    EXPECT_TRUE(parse_reply("OK,[1").json().isNull());
}

TEST(Replies, SayWhatIsWrong) {
    EXPECT_EQ(parse_reply("E,simulation running").error, "simulation running");
    EXPECT_TRUE(parse_reply("E,Unsupported: stepping").unsupported());
    EXPECT_FALSE(parse_reply("E").error.isEmpty());
    EXPECT_FALSE(parse_reply("garbage").ok);
}

}  // namespace
}  // namespace inspector
