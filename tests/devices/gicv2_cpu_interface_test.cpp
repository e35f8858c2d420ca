// SPDX-License-Identifier: Apache-2.0
// The CPU interface, checked by Arm IHI 0048B: what a CPU sees, and in which order.
#include "tests/devices/gicv2_bench.hpp"

namespace orrery::devices {

TEST_F(GicV2Test, TakesTheHighestPriorityAndThenTheLowestNumber) {
    for (const unsigned id : {45U, 44U, 43U}) {
        enable(id);
        raise(id);
    }
    set_priority(44, 0x40);
    EXPECT_EQ(c.read(C::GICC_HPPIR), 44U);
    EXPECT_EQ(acknowledge(), 44U);
    lower(44);
    end(44);
    EXPECT_EQ(acknowledge(), 43U);
    lower(43);
    end(43);
    EXPECT_EQ(acknowledge(), 45U);
}

TEST_F(GicV2Test, MaskLetsOnlyHigherPrioritiesPass) {
    enable(40);
    raise(40);
    c.write(C::GICC_PMR, 0x80);
    EXPECT_FALSE(gic.irq(0));
    EXPECT_EQ(acknowledge(), spurious);
    EXPECT_EQ(c.read(C::GICC_HPPIR), 40U);  // pending, though masked
    c.write(C::GICC_PMR, 0x88);
    EXPECT_TRUE(gic.irq(0));
    EXPECT_EQ(acknowledge(), 40U);
}

TEST_F(GicV2Test, PreemptsWithAHigherPriorityOnly) {
    for (const unsigned id : {40U, 41U, 42U}) enable(id);
    set_priority(41, 0x80);
    set_priority(42, 0x20);
    raise(40);
    EXPECT_EQ(acknowledge(), 40U);
    EXPECT_EQ(c.read(C::GICC_RPR), 0x80U);
    raise(41);  // equal: waits
    EXPECT_FALSE(gic.irq(0));
    EXPECT_EQ(acknowledge(), spurious);
    raise(42);
    EXPECT_TRUE(gic.irq(0));
    EXPECT_EQ(acknowledge(), 42U);
    EXPECT_EQ(c.read(C::GICC_RPR), 0x20U);
    lower(42);
    end(42);
    EXPECT_EQ(c.read(C::GICC_RPR), 0x80U);
    EXPECT_FALSE(gic.irq(0));
    lower(40);
    end(40);
    EXPECT_EQ(c.read(C::GICC_RPR), 0xFFU);
    EXPECT_EQ(acknowledge(), 41U);
}

TEST_F(GicV2Test, BinaryPointKeepsSubprioritiesFromPreempting) {
    c.write(C::GICC_BPR, 0);
    EXPECT_EQ(c.read(C::GICC_BPR), 2U);  // the least implemented
    c.write(C::GICC_BPR, 5);             // groups by bits 7:6
    for (const unsigned id : {40U, 41U, 42U}) enable(id);
    set_priority(40, 0xB8);
    set_priority(41, 0x80);
    set_priority(42, 0x78);
    raise(40);
    EXPECT_EQ(acknowledge(), 40U);
    EXPECT_EQ(c.read(C::GICC_RPR), 0x80U);
    raise(41);
    EXPECT_FALSE(gic.irq(0));
    raise(42);
    EXPECT_TRUE(gic.irq(0));
}

TEST_F(GicV2Test, HighestBinaryPointForbidsPreemption) {
    c.write(C::GICC_BPR, 7);
    enable(40);
    enable(41);
    set_priority(41, 0);
    raise(40);
    EXPECT_EQ(acknowledge(), 40U);
    raise(41);
    EXPECT_FALSE(gic.irq(0));
    lower(40);
    end(40);
    EXPECT_EQ(acknowledge(), 41U);
}

TEST_F(GicV2Test, SendsASharedInterruptToAllItsTargets) {
    enable(40);
    set_targets(40, 0b1010);
    raise(40);
    EXPECT_FALSE(gic.irq(0));
    EXPECT_TRUE(gic.irq(1));
    EXPECT_TRUE(gic.irq(3));
    EXPECT_EQ(acknowledge(3), 40U);
    EXPECT_FALSE(gic.irq(1));
    EXPECT_EQ(acknowledge(1), spurious);
    lower(40);
    end(40, 3);
    EXPECT_EQ(bench->recorder.events["acknowledge"], std::vector<uint64_t>{3ULL << 32U | 40U});
}

TEST_F(GicV2Test, SplitsPriorityDropAndDeactivation) {
    c.write(C::GICC_CTLR, 0x201);
    enable(40);
    enable(41);
    raise(40);
    EXPECT_EQ(acknowledge(), 40U);
    end(40);
    EXPECT_EQ(c.read(C::GICC_RPR), 0xFFU);
    EXPECT_TRUE(read_bit(D::GICD_ISACTIVER, 40));
    EXPECT_FALSE(gic.irq(0));  // active: not again, though the line is high
    raise(41);
    EXPECT_EQ(acknowledge(), 41U);  // others pass
    c.write(C::GICC_DIR, 40);
    EXPECT_FALSE(read_bit(D::GICD_ISACTIVER, 40));
}

TEST_F(GicV2Test, IgnoresDeactivationWithoutSplitting) {
    enable(40);
    raise(40);
    EXPECT_EQ(acknowledge(), 40U);
    c.write(C::GICC_DIR, 40);
    EXPECT_TRUE(read_bit(D::GICD_ISACTIVER, 40));
}

TEST_F(GicV2Test, IgnoresTheEndOfASpuriousInterrupt) {
    enable(40);
    raise(40);
    EXPECT_EQ(acknowledge(), 40U);
    end(spurious);
    EXPECT_EQ(c.read(C::GICC_RPR), 0x80U);
    EXPECT_TRUE(read_bit(D::GICD_ISACTIVER, 40));
}

TEST_F(GicV2Test, ActivePrioritiesCanBeSavedAndRestored) {
    enable(40);
    raise(40);
    acknowledge();
    EXPECT_EQ(c.read(C::GICC_APR0), 1U << 16U);
    c.write(C::GICC_APR0, 0);
    EXPECT_EQ(c.read(C::GICC_RPR), 0xFFU);
    c.write(C::GICC_APR0, 1U << 4U);
    EXPECT_EQ(c.read(C::GICC_RPR), 0x20U);
}

TEST_F(GicV2Test, DebugReadAcknowledgesNothing) {
    enable(40);
    raise(40);
    EXPECT_EQ(c.debug_read(static_cast<uint64_t>(C::GICC_IAR)), std::make_pair(4U, 40U));
    EXPECT_TRUE(gic.irq(0));
    EXPECT_EQ(acknowledge(), 40U);
}

}  // namespace orrery::devices
