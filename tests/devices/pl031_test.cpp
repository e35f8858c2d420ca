// SPDX-License-Identifier: Apache-2.0
// The real time clock, checked by Arm DDI 0224.
#include "devices/pl031.hpp"

#include "tests/devices/bench.hpp"

namespace orrery::devices {

namespace {

using Register = Pl031Register;
using sc_core::sc_time_stamp;

constexpr uint32_t epoch = 1'700'000'000;

struct Bench final {
    Recorder recorder;
    Pl031 clock{"clock", epoch, &recorder};
    Probe probe{"probe"};
    std::vector<std::pair<sc_core::sc_time, bool>> changes;

    Bench() {
        probe.socket.bind(clock.registers.socket);
        clock.on_interrupt = [this](bool level) { changes.emplace_back(sc_time_stamp(), level); };
    }
};

Bench* bench = nullptr;

sc_core::sc_time seconds(unsigned count) {
    return count * sc_core::sc_time{1, sc_core::SC_SEC};
}

// Each test starts in the middle of a second.
class Pl031Test : public testing::Test {
  protected:
    void SetUp() override {
        bench->clock.reset();
        const auto in_second = sc_time_stamp().value() % seconds(1).value();
        sc_core::wait(seconds(1) - sc_core::sc_time::from_value(in_second) + half);
        whole = sc_time_stamp() - half;
        bench->changes.clear();
        bench->recorder.events.clear();
        probe.delay = sc_core::SC_ZERO_TIME;
    }

    const sc_core::sc_time half = sc_core::sc_time{500, sc_core::SC_MS};
    sc_core::sc_time whole;  // start of the second in which the test starts
    Probe& probe = bench->probe;
    Pl031& clock = bench->clock;
};

}  // namespace

std::shared_ptr<void> elaborate() {
    auto made = std::make_shared<Bench>();
    bench = made.get();
    return made;
}

TEST_F(Pl031Test, CountsSimulatedSecondsFromTheEpoch) {
    const auto elapsed = static_cast<uint32_t>(sc_time_stamp().to_seconds());
    EXPECT_EQ(probe.read(Register::RTCLR), epoch);
    EXPECT_EQ(probe.read(Register::RTCDR), epoch + elapsed);
    sc_core::wait(half - picoseconds(1));
    EXPECT_EQ(probe.read(Register::RTCDR), epoch + elapsed);
    sc_core::wait(picoseconds(1));
    EXPECT_EQ(probe.read(Register::RTCDR), epoch + elapsed + 1);
}

TEST_F(Pl031Test, ReadsTheTimeOfTheInitiator) {
    const uint32_t now = probe.read(Register::RTCDR);
    probe.delay = half;
    EXPECT_EQ(probe.read(Register::RTCDR), now + 1);
}

TEST_F(Pl031Test, IsAlwaysStarted) {
    probe.write(Register::RTCCR, 0);
    EXPECT_EQ(probe.read(Register::RTCCR), 1U);
}

TEST_F(Pl031Test, RaisesTheAlarmAtTheMatch) {
    const uint32_t now = probe.read(Register::RTCDR);
    probe.write(Register::RTCIMSC, 1);
    probe.write(Register::RTCMR, now + 5);
    EXPECT_EQ(probe.read(Register::RTCMR), now + 5);
    sc_core::wait(seconds(4));
    EXPECT_EQ(probe.read(Register::RTCRIS), 0U);
    sc_core::wait(seconds(1));
    ASSERT_EQ(bench->changes.size(), 1U);
    EXPECT_EQ(bench->changes[0], std::make_pair(whole + seconds(5), true));
    EXPECT_EQ(bench->recorder.events["alarm"], std::vector<uint64_t>{now + 5});
    EXPECT_EQ(probe.read(Register::RTCMIS), 1U);

    probe.write(Register::RTCICR, 0);
    EXPECT_TRUE(clock.interrupt());
    probe.write(Register::RTCICR, 1);
    EXPECT_FALSE(clock.interrupt());
    EXPECT_EQ(probe.read(Register::RTCRIS), 0U);
}

TEST_F(Pl031Test, MasksTheInterruptButNotTheRawStatus) {
    probe.write(Register::RTCMR, probe.read(Register::RTCDR) + 1);
    sc_core::wait(seconds(1));
    EXPECT_EQ(probe.read(Register::RTCRIS), 1U);
    EXPECT_EQ(probe.read(Register::RTCMIS), 0U);
    EXPECT_FALSE(clock.interrupt());
    probe.write(Register::RTCIMSC, 1);
    EXPECT_EQ(probe.read(Register::RTCMIS), 1U);
    EXPECT_TRUE(clock.interrupt());
    probe.write(Register::RTCIMSC, 0);
    EXPECT_FALSE(clock.interrupt());
}

TEST_F(Pl031Test, MatchesThePresentSecondAtOnce) {
    probe.write(Register::RTCMR, probe.read(Register::RTCDR));
    EXPECT_EQ(probe.read(Register::RTCRIS), 1U);
}

TEST_F(Pl031Test, MovesTheAlarmWithTheMatchRegister) {
    const uint32_t now = probe.read(Register::RTCDR);
    probe.write(Register::RTCMR, now + 2);
    probe.write(Register::RTCMR, now + 4);
    sc_core::wait(seconds(3));
    EXPECT_EQ(probe.read(Register::RTCRIS), 0U);
    sc_core::wait(seconds(1));
    EXPECT_EQ(probe.read(Register::RTCRIS), 1U);
}

TEST_F(Pl031Test, LoadsTheCounterAndWraps) {
    probe.write(Register::RTCMR, 1);
    probe.write(Register::RTCLR, 0xFFFFFFFE);
    EXPECT_EQ(probe.read(Register::RTCLR), 0xFFFFFFFEU);
    EXPECT_EQ(probe.read(Register::RTCDR), 0xFFFFFFFEU);
    sc_core::wait(seconds(2));
    EXPECT_EQ(probe.read(Register::RTCDR), 0U);
    EXPECT_EQ(probe.read(Register::RTCRIS), 0U);
    sc_core::wait(seconds(1));
    EXPECT_EQ(probe.read(Register::RTCRIS), 1U);
    // Back to the custom for the tests that follow.
    probe.write(Register::RTCLR, epoch + static_cast<uint32_t>(sc_time_stamp().to_seconds()));
    clock.reset();
}

TEST_F(Pl031Test, ForgetsTheAlarmWithResetButKeepsTheTime) {
    const uint32_t now = probe.read(Register::RTCDR);
    probe.write(Register::RTCIMSC, 1);
    probe.write(Register::RTCMR, now + 1);
    clock.reset();
    sc_core::wait(seconds(2));
    EXPECT_EQ(probe.read(Register::RTCRIS), 0U);
    EXPECT_EQ(probe.read(Register::RTCDR), now + 2);
}

TEST_F(Pl031Test, IdentifiesItself) {
    const std::vector<uint32_t> expected{0x31, 0x10, 0x04, 0x00, 0x0D, 0xF0, 0x05, 0xB1};
    for (uint32_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(probe.read(0xFE0 + 4 * i), expected[i]);
}

TEST_F(Pl031Test, AnswersBadAccessesAsDocumented) {
    EXPECT_EQ(probe.status(0x000, 1), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x000, 2), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x000, 8), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x002, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x1000, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x1'0000'0000, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    probe.write(0x100, 0xFFFFFFFF);
    EXPECT_EQ(probe.read(0x100), 0U);
    EXPECT_EQ(probe.debug_read(0x00C), std::make_pair(4U, 1U));
}

}  // namespace orrery::devices
