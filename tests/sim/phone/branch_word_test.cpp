// SPDX-License-Identifier: Apache-2.0
// Branches are told from their words, and from nothing else.
#include "sim/phone/branch_word.hpp"

#include <gtest/gtest.h>

namespace {

using orrery::memory::BranchKind;
using orrery::phone::branch_kind;

// Words as an assembler makes them.
TEST(BranchWord, kinds) {
    EXPECT_EQ(branch_kind(0x5400'0041), BranchKind::conditional);    // b.ne .+8
    EXPECT_EQ(branch_kind(0xb400'0040), BranchKind::conditional);    // cbz x0, .+8
    EXPECT_EQ(branch_kind(0x3500'0040), BranchKind::conditional);    // cbnz w0, .+8
    EXPECT_EQ(branch_kind(0x3618'0040), BranchKind::conditional);    // tbz w0, #3, .+8
    EXPECT_EQ(branch_kind(0xb718'0040), BranchKind::conditional);    // tbnz x0, #35, .+8
    EXPECT_EQ(branch_kind(0x17ff'ffff), BranchKind::direct);         // b .-4
    EXPECT_EQ(branch_kind(0x9400'0002), BranchKind::call);           // bl .+8
    EXPECT_EQ(branch_kind(0xd61f'0020), BranchKind::indirect);       // br x1
    EXPECT_EQ(branch_kind(0xd63f'0020), BranchKind::indirect_call);  // blr x1
    EXPECT_EQ(branch_kind(0xd65f'03c0), BranchKind::return_);        // ret
}

TEST(BranchWord, others) {
    EXPECT_FALSE(branch_kind(0));
    EXPECT_FALSE(branch_kind(0xd503'201f));  // nop
    EXPECT_FALSE(branch_kind(0xd69f'03e0));  // eret: nobody predicts it
    EXPECT_FALSE(branch_kind(0xd400'0001));  // svc #0
    EXPECT_FALSE(branch_kind(0xf940'0020));  // ldr x0, [x1]
    EXPECT_FALSE(branch_kind(0x1000'0000));  // adr x0, .
}

}  // namespace
