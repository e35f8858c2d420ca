// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sim/timing/decode.hpp"

namespace orrery::timing {
namespace {

constexpr RegisterSet stack = RegisterSet{1} << 31;

RegisterSet all_reads(const Instruction& instruction) {
    return instruction.reads | instruction.address | instruction.data | instruction.accumulator;
}

TEST(Decode, ComparesWriteFlagsAndNoRegister) {
    const Instruction compare = decode(0xf100001f);  // cmp x0, #0
    EXPECT_EQ(compare.operation, Operation::integer);
    EXPECT_EQ(compare.reads, general(0));
    EXPECT_EQ(compare.writes, 0u);
    EXPECT_TRUE(compare.sets_flags);
    EXPECT_FALSE(compare.reads_flags);
}

TEST(Decode, TellsTheStackPointerFromZero) {
    EXPECT_EQ(decode(0x910043ff).writes, stack);              // add sp, sp, #16
    EXPECT_EQ(decode(0x8b0103e0).reads, general(1));          // add x0, xzr, x1
    EXPECT_EQ(decode(0x8b2163ff).reads, stack | general(1));  // add sp, sp, x1
    EXPECT_EQ(decode(0x8b2163ff).operation, Operation::integer);
}

TEST(Decode, CallsWriteTheLinkRegister) {
    const Instruction call = decode(0x94000001);  // bl .+4
    EXPECT_EQ(call.writes, general(30));
    EXPECT_TRUE(call.always_taken);
    EXPECT_EQ(call.distance, 1);
    const Instruction indirect = decode(0xd63f0100);  // blr x8
    EXPECT_EQ(indirect.reads, general(8));
    EXPECT_EQ(indirect.writes, general(30));
    EXPECT_EQ(decode(0xd65f03c0).reads, general(30));  // ret
}

TEST(Decode, PairsHaveTwoRegistersAndABase) {
    const Instruction push = decode(0xa9bf7bfd);  // stp x29, x30, [sp, #-16]!
    EXPECT_EQ(push.operation, Operation::store_pair_double);
    EXPECT_EQ(push.data, general(29) | general(30));
    EXPECT_EQ(push.address, stack);
    EXPECT_EQ(push.base, stack);
    EXPECT_EQ(push.writes, 0u);
    const Instruction pop = decode(0xa8c17bfd);  // ldp x29, x30, [sp], #16
    EXPECT_EQ(pop.writes, general(29) | general(30));
    EXPECT_EQ(pop.base, stack);
    EXPECT_EQ(pop.data, 0u);
    EXPECT_EQ(decode(0xa9400820).base, 0u);  // ldp x0, x2, [x1]
}

TEST(Decode, ExclusivesHaveAStatus) {
    const Instruction store = decode(0xc8027c20);  // stxr w2, x0, [x1]
    EXPECT_EQ(store.operation, Operation::store_exclusive);
    EXPECT_EQ(store.writes, general(2));
    EXPECT_EQ(all_reads(store), general(0) | general(1));
    EXPECT_EQ(decode(0xc85f7c20).operation, Operation::load_acquire);   // ldxr x0, [x1]
    EXPECT_EQ(decode(0xc89ffc20).operation, Operation::store_release);  // stlr x0, [x1]
    const Instruction compare = decode(0xc8a07c41);                     // cas x0, x1, [x2]
    EXPECT_EQ(compare.operation, Operation::atomic);
    EXPECT_EQ(compare.writes, general(0));
    EXPECT_EQ(all_reads(compare), general(0) | general(1) | general(2));
    EXPECT_EQ(decode(0xb8e00041).operation, Operation::atomic);  // ldaddal w0, w1, [x2]
}

TEST(Decode, MultiplicationsAddLate) {
    const Instruction sum = decode(0x1b020020);  // madd w0, w1, w2, w0
    EXPECT_EQ(sum.operation, Operation::multiply);
    EXPECT_EQ(sum.accumulator, general(0));
    EXPECT_EQ(sum.reads, general(1) | general(2));
    EXPECT_EQ(decode(0x9b027c20).accumulator, 0u);         // mul x0, x1, x2
    EXPECT_EQ(decode(0x4e22cc20).accumulator, vector(0));  // fmla v0.4s, v1.4s, v2.4s
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
    EXPECT_EQ(load.base, general(0));
    const Instruction wraps = decode(0x4c40a01f);  // ld1 {v31.16b, v0.16b}, [x0]
    EXPECT_EQ(wraps.writes, vector(31) | vector(0));
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
    EXPECT_TRUE(decode(0xd51b4200).sets_flags);         // msr nzcv, x0
    EXPECT_EQ(decode(0xd50b7420).address, general(0));  // dc zva, x0
}

TEST(Decode, DistancesHaveASign) {
    EXPECT_EQ(decode(0x54ffffe1).distance, -1);  // b.ne .-4
    EXPECT_EQ(decode(0xb5fffffe).distance, -1);  // cbnz x30, .-4
    EXPECT_EQ(decode(0x3607ffe0).distance, -1);  // tbz w0, #0, .-4
}

TEST(Decode, WordsThatAreNoInstruction) {
    for (const uint32_t word : {0x00000000U, 0x02000000U, 0x06000000U, 0xffffffffU}) {
        EXPECT_EQ(decode(word).operation, Operation::unknown) << word;
    }
}

}  // namespace
}  // namespace orrery::timing
