// SPDX-License-Identifier: Apache-2.0
// The distributor, checked by Arm IHI 0048B: what is pending, and for whom.
#include "tests/devices/gicv2_bench.hpp"

namespace orrery::devices {

std::shared_ptr<void> elaborate() {
    auto made = std::make_shared<Bench>();
    bench = made.get();
    return made;
}

TEST_F(GicV2Test, DescribesItself) {
    EXPECT_EQ(d.read(D::GICD_TYPER), 5U | 3U << 5U);  // 192 interrupts, 4 CPUs
    EXPECT_EQ(bench->single_distributor.read(D::GICD_TYPER), 2U);
    EXPECT_EQ(d.read(D::GICD_IIDR), 0x0200143BU);
    EXPECT_EQ(c.read(C::GICC_IIDR), 0x0202143BU);
    EXPECT_EQ(d.read(0xFE8), 0x2BU);  // architecture version 2 in bits 7:4
    EXPECT_EQ(d.read(0xFFC), 0xB1U);
    EXPECT_EQ(bench->complaint, "a GICv2 has 1 to 8 CPU interfaces");
}

TEST_F(GicV2Test, ResetsToTheDocumentedState) {
    gic.reset();
    EXPECT_EQ(d.read(D::GICD_CTLR), 0U);
    EXPECT_EQ(d.read(D::GICD_ISENABLER), 0x0000FFFFU);
    EXPECT_EQ(d.read(at(D::GICD_ISENABLER, 4)), 0U);
    EXPECT_EQ(d.read(D::GICD_ICFGR), 0xAAAAAAAAU);
    EXPECT_EQ(d.read(at(D::GICD_ICFGR, 4)), 0U);
    EXPECT_EQ(c.read(C::GICC_CTLR), 0U);
    EXPECT_EQ(c.read(C::GICC_PMR), 0U);
    EXPECT_EQ(c.read(C::GICC_BPR), 2U);
    EXPECT_EQ(c.read(C::GICC_RPR), 0xFFU);
    EXPECT_EQ(c.read(C::GICC_IAR), spurious);
    EXPECT_EQ(c.read(C::GICC_HPPIR), spurious);
}

TEST_F(GicV2Test, SignalsALevelInterruptWhileItsLineIsHigh) {
    enable(40);
    raise(40);
    EXPECT_TRUE(gic.irq(0));
    EXPECT_TRUE(read_bit(D::GICD_ISPENDR, 40));
    lower(40);
    EXPECT_FALSE(gic.irq(0));
    EXPECT_FALSE(read_bit(D::GICD_ISPENDR, 40));
    EXPECT_EQ(acknowledge(), spurious);
    EXPECT_EQ(bench->changes, (std::vector<std::pair<unsigned, bool>>{{0, true}, {0, false}}));
    EXPECT_EQ(bench->recorder.events["irq_raised"], std::vector<uint64_t>{0});
}

TEST_F(GicV2Test, LevelInterruptComesAgainUnlessItsLineFell) {
    enable(40);
    raise(40);
    EXPECT_EQ(acknowledge(), 40U);
    EXPECT_FALSE(gic.irq(0));
    EXPECT_TRUE(read_bit(D::GICD_ISACTIVER, 40));
    EXPECT_TRUE(read_bit(D::GICD_ISPENDR, 40));  // active and pending
    end(40);
    EXPECT_TRUE(gic.irq(0));
    EXPECT_EQ(acknowledge(), 40U);
    lower(40);
    end(40);
    EXPECT_FALSE(gic.irq(0));
    EXPECT_FALSE(read_bit(D::GICD_ISACTIVER, 40));
}

TEST_F(GicV2Test, RemembersAnEdge) {
    set_edge(41);
    enable(41);
    pulse(41);
    EXPECT_TRUE(gic.irq(0));
    EXPECT_EQ(acknowledge(), 41U);
    EXPECT_FALSE(read_bit(D::GICD_ISPENDR, 41));
    // An edge while active is kept for later; two are one.
    pulse(41);
    pulse(41);
    EXPECT_FALSE(gic.irq(0));
    end(41);
    EXPECT_EQ(acknowledge(), 41U);
    end(41);
    EXPECT_EQ(acknowledge(), spurious);
}

TEST_F(GicV2Test, EdgeInterruptIgnoresALineThatStaysHigh) {
    set_edge(41);
    enable(41);
    raise(41);
    EXPECT_EQ(acknowledge(), 41U);
    end(41);
    EXPECT_FALSE(gic.irq(0));
}

TEST_F(GicV2Test, SoftwareSetsAndClearsPending) {
    enable(42);
    write_bit(D::GICD_ISPENDR, 42);
    EXPECT_TRUE(gic.irq(0));
    write_bit(D::GICD_ICPENDR, 42);
    EXPECT_FALSE(gic.irq(0));
    write_bit(D::GICD_ISPENDR, 42);
    EXPECT_EQ(acknowledge(), 42U);
    end(42);
    EXPECT_FALSE(gic.irq(0));
    // Clearing cannot hide a level.
    raise(42);
    write_bit(D::GICD_ICPENDR, 42);
    EXPECT_TRUE(gic.irq(0));
}

TEST_F(GicV2Test, NeedsTheInterruptTheDistributorAndTheInterfaceEnabled) {
    raise(40);
    EXPECT_FALSE(gic.irq(0));
    enable(40);
    EXPECT_TRUE(gic.irq(0));
    d.write(D::GICD_CTLR, 0);
    EXPECT_FALSE(gic.irq(0));
    EXPECT_EQ(acknowledge(), spurious);
    EXPECT_EQ(c.read(C::GICC_HPPIR), spurious);
    EXPECT_TRUE(read_bit(D::GICD_ISPENDR, 40));  // still pending
    d.write(D::GICD_CTLR, 1);
    c.write(C::GICC_CTLR, 0);
    EXPECT_FALSE(gic.irq(0));
    EXPECT_EQ(acknowledge(), spurious);
    c.write(C::GICC_CTLR, 1);
    write_bit(D::GICD_ICENABLER, 40);
    EXPECT_FALSE(gic.irq(0));
    EXPECT_FALSE(read_bit(D::GICD_ISENABLER, 40));
}

TEST_F(GicV2Test, ImplementsThirtyTwoPriorities) {
    set_priority(40, 0xFF);
    EXPECT_EQ(d.read(at(D::GICD_IPRIORITYR, 40), 0, 1), 0xF8U);
    EXPECT_EQ(c.read(C::GICC_PMR), 0xF8U);
    d.write(at(D::GICD_IPRIORITYR, 40), 0xA0907060);
    EXPECT_EQ(d.read(at(D::GICD_IPRIORITYR, 40)), 0xA0907060U);
    EXPECT_EQ(d.read(at(D::GICD_IPRIORITYR, 42), 0, 1), 0x90U);
}

TEST_F(GicV2Test, TargetsOfPrivateInterruptsAreTheirCpu) {
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
        EXPECT_EQ(d.read(D::GICD_ITARGETSR, cpu), 0x01010101U << cpu);
        d.write(D::GICD_ITARGETSR, 0, cpu);
        EXPECT_EQ(d.read(D::GICD_ITARGETSR, cpu), 0x01010101U << cpu);
    }
    set_targets(40, 0xFF);
    EXPECT_EQ(d.read(at(D::GICD_ITARGETSR, 40), 0, 1), 0x0FU);
}

