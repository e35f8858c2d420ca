// SPDX-License-Identifier: Apache-2.0
// Instructions of later architectures than Armv8.0-A, which Capstone 4.0.2 does not know.
// Expectations are those of DDI 0487: C6.2, C7.2.
#include <gtest/gtest.h>

#include <array>

#include "sim/timing/decoder.hpp"
#include "tests/sim/timing/registers.hpp"

namespace orrery::timing {
namespace {

constexpr std::array rows{
    Row{0xc8a07c41, "cas x0, x1, [x2]", Operation::atomic, "x0 x1 x2", "x0"},
    Row{0x48207c82, "casp x0, x1, x2, x3, [x4]", Operation::atomic, "x0 x1 x2 x3 x4", "x0 x1"},
    Row{0x08e0fc41, "casalb w0, w1, [x2]", Operation::atomic, "x0 x1 x2", "x0"},
    Row{0xb8e00041, "ldaddal w0, w1, [x2]", Operation::atomic, "x0 x2", "x1"},
    Row{0xf820303f, "stset x0, [x1]", Operation::atomic, "x0 x1", ""},
    Row{0xf82083e1, "swp x0, x1, [sp]", Operation::atomic, "x0 sp", "x1"},
    Row{0xf8bfc020, "ldapr x0, [x1]", Operation::load_acquire, "x1", "x0"},
    Row{0xc8df7c20, "ldlar x0, [x1]", Operation::load_acquire, "x1", "x0"},
    Row{0xc89f7c20, "stllr x0, [x1]", Operation::store_release, "x0 x1", ""},
    Row{0xd500419f, "msr pan, #1", Operation::system_write, "", ""},
    Row{0x6e828420, "sqrdmlah v0.4s, v1.4s, v2.4s", Operation::vector_multiply_quad, "v0 v1 v2",
        "v0"},
    Row{0x7fa2f020, "sqrdmlsh s0, s1, v2.s[1]", Operation::vector_multiply, "v0 v1 v2", "v0"},
    Row{0x2f72d820, "sqrdmlah v0.4h, v1.4h, v2.h[7]", Operation::vector_multiply, "v0 v1 v2", "v0"},
    Row{0x6e829420, "udot v0.4s, v1.16b, v2.16b", Operation::vector_multiply_quad, "v0 v1 v2",
        "v0"},
    Row{0x0fbfe020, "sdot v0.2s, v1.8b, v31.4b[1]", Operation::vector_multiply, "v0 v1 v31", "v0"},
    Row{0x1ee22820, "fadd h0, h1, h2", Operation::float_add, "v1 v2", "v0"},
    Row{0x7ec21420, "fabd h0, h1, h2", Operation::float_add, "v1 v2", "v0"},
    Row{0x9ee60020, "fmov x0, h1", Operation::move_from_vector, "v1", "x0"},
    Row{0x1ef80020, "fcvtzs w0, h1", Operation::float_to_integer, "v1", "x0"},
    Row{0x6e423c20, "fdiv v0.8h, v1.8h, v2.8h", Operation::float_divide_single, "v1 v2", "v0"},
    Row{0x0e420c20, "fmla v0.4h, v1.4h, v2.4h", Operation::float_fused, "v0 v1 v2", "v0"},
    Row{0x4f3f1820, "fmla v0.8h, v1.8h, v15.h[7]", Operation::float_fused, "v0 v1 v15", "v0"},
    Row{0x5f329020, "fmul h0, h1, v2.h[3]", Operation::float_multiply, "v1 v2", "v0"},
    Row{0x4ef8d820, "fcmeq v0.8h, v1.8h, #0.0", Operation::vector_integer, "v1", "v0"},
    Row{0x4ef99820, "frintz v0.8h, v1.8h", Operation::float_convert, "v1", "v0"},
    Row{0x4e30f820, "fmaxv h0, v1.8h", Operation::vector_reduce, "v1", "v0"},
    Row{0x4f03fe00, "fmov v0.8h, #1.0", Operation::vector_logical, "", "v0"},
    Row{0x4f1cfc20, "fcvtzs v0.8h, v1.8h, #4", Operation::float_convert, "v1", "v0"},
};

TEST(DecodeLater, EveryGroup) {
    Decoder decoder;
    for (const Row& row : rows) {
        const Instruction& found = decoder.decode(row.word);
        EXPECT_EQ(found.operation, row.operation) << row.text;
        EXPECT_EQ(all_reads(found), registers(row.reads)) << row.text;
        EXPECT_EQ(all_writes(found), registers(row.writes)) << row.text;
        EXPECT_FALSE(found.sets_flags) << row.text;
    }
}

TEST(DecodeLater, SumsAreAccumulated) {
    Decoder decoder;
    EXPECT_EQ(decoder.decode(0x6e829420).accumulator, registers("v0"));  // udot
    EXPECT_TRUE(decoder.decode(0x6e829420).quad);
    EXPECT_EQ(decoder.decode(0x0e420c20).accumulator, registers("v0"));  // fmla v0.4h
    EXPECT_FALSE(decoder.decode(0x0e420c20).quad);
}

TEST(DecodeLater, UnallocatedSizesAreNoInstruction) {
    Decoder decoder;
    EXPECT_EQ(decoder.decode(0x2e028420).operation, Operation::unknown);  // sqrdmlah of bytes
    EXPECT_EQ(decoder.decode(0x3e828420).operation, Operation::unknown);
}

}  // namespace
}  // namespace orrery::timing
