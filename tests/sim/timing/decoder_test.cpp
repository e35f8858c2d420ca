// SPDX-License-Identifier: Apache-2.0
// The decoder on representative instructions. Expectations are those of DDI 0487: C6.2, C7.2.
#include "sim/timing/decoder.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "tests/sim/timing/registers.hpp"

namespace orrery::timing {
namespace {

Instruction decode(uint32_t word) {
    static Decoder decoder;
    return decoder.decode(word);
}

constexpr std::array rows{
    Row{0x8b020020, "add x0, x1, x2", Operation::integer, "x1 x2", "x0"},
    Row{0x8b023020, "add x0, x1, x2, lsl #12", Operation::integer_shifted, "x1 x2", "x0"},
    Row{0xcb021020, "sub x0, x1, x2, lsl #4", Operation::integer_shifted_short, "x1 x2", "x0"},
    Row{0xca023020, "eor x0, x1, x2, lsl #12", Operation::logical_shifted, "x1 x2", "x0"},
    Row{0x9ac22020, "lsl x0, x1, x2", Operation::variable_shift, "x1 x2", "x0"},
    Row{0xd3442c20, "ubfx x0, x1, #4, #8", Operation::bitfield, "x1", "x0"},
    Row{0xb37c1c20, "bfi x0, x1, #4, #8", Operation::bitfield_insert, "x0 x1", "x0"},
    Row{0x93c22020, "extr x0, x1, x2, #8", Operation::extract, "x1 x2", "x0"},
    Row{0x1b027c20, "mul w0, w1, w2", Operation::multiply, "x1 x2", "x0"},
    Row{0x9b020c20, "madd x0, x1, x2, x3", Operation::multiply_double, "x1 x2 x3", "x0"},
    Row{0x9bc27c20, "umulh x0, x1, x2", Operation::multiply_high, "x1 x2", "x0"},
    Row{0x1ac20c20, "sdiv w0, w1, w2", Operation::divide, "x1 x2", "x0"},
    Row{0x9ac20820, "udiv x0, x1, x2", Operation::divide_double, "x1 x2", "x0"},
    Row{0x9ac25c20, "crc32cx w0, w1, x2", Operation::checksum, "x1 x2", "x0"},
    Row{0xf8627820, "ldr x0, [x1, x2, lsl #3]", Operation::load, "x1 x2", "x0"},
    Row{0xb9800420, "ldrsw x0, [x1, #4]", Operation::load_extended, "x1", "x0"},
    Row{0xc8dffc20, "ldar x0, [x1]", Operation::load_acquire, "x1", "x0"},
    Row{0x29400820, "ldp w0, w2, [x1]", Operation::load_pair, "x1", "x0 x2"},
    Row{0xa9400820, "ldp x0, x2, [x1]", Operation::load_pair_double, "x1", "x0 x2"},
    Row{0xfd400020, "ldr d0, [x1]", Operation::load_vector, "x1", "v0"},
    Row{0x3dc00020, "ldr q0, [x1]", Operation::load_vector_quad, "x1", "v0"},
    Row{0x6d400820, "ldp d0, d2, [x1]", Operation::load_vector_pair, "x1", "v0 v2"},
    Row{0xad400820, "ldp q0, q2, [x1]", Operation::load_vector_pair_quad, "x1", "v0 v2"},
    Row{0x4c408820, "ld2 {v0.4s, v1.4s}, [x1]", Operation::load_structure, "x1", "v0 v1"},
    Row{0xf9800020, "prfm pldl1keep, [x1]", Operation::preload, "x1", ""},
    Row{0xf9000020, "str x0, [x1]", Operation::store, "x0 x1", ""},
    Row{0x29000820, "stp w0, w2, [x1]", Operation::store_pair, "x0 x1 x2", ""},
    Row{0xa9000820, "stp x0, x2, [x1]", Operation::store_pair_double, "x0 x1 x2", ""},
    Row{0xc89ffc20, "stlr x0, [x1]", Operation::store_release, "x0 x1", ""},
    Row{0xc8027c20, "stxr w2, x0, [x1]", Operation::store_exclusive, "x0 x1", "x2"},
    Row{0xbd000020, "str s0, [x1]", Operation::store_vector, "v0 x1", ""},
    Row{0x3d800020, "str q0, [x1]", Operation::store_vector_quad, "v0 x1", ""},
    Row{0x6d000820, "stp d0, d2, [x1]", Operation::store_vector_pair, "v0 v2 x1", ""},
    Row{0xad000820, "stp q0, q2, [x1]", Operation::store_vector_pair_quad, "v0 v2 x1", ""},
    Row{0x4c004c60, "st3 {v0.2d, v1.2d, v2.2d}, [x3]", Operation::store_structure, "v0 v1 v2 x3",
        ""},
    Row{0xf8e08041, "swpal x0, x1, [x2]", Operation::atomic, "x0 x2", "x1"},
    Row{0xb4000040, "cbz x0, .+8", Operation::branch, "x0", ""},
    Row{0x94000002, "bl .+8", Operation::branch_link, "", "x30"},
    Row{0xd61f0100, "br x8", Operation::branch_register, "x8", ""},
    Row{0xd63f0100, "blr x8", Operation::branch_link_register, "x8", "x30"},
    Row{0x1e623820, "fsub d0, d1, d2", Operation::float_add, "v1 v2", "v0"},
    Row{0x1e622020, "fcmp d1, d2", Operation::float_compare, "v1 v2", ""},
    Row{0x1e22c020, "fcvt d0, s1", Operation::float_convert, "v1", "v0"},
    Row{0x1e221820, "fdiv s0, s1, s2", Operation::float_divide_single, "v1 v2", "v0"},
    Row{0x1e621820, "fdiv d0, d1, d2", Operation::float_divide_double, "v1 v2", "v0"},
    Row{0x1f420c20, "fmadd d0, d1, d2, d3", Operation::float_fused, "v1 v2 v3", "v0"},
    Row{0x1e604020, "fmov d0, d1", Operation::float_move, "v1", "v0"},
    Row{0x6e22dc20, "fmul v0.4s, v1.4s, v2.4s", Operation::float_multiply, "v1 v2", "v0"},
    Row{0x1e21c020, "fsqrt s0, s1", Operation::float_root_single, "v1", "v0"},
    Row{0x6ee1f820, "fsqrt v0.2d, v1.2d", Operation::float_root_double, "v1", "v0"},
    Row{0x1e620c20, "fcsel d0, d1, d2, eq", Operation::float_select, "v1 v2", "v0"},
    Row{0x9e780020, "fcvtzs x0, d1", Operation::float_to_integer, "v1", "x0"},
    Row{0x9e620020, "scvtf d0, x1", Operation::integer_to_float, "x1", "v0"},
    Row{0x4e040c20, "dup v0.4s, w1", Operation::move_to_vector, "x1", "v0"},
    Row{0x0e073c20, "umov w0, v1.b[3]", Operation::move_from_vector, "v1", "x0"},
    Row{0x6e227c20, "uaba v0.16b, v1.16b, v2.16b", Operation::vector_accumulate, "v0 v1 v2", "v0"},
    Row{0x4ea28420, "add v0.4s, v1.4s, v2.4s", Operation::vector_integer, "v1 v2", "v0"},
    Row{0x4ea21c20, "orr v0.16b, v1.16b, v2.16b", Operation::vector_logical, "v1 v2", "v0"},
    Row{0x0ea29420, "mla v0.2s, v1.2s, v2.2s", Operation::vector_multiply, "v0 v1 v2", "v0"},
    Row{0x4ea29c20, "mul v0.4s, v1.4s, v2.4s", Operation::vector_multiply_quad, "v1 v2", "v0"},
    Row{0x4e823820, "zip1 v0.4s, v1.4s, v2.4s", Operation::vector_permute, "v1 v2", "v0"},
    Row{0x4eb1b820, "addv s0, v1.4s", Operation::vector_reduce, "v1", "v0"},
    Row{0x6f3d0420, "ushr v0.4s, v1.4s, #3", Operation::vector_shift, "v1", "v0"},
    Row{0x6f3d2420, "urshr v0.4s, v1.4s, #3", Operation::vector_shift_rounding, "v1", "v0"},
    Row{0x4e284820, "aese v0.16b, v1.16b", Operation::cryptography, "v0 v1", "v0"},
    Row{0xd503201f, "nop", Operation::no_operation, "", ""},
    Row{0xd5033bbf, "dmb ish", Operation::barrier, "", ""},
    Row{0xd5033f9f, "dsb sy", Operation::barrier_synchronization, "", ""},
    Row{0xd5033fdf, "isb", Operation::barrier_instruction, "", ""},
    Row{0xd4000001, "svc #0", Operation::exception, "", ""},
    Row{0xd69f03e0, "eret", Operation::exception_return, "", ""},
    Row{0xd5088320, "tlbi vae1is, x0", Operation::maintenance, "x0", ""},
    Row{0xd5380000, "mrs x0, midr_el1", Operation::system_read, "", "x0"},
    Row{0xd518c000, "msr vbar_el1, x0", Operation::system_write, "x0", ""},
    Row{0xd503205f, "wfe", Operation::wait, "", ""},
};

TEST(Decode, EveryOperation) {
    std::set<Operation> seen;
    for (const Row& row : rows) {
        const Instruction found = decode(row.word);
        EXPECT_EQ(found.operation, row.operation) << row.text;
        EXPECT_EQ(all_reads(found), registers(row.reads)) << row.text;
        EXPECT_EQ(all_writes(found), registers(row.writes)) << row.text;
        seen.insert(found.operation);
    }
    // An update of an address is a part of others, and what is unknown has a test of its own.
    EXPECT_EQ(seen.size() + 2, operation_count);
}

TEST(Decode, ComparesWriteFlagsAndNoRegister) {
    const Instruction compare = decode(0xf100001f);  // cmp x0, #0
    EXPECT_EQ(compare.operation, Operation::integer);
    EXPECT_EQ(compare.reads, registers("x0"));
    EXPECT_EQ(compare.writes, 0u);
    EXPECT_TRUE(compare.sets_flags);
    EXPECT_FALSE(compare.reads_flags);
}

TEST(Decode, TellsTheStackPointerFromZero) {
    EXPECT_EQ(decode(0x910043ff).writes, registers("sp"));    // add sp, sp, #16
    EXPECT_EQ(decode(0x8b0103e0).reads, registers("x1"));     // add x0, xzr, x1
    EXPECT_EQ(decode(0x8b2163ff).reads, registers("sp x1"));  // add sp, sp, x1
    EXPECT_EQ(decode(0x8b2163ff).operation, Operation::integer);
}

TEST(Decode, CallsWriteTheLinkRegister) {
    const Instruction call = decode(0x94000001);  // bl .+4
    EXPECT_EQ(call.writes, registers("x30"));
    EXPECT_TRUE(call.always_taken);
    EXPECT_EQ(call.distance, 1);
    const Instruction indirect = decode(0xd63f0100);  // blr x8
    EXPECT_EQ(indirect.reads, registers("x8"));
    EXPECT_EQ(indirect.writes, registers("x30"));
    EXPECT_EQ(decode(0xd65f03c0).reads, registers("x30"));  // ret
}

TEST(Decode, PairsHaveTwoRegistersAndABase) {
    const Instruction push = decode(0xa9bf7bfd);  // stp x29, x30, [sp, #-16]!
    EXPECT_EQ(push.operation, Operation::store_pair_double);
    EXPECT_EQ(push.data, registers("x29 x30"));
    EXPECT_EQ(push.address, registers("sp"));
    EXPECT_EQ(push.base, registers("sp"));
    EXPECT_EQ(push.writes, 0u);
    const Instruction pop = decode(0xa8c17bfd);  // ldp x29, x30, [sp], #16
    EXPECT_EQ(pop.writes, registers("x29 x30"));
    EXPECT_EQ(pop.base, registers("sp"));
    EXPECT_EQ(pop.data, 0u);
    EXPECT_EQ(decode(0xa9400820).base, 0u);  // ldp x0, x2, [x1]
}

TEST(Decode, ExclusivesHaveAStatus) {
    const Instruction store = decode(0xc8027c20);  // stxr w2, x0, [x1]
    EXPECT_EQ(store.operation, Operation::store_exclusive);
    EXPECT_EQ(store.writes, registers("x2"));
    EXPECT_EQ(all_reads(store), registers("x0 x1"));
    EXPECT_EQ(decode(0xc85f7c20).operation, Operation::load_acquire);   // ldxr x0, [x1]
    EXPECT_EQ(decode(0xc89ffc20).operation, Operation::store_release);  // stlr x0, [x1]
    const Instruction compare = decode(0xc8a07c41);                     // cas x0, x1, [x2]
    EXPECT_EQ(compare.operation, Operation::atomic);
    EXPECT_EQ(compare.writes, registers("x0"));
    EXPECT_EQ(all_reads(compare), registers("x0 x1 x2"));
    EXPECT_EQ(decode(0xb8e00041).operation, Operation::atomic);  // ldaddal w0, w1, [x2]
}

TEST(Decode, MultiplicationsAddLate) {
    const Instruction sum = decode(0x1b020020);  // madd w0, w1, w2, w0
    EXPECT_EQ(sum.operation, Operation::multiply);
    EXPECT_EQ(sum.accumulator, registers("x0"));
    EXPECT_EQ(sum.reads, registers("x1 x2"));
    EXPECT_EQ(decode(0x9b027c20).accumulator, 0u);               // mul x0, x1, x2
    EXPECT_EQ(decode(0x4e22cc20).accumulator, registers("v0"));  // fmla v0.4s, v1.4s, v2.4s
}

TEST(Decode, CarriesAreOperands) {
    const Instruction sum = decode(0x9a010000);  // adc x0, x0, x1
    EXPECT_TRUE(sum.carries);
    EXPECT_TRUE(sum.reads_flags);
    EXPECT_FALSE(decode(0x9a820020).carries);  // csel x0, x1, x2, eq
}

TEST(Decode, StructuresCountTheirRegisters) {
    const Instruction load = decode(0x4cdf0000);  // ld4 {v0.16b-v3.16b}, [x0], #64
    EXPECT_EQ(load.operation, Operation::load_structure);
    EXPECT_EQ(load.vectors, 4);
    EXPECT_TRUE(load.quad);
    EXPECT_EQ(load.base, registers("x0"));
    const Instruction wraps = decode(0x4c40a01f);  // ld1 {v31.16b, v0.16b}, [x0]
    EXPECT_EQ(wraps.writes, registers("v31 v0"));
}

TEST(Decode, SystemInstructionsAreToldApart) {
    EXPECT_EQ(decode(0xd5033fdf).operation, Operation::barrier_instruction);
    EXPECT_EQ(decode(0xd5033b9f).operation, Operation::barrier_synchronization);
    EXPECT_EQ(decode(0xd5033bbf).operation, Operation::barrier);
    EXPECT_EQ(decode(0xd503201f).operation, Operation::no_operation);
    EXPECT_EQ(decode(0xd503207f).operation, Operation::wait);          // wfi
    EXPECT_EQ(decode(0xd53bd040).operation, Operation::system_read);   // mrs x0, tpidr_el0
    EXPECT_EQ(decode(0xd51bd040).operation, Operation::system_write);  // msr tpidr_el0, x0
    EXPECT_EQ(decode(0xd508871f).operation, Operation::maintenance);   // tlbi vmalle1
    EXPECT_EQ(decode(0xd4000001).operation, Operation::exception);     // svc #0
    EXPECT_EQ(decode(0xd69f03e0).operation, Operation::exception_return);
    EXPECT_TRUE(decode(0xd51b4200).sets_flags);              // msr nzcv, x0
    EXPECT_EQ(decode(0xd50b7420).address, registers("x0"));  // dc zva, x0
}

TEST(Decode, DistancesHaveASign) {
    EXPECT_EQ(decode(0x54ffffe1).distance, -1);  // b.ne .-4
    EXPECT_EQ(decode(0xb5fffffe).distance, -1);  // cbnz x30, .-4
    EXPECT_EQ(decode(0x3607ffe0).distance, -1);  // tbz w0, #0, .-4
}

// A sum with the stack pointer is of the extending kind, but of UXTX, or UXTW in 32 bits, nothing
// is left to extend.
TEST(Decode, ShiftedOperands) {
    EXPECT_EQ(decode(0x8b010fff).operation, Operation::integer_shifted_short);  // add xzr, xzr, x1
    EXPECT_EQ(decode(0x8b216fff).operation, Operation::integer_shifted);  // add sp, sp, x1, lsl #3
    EXPECT_EQ(decode(0x8b2163ff).operation, Operation::integer);          // add sp, sp, x1
    EXPECT_EQ(decode(0x8b214000).operation, Operation::integer_shifted);  // add x0, x0, w1, uxtw
    EXPECT_EQ(decode(0x91400400).operation, Operation::integer);          // add x0, x0, #1, lsl #12
    EXPECT_EQ(decode(0xeac21020).operation, Operation::integer_shifted);  // bics x0, x1, x2, ror #4
}

TEST(Decode, BytesAndHalvesExtendAsFastAsASum) {
    EXPECT_EQ(decode(0x53001c20).operation, Operation::integer);   // uxtb w0, w1
    EXPECT_EQ(decode(0xd3403c20).operation, Operation::integer);   // ubfx x0, x1, #0, #16
    EXPECT_EQ(decode(0x93407c20).operation, Operation::bitfield);  // sxtw x0, w1
    EXPECT_EQ(decode(0x53087c20).operation, Operation::bitfield);  // lsr w0, w1, #8
}

TEST(Decode, VectorsOf128BitsAreQuad) {
    EXPECT_TRUE(decode(0x4ea28420).quad);   // add v0.4s, v1.4s, v2.4s
    EXPECT_FALSE(decode(0x0ea28420).quad);  // add v0.2s, v1.2s, v2.2s
    EXPECT_FALSE(decode(0x0ea12820).quad);  // xtn v0.2s, v1.2d
    EXPECT_TRUE(decode(0x4ea12820).quad);   // xtn2 v0.4s, v1.2d
    EXPECT_TRUE(decode(0x0e62c020).quad);   // smull v0.4s, v1.4h, v2.4h
    EXPECT_TRUE(decode(0x0f42a020).quad);   // smull v0.4s, v1.4h, v2.h[0]
    EXPECT_FALSE(decode(0x4d400020).quad);  // ld1 {v0.b}[8], [x1]
    EXPECT_FALSE(decode(0x7e70d820).quad);  // faddp d0, v1.2d
}

TEST(Decode, SaturatingShiftsRound) {
    EXPECT_EQ(decode(0x2f088420).operation, Operation::vector_shift_rounding);  // sqshrun, #8
    EXPECT_EQ(decode(0x2e212820).operation, Operation::vector_shift_rounding);  // sqxtun
    EXPECT_EQ(decode(0x0f088420).operation, Operation::vector_shift);           // shrn, #8
    EXPECT_EQ(decode(0x0e212820).operation, Operation::vector_permute);         // xtn
}

TEST(Decode, WordsThatAreNoInstruction) {
    for (const uint32_t word : {0x00000000U, 0x02000000U, 0x06000000U, 0xffffffffU, 0xd5202016U}) {
        EXPECT_EQ(decode(word).operation, Operation::unknown) << word;
    }
}

// What is remembered of earlier words, and forgotten when there are too many, does not show.
TEST(Decode, AnswersDependOnTheWordAlone) {
    Decoder decoder;
    for (uint32_t i = 0; i < 0x10000; ++i) {
        const uint32_t move = 0xd2800000 | i << 5;  // mov x0, #i
        ASSERT_EQ(decoder.decode(move).writes, registers("x0"));
        ASSERT_EQ(decoder.decode(0xd37cec20).reads, registers("x1"));  // lsl x0, x1, #4
    }
}

}  // namespace
}  // namespace orrery::timing