TEST_F(GicV2Test, BanksPrivateInterrupts) {
    enable(27, 2);
    EXPECT_FALSE(read_bit(D::GICD_ISENABLER, 27, 0));
    gic.set_ppi(2, 27, true);
    gic.set_ppi(1, 27, true);  // not enabled there
    EXPECT_FALSE(gic.irq(1));
    EXPECT_TRUE(gic.irq(2));
    EXPECT_TRUE(read_bit(D::GICD_ISPENDR, 27, 1));
    EXPECT_EQ(acknowledge(2), 27U);
    EXPECT_FALSE(read_bit(D::GICD_ISACTIVER, 27, 1));
    EXPECT_TRUE(read_bit(D::GICD_ISACTIVER, 27, 2));
    d.write(at(D::GICD_ICFGR, 4), 0xFFFFFFFF, 2);  // read-only
    EXPECT_EQ(d.read(at(D::GICD_ICFGR, 4), 2), 0U);
}

TEST_F(GicV2Test, DeliversSoftwareInterruptsByTheTargetFilter) {
    d.write(D::GICD_SGIR, 0U << 24U | 0b0101U << 16U | 3, 1);
    EXPECT_EQ(acknowledge(0), 3U | 1U << 10U);
    EXPECT_EQ(acknowledge(2), 3U | 1U << 10U);
    EXPECT_EQ(acknowledge(1), spurious);
    SetUp();
    d.write(D::GICD_SGIR, 1U << 24U | 4, 2);  // all but self
    for (unsigned cpu = 0; cpu < cpus; ++cpu)
        EXPECT_EQ(acknowledge(cpu), cpu == 2 ? spurious : 4U | 2U << 10U);
    SetUp();
    d.write(D::GICD_SGIR, 2U << 24U | 5, 3);  // self
    EXPECT_FALSE(gic.irq(0));
    EXPECT_EQ(acknowledge(3), 5U | 3U << 10U);
}

