// SPDX-License-Identifier: Apache-2.0
// Tests of the disassembler.
#include "sim/trace/disassembler.hpp"

#include <gtest/gtest.h>

namespace orrery::trace {
namespace {

TEST(Disassembler, WritesInstructions) {
    const Disassembler disassembler;
    EXPECT_EQ(disassembler.text(0xf9000001, 0x1'0000), "str x1, [x0]");
    EXPECT_EQ(disassembler.text(0xd4000001, 0x1'0000), "svc #0");
    EXPECT_EQ(disassembler.text(0xd503201f, 0x1'0000), "nop");
    EXPECT_EQ(disassembler.text(0x14000002, 0x1'0000), "b #0x10008") << "relative to the pc";
}

TEST(Disassembler, ShowsTheRestAsData) {
    const Disassembler disassembler;
    EXPECT_EQ(disassembler.text(0, 0), ".word 0x00000000");
    EXPECT_EQ(disassembler.text(0x0000'1234, 0), ".word 0x00001234");
    EXPECT_EQ(disassembler.text(0xffff'ffff, 0), ".word 0xffffffff");
}

}  // namespace
}  // namespace orrery::trace
