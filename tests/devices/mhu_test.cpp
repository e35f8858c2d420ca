// SPDX-License-Identifier: Apache-2.0
// The Message Handling Unit, checked by DDI 0515.
#include "devices/mhu.hpp"

#include "tests/devices/bench.hpp"

namespace orrery::devices {

namespace {

using Register = MhuRegister;

struct Bench final {
    Recorder recorder;
    Mhu mhu{"mhu", &recorder};
    Probe probe{"probe"};
    std::vector<std::pair<unsigned, bool>> changes;
    std::vector<std::pair<unsigned, uint32_t>> doorbells;
    sc_core::sc_time rung;

    Bench() {
        probe.socket.bind(mhu.registers.socket);
        mhu.on_interrupt = [this](unsigned channel, bool level) {
            changes.emplace_back(channel, level);
        };
        mhu.on_doorbell = [this](unsigned channel, uint32_t bits, const sc_core::sc_time& now) {
            doorbells.emplace_back(channel, bits);
            rung = now;
        };
    }
};

Bench* bench = nullptr;

class MhuTest : public testing::Test {
  protected:
    void SetUp() override {
        bench->mhu.reset();
        bench->changes.clear();
        bench->doorbells.clear();
        probe.delay = sc_core::SC_ZERO_TIME;
    }

    Probe& probe = bench->probe;
    Mhu& mhu = bench->mhu;
};

}  // namespace

std::shared_ptr<void> elaborate() {
    auto made = std::make_shared<Bench>();
    bench = made.get();
    return made;
}

TEST_F(MhuTest, TellsThePlatformOfNewBitsAtTheInitiatorsTime) {
    probe.delay = nanoseconds(30);
    probe.write(Register::CPU_INTR_L_SET, 0x5);
    EXPECT_EQ(bench->rung, sc_core::sc_time_stamp() + nanoseconds(30));
    EXPECT_EQ(probe.read(Register::CPU_INTR_L_STAT), 0x5U);
    probe.write(Register::CPU_INTR_L_SET, 0x7);
    probe.write(Register::CPU_INTR_H_SET, 0x80000000);
    const std::vector<std::pair<unsigned, uint32_t>> expected{{0, 0x5}, {0, 0x2}, {1, 0x80000000}};
    EXPECT_EQ(bench->doorbells, expected);
    mhu.acknowledge(Mhu::low_priority, 0x6);
    EXPECT_EQ(probe.read(Register::CPU_INTR_L_STAT), 0x1U);
    EXPECT_TRUE(bench->changes.empty()) << "no interrupt of the CPUs";
}

TEST_F(MhuTest, TakesBackWhatTheCpuClears) {
    probe.write(Register::CPU_INTR_H_SET, 0x3);
    probe.write(Register::CPU_INTR_H_CLEAR, 0x1);
    EXPECT_EQ(mhu.from_cpus(Mhu::high_priority), 0x2U);
}

TEST_F(MhuTest, InterruptsWhileAnyBitIsSet) {
    mhu.ring(Mhu::low_priority, 0x3);
    mhu.ring(Mhu::low_priority, 0x4);
    EXPECT_EQ(probe.read(Register::SCP_INTR_L_STAT), 0x7U);
    EXPECT_FALSE(mhu.interrupt(Mhu::high_priority));
    probe.write(Register::SCP_INTR_L_CLEAR, 0x5);
    EXPECT_TRUE(mhu.interrupt(Mhu::low_priority));
    probe.write(Register::SCP_INTR_L_CLEAR, 0x2);
    const std::vector<std::pair<unsigned, bool>> expected{{0, true}, {0, false}};
    EXPECT_EQ(bench->changes, expected);
}

TEST_F(MhuTest, LetsOnlyThePlatformRingTheCpus) {
    probe.write(Register::SCP_INTR_L_SET, 1);
    probe.write(Register::SCP_INTR_H_SET, 1);
    EXPECT_EQ(mhu.to_cpus(0) | mhu.to_cpus(1), 0U);
}

TEST_F(MhuTest, HidesTheSecureChannel) {
    for (const uint32_t offset : {0x208U, 0x308U, 0x400U}) probe.write(offset, 0xFFFFFFFF);
    for (const uint32_t offset : {0x200U, 0x300U, 0x400U}) EXPECT_EQ(probe.read(offset), 0U);
    EXPECT_TRUE(bench->doorbells.empty());
}

TEST_F(MhuTest, IdentifiesItself) {
    const std::vector<uint32_t> expected{0x98, 0xB0, 0x1B, 0x00, 0x0D, 0xF0, 0x05, 0xB1};
    for (uint32_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(probe.read(0xFE0 + 4 * i), expected[i]);
    EXPECT_EQ(probe.read(Register::PID4), 0x04U);
}

TEST_F(MhuTest, AnswersBadAccessesAsDocumented) {
    EXPECT_EQ(probe.status(0x000, 1), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x000, 2), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x002, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x1000, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(probe.debug_read(0x100), std::make_pair(4U, 0U));
}

}  // namespace orrery::devices