TEST_F(GicV2Test, KeepsSoftwareInterruptsBySourceCpu) {
    d.write(D::GICD_SGIR, 1U << 16U | 7, 3);
    d.write(D::GICD_SGIR, 1U << 16U | 7, 1);
    d.write(D::GICD_SGIR, 1U << 16U | 7, 1);  // the same again: one
    EXPECT_EQ(d.read(at(D::GICD_SPENDSGIR, 7), 0, 1), 0b1010U);
    EXPECT_EQ(acknowledge(), 7U | 1U << 10U);
    EXPECT_FALSE(gic.irq(0));  // active, the other source waits
    end(7U | 1U << 10U);
    EXPECT_EQ(acknowledge(), 7U | 3U << 10U);
    end(7U | 3U << 10U);
    EXPECT_EQ(acknowledge(), spurious);
}

TEST_F(GicV2Test, SoftwareInterruptsHaveTheirOwnPendingRegisters) {
    write_bit(D::GICD_ISPENDR, 2);  // ignored
    EXPECT_FALSE(gic.irq(0));
    d.write(D::GICD_SPENDSGIR, 0x00FF0000);
    EXPECT_EQ(d.read(D::GICD_SPENDSGIR), 0x000F0000U);
    EXPECT_TRUE(read_bit(D::GICD_ISPENDR, 2));
    write_bit(D::GICD_ICPENDR, 2);  // ignored
    EXPECT_TRUE(gic.irq(0));
    d.write(at(D::GICD_CPENDSGIR, 2), 0x0E, 0, 1);
    EXPECT_EQ(d.read(at(D::GICD_CPENDSGIR, 2), 0, 1), 0x01U);
    d.write(at(D::GICD_CPENDSGIR, 2), 0x01, 0, 1);
    EXPECT_FALSE(gic.irq(0));
    write_bit(D::GICD_ICENABLER, 2);  // always enabled
    EXPECT_TRUE(read_bit(D::GICD_ISENABLER, 2));
}

TEST_F(GicV2Test, SoftwareSetsAndClearsActive) {
    enable(40);
    write_bit(D::GICD_ISACTIVER, 40);
    raise(40);
    EXPECT_FALSE(gic.irq(0));
    write_bit(D::GICD_ICACTIVER, 40);
    EXPECT_TRUE(gic.irq(0));
}

TEST_F(GicV2Test, ResetKeepsTheInputs) {
    enable(40);
    raise(40);
    gic.reset();
    EXPECT_FALSE(gic.irq(0));
    EXPECT_TRUE(read_bit(D::GICD_ISPENDR, 40));
}

TEST_F(GicV2Test, UniprocessorHasFixedTargets) {
    Probe& distributor = bench->single_distributor;
    Probe& interface = bench->single_interface;
    bench->single.reset();
    distributor.write(D::GICD_CTLR, 1);
    interface.write(C::GICC_CTLR, 1);
    interface.write(C::GICC_PMR, 0xF8);
    distributor.write(at(D::GICD_ITARGETSR, 32), 0xFFFFFFFF);
    EXPECT_EQ(distributor.read(at(D::GICD_ITARGETSR, 32)), 0U);
    distributor.write(at(D::GICD_ISENABLER, 4), 1);
    bench->single.set_spi(0, true);
    EXPECT_EQ(interface.read(C::GICC_IAR), 32U);
}

TEST_F(GicV2Test, UnimplementedInterruptsReadAsZero) {
    Probe& distributor = bench->single_distributor;
    distributor.write(at(D::GICD_ISENABLER, 8), 0xFFFFFFFF);  // IDs 64 to 95; 71 is the last
    EXPECT_EQ(distributor.read(at(D::GICD_ISENABLER, 8)), 0xFFU);
    distributor.write(at(D::GICD_ISENABLER, 12), 0xFFFFFFFF);
    EXPECT_EQ(distributor.read(at(D::GICD_ISENABLER, 12)), 0U);
    distributor.write(at(D::GICD_IPRIORITYR, 72), 0xFF, 0, 1);
    EXPECT_EQ(distributor.read(at(D::GICD_IPRIORITYR, 72), 0, 1), 0U);
}

TEST_F(GicV2Test, AnswersBadAccessesAsDocumented) {
    EXPECT_EQ(d.status(at(D::GICD_ISENABLER, 0), 1), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(d.status(at(D::GICD_IPRIORITYR, 0), 2), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(d.status(at(D::GICD_IPRIORITYR, 0), 8), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(d.status(at(D::GICD_IPRIORITYR, 1), 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(d.status(at(D::GICD_SPENDSGIR, 3), 1), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(d.status(GicV2::distributor_size, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(d.status(0, 4, cpus), tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(c.status(0x000, 1), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(c.status(GicV2::cpu_interface_size, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    for (const uint64_t unknown : {0x010ULL, 0x080ULL, 0xD00ULL, 0xF40ULL}) {
        d.write(unknown, 0xFFFFFFFF);
        EXPECT_EQ(d.read(unknown), 0U);
    }
    c.write(0x01C, 7);
    EXPECT_EQ(c.read(0x01C), 0U);
}

}  // namespace orrery::devices
