// SPDX-License-Identifier: Apache-2.0
// Tests of the syndrome decoder, with values as CPUs report them.
#include "sim/trace/syndrome.hpp"

#include <gtest/gtest.h>

namespace orrery::trace {
namespace {

TEST(Syndrome, DescribesAborts) {
    EXPECT_EQ(describe_syndrome(0x9200'004f), "data abort, write, permission fault level 3");
    EXPECT_EQ(describe_syndrome(0x9200'0006), "data abort, read, translation fault level 2");
    EXPECT_EQ(describe_syndrome(0x9200'0021), "data abort, read, alignment fault");
    EXPECT_EQ(describe_syndrome(0x9600'0045),
              "data abort in the kernel, write, translation fault level 1");
    EXPECT_EQ(describe_syndrome(0x9200'0146),
              "data abort, cache maintenance, translation fault level 2");
    EXPECT_EQ(describe_syndrome(0x8200'000f), "instruction abort, fetch, permission fault level 3");
    EXPECT_EQ(describe_syndrome(0x8200'000b),
              "instruction abort, fetch, access flag fault level 3");
    EXPECT_EQ(describe_syndrome(0x8600'0004),
              "instruction abort in the kernel, fetch, translation fault level 0");
    EXPECT_EQ(describe_syndrome(0x9200'0010), "data abort, read, external abort");
    EXPECT_EQ(describe_syndrome(0x9200'003f), "data abort, read, fault status 0x3f");
}

TEST(Syndrome, DescribesOtherClasses) {
    EXPECT_EQ(describe_syndrome(0x0200'0000), "undefined instruction");
    EXPECT_EQ(describe_syndrome(0x5600'0003), "system call, svc #3");
    EXPECT_EQ(describe_syndrome(0xf200'03e8), "breakpoint instruction, brk #1000");
    EXPECT_EQ(describe_syndrome(0x8a00'0000), "misaligned program counter");
    EXPECT_EQ(describe_syndrome(0x9a00'0000), "misaligned stack pointer");
    EXPECT_EQ(describe_syndrome(0x1e00'0000), "floating point access while disabled");
    EXPECT_EQ(describe_syndrome(0x6200'0000), "trapped system register access");
    EXPECT_EQ(describe_syndrome(0xfc00'0000), "exception class 0x3f");
}

TEST(Syndrome, KnowsWhenAnAddressBelongsToIt) {
    EXPECT_TRUE(syndrome_has_address(0x9200'004f));
    EXPECT_TRUE(syndrome_has_address(0x8a00'0000));
    EXPECT_TRUE(syndrome_has_address(0x9200'0010));
    EXPECT_FALSE(syndrome_has_address(0x9200'0410)) << "external abort, address not valid";
    EXPECT_FALSE(syndrome_has_address(0x0200'0000));
    EXPECT_FALSE(syndrome_has_address(0x5600'0000));
}

}  // namespace
}  // namespace orrery::trace
