// SPDX-License-Identifier: Apache-2.0
// The receiver of the UART, checked by Arm DDI 0183: levels, time-out and overrun.
#include "tests/devices/pl011_bench.hpp"

namespace orrery::devices {

TEST_F(Pl011Test, ReceivesAtTheBaudRate) {
    start();
    receive(2);
    sc_core::wait(bits(10) - picoseconds(1));
    EXPECT_TRUE(flag(Flag::RXFE));
    sc_core::wait(nanoseconds(1));
    EXPECT_FALSE(flag(Flag::RXFE));
    EXPECT_EQ(probe.read(Register::UARTDR), uint32_t{'A'});
    EXPECT_TRUE(flag(Flag::RXFE));
    sc_core::wait(bits(10));
    EXPECT_EQ(probe.read(Register::UARTDR), uint32_t{'B'});
    EXPECT_EQ(bench->recorder.events["receive"], (std::vector<uint64_t>{'A', 'B'}));
}

TEST_F(Pl011Test, FarEndWaitsForTheReceiver) {
    receive(1);
    wait_characters(5);
    EXPECT_TRUE(flag(Flag::RXFE));
    start();
    wait_characters(1);
    EXPECT_EQ(probe.read(Register::UARTDR), uint32_t{'A'});
}

TEST_F(Pl011Test, ReceiveInterruptFollowsTheLevel) {
    const std::vector<uint32_t> levels{2, 4, 8, 12, 14};
    for (uint32_t setting = 0; setting < levels.size(); ++setting) {
        SetUp();
        start();
        probe.write(Register::UARTIFLS, setting << 3U);
        receive(levels[setting]);
        wait_characters(levels[setting] - 1);
        EXPECT_FALSE(raw(Interrupt::RX));
        wait_characters(1);
        EXPECT_TRUE(raw(Interrupt::RX));
        probe.read(Register::UARTDR);
        EXPECT_FALSE(raw(Interrupt::RX));
    }
}

TEST_F(Pl011Test, ReceiveInterruptComesWithEveryCharacterWithoutFifos) {
    start(Pl011Line::WLEN);
    receive(1);
    wait_characters(1);
    EXPECT_TRUE(raw(Interrupt::RX));
    EXPECT_TRUE(flag(Flag::RXFF));
    probe.read(Register::UARTDR);
    EXPECT_FALSE(raw(Interrupt::RX));
}

TEST_F(Pl011Test, TimesOutAfterThirtyTwoBitPeriodsOfSilence) {
    start();
    probe.write(Register::UARTIMSC, Interrupt::RT);
    const sc_time begin = sc_time_stamp();
    receive(2);
    sc_core::wait(bits(100));
    ASSERT_EQ(bench->interrupts.size(), 1U);
    EXPECT_EQ(bench->interrupts[0], std::make_pair(begin + bits(10) * 2 + bits(32), true));
    probe.read(Register::UARTDR);
    EXPECT_TRUE(raw(Interrupt::RT));
    probe.read(Register::UARTDR);  // now empty
    EXPECT_FALSE(raw(Interrupt::RT));
    EXPECT_FALSE(uart.interrupt());
}

TEST_F(Pl011Test, DoesNotTimeOutWhenAllWasRead) {
    start();
    receive(1);
    wait_characters(1);
    probe.read(Register::UARTDR);
    sc_core::wait(bits(100));
    EXPECT_FALSE(raw(Interrupt::RT));
}

TEST_F(Pl011Test, OverrunLosesTheNewCharacterAndSaysSo) {
    start();
    receive(17);
    wait_characters(16);
    EXPECT_TRUE(flag(Flag::RXFF));
    EXPECT_FALSE(raw(Interrupt::OE));
    wait_characters(1);
    EXPECT_TRUE(raw(Interrupt::OE));
    EXPECT_EQ(probe.read(Register::UARTRSR), Pl011Error::status_overrun);
    EXPECT_EQ(bench->recorder.events["overrun"], std::vector<uint64_t>{'A' + 16});

    // The sixteen are intact; the next character that finds a place carries the error.
    for (uint32_t i = 0; i < 16; ++i) EXPECT_EQ(probe.read(Register::UARTDR), 'A' + i);
    receive(2);
    wait_characters(2);
    EXPECT_EQ(probe.read(Register::UARTDR), 'A' | Pl011Error::data_overrun);
    EXPECT_EQ(probe.read(Register::UARTDR), uint32_t{'B'});

    probe.write(Register::UARTRSR, 0);
    EXPECT_EQ(probe.read(Register::UARTRSR), 0U);
    EXPECT_TRUE(raw(Interrupt::OE));
    probe.write(Register::UARTICR, Interrupt::OE);
    EXPECT_FALSE(raw(Interrupt::OE));
}

TEST_F(Pl011Test, DebugReadTakesNothingFromTheFifo) {
    start();
    receive(1);
    wait_characters(1);
    EXPECT_EQ(probe.debug_read(0x000), std::make_pair(4U, uint32_t{'A'}));
    EXPECT_EQ(probe.read(Register::UARTDR), uint32_t{'A'});
}

}  // namespace orrery::devices
