// SPDX-License-Identifier: Apache-2.0
// The UART, checked by Arm DDI 0183: registers, time on the line and the transmitter.
#include "tests/devices/pl011_bench.hpp"

namespace orrery::devices {

std::shared_ptr<void> elaborate() {
    auto made = std::make_shared<Bench>();
    bench = made.get();
    return made;
}

TEST_F(Pl011Test, HasTheResetValuesOfTheManual) {
    EXPECT_EQ(probe.read(Register::UARTFR), Flag::TXFE | Flag::RXFE);
    EXPECT_EQ(probe.read(Register::UARTCR), 0x300U);
    EXPECT_EQ(probe.read(Register::UARTIFLS), 0x12U);
    for (const auto which : {Register::UARTRSR, Register::UARTILPR, Register::UARTIBRD,
                             Register::UARTFBRD, Register::UARTLCR_H, Register::UARTIMSC,
                             Register::UARTRIS, Register::UARTMIS, Register::UARTDMACR})
        EXPECT_EQ(probe.read(which), 0U);
}

TEST_F(Pl011Test, IdentifiesItself) {
    const std::vector<uint32_t> expected{0x11, 0x10, 0x24, 0x00, 0x0D, 0xF0, 0x05, 0xB1};
    for (uint32_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(probe.read(0xFE0 + 4 * i), expected[i]);
}

TEST_F(Pl011Test, SendsOneCharacterAfterTheOtherAtTheBaudRate) {
    start();
    const sc_time begin = sc_time_stamp();
    send(3);
    EXPECT_TRUE(flag(Flag::BUSY));
    sc_core::wait(bits(10) * 3);
    sc_core::wait(nanoseconds(1));
    ASSERT_EQ(sent.size(), 3U);
    for (unsigned i = 0; i < 3; ++i)
        EXPECT_EQ(sent[i],
                  std::make_pair(begin + bits(10) * (i + 1), static_cast<uint8_t>('a' + i)));
    EXPECT_FALSE(flag(Flag::BUSY));
    EXPECT_EQ(bench->recorder.events["transmit"], (std::vector<uint64_t>{'a', 'b', 'c'}));
}

TEST_F(Pl011Test, CountsParityStopAndDataBits) {
    // 7 data bits, parity, 2 stop bits: 11 bits, and the eighth data bit is not sent.
    start(2U << 5U | Pl011Line::PEN | Pl011Line::STP2);
    const sc_time begin = sc_time_stamp();
    probe.write(Register::UARTDR, 0xC1);
    wait_characters(2);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0], std::make_pair(begin + bits(11), uint8_t{0x41}));
}

TEST_F(Pl011Test, TakesTheDivisorWithTheLineControlRegister) {
    start();
    probe.write(Register::UARTIBRD, 2 * integer);
    probe.write(Register::UARTFBRD, 2 * fraction);
    sc_time begin = sc_time_stamp();
    send(1);
    wait_characters(1);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].first, begin + bits(10));

    probe.write(Register::UARTLCR_H, Pl011Line::WLEN | Pl011Line::FEN);
    begin = sc_time_stamp();
    send(1);
    wait_characters(3);
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[1].first, begin + bits(20));
}

TEST_F(Pl011Test, SendsNothingWhileDisabledOrWithoutDivisor) {
    probe.write(Register::UARTLCR_H, Pl011Line::WLEN | Pl011Line::FEN);
    probe.write(Register::UARTCR, Pl011Control::UARTEN | Pl011Control::TXE);
    send(1);
    wait_characters(2);
    EXPECT_TRUE(sent.empty());
    EXPECT_TRUE(flag(Flag::BUSY));

    uart.reset();
    start();
    probe.write(Register::UARTCR, Pl011Control::TXE);
    send(1);
    wait_characters(2);
    EXPECT_TRUE(sent.empty());
    probe.write(Register::UARTCR, Pl011Control::UARTEN | Pl011Control::TXE);
    wait_characters(1);
    EXPECT_EQ(sent.size(), 1U);
}

TEST_F(Pl011Test, FinishesTheCharacterWhenDisabled) {
    start();
    send(2);
    sc_core::wait(bits(3));
    probe.write(Register::UARTCR, 0);
    wait_characters(3);
    EXPECT_EQ(sent.size(), 1U);
}

TEST_F(Pl011Test, StartsAtTheTimeOfTheInitiator) {
    start();
    const sc_time begin = sc_time_stamp();
    probe.delay = nanoseconds(500);
    send(1);
    probe.delay = sc_core::SC_ZERO_TIME;
    wait_characters(2);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].first, begin + nanoseconds(500) + bits(10));
}

TEST_F(Pl011Test, HoldsSixteenCharactersBesideTheOneThatLeaves) {
    start();
    send(16);
    EXPECT_FALSE(flag(Flag::TXFF));
    send(1);
    EXPECT_TRUE(flag(Flag::TXFF));
    send(1);  // lost
    wait_characters(20);
    EXPECT_EQ(sent.size(), 17U);
}

TEST_F(Pl011Test, HoldsOneCharacterWithoutFifos) {
    start(Pl011Line::WLEN);
    send(1);
    EXPECT_FALSE(flag(Flag::TXFF));
    EXPECT_TRUE(flag(Flag::TXFE));
    EXPECT_TRUE(raw(Interrupt::TX));  // the holding register became empty
    send(1);
    EXPECT_TRUE(flag(Flag::TXFF));
    EXPECT_FALSE(raw(Interrupt::TX));
    wait_characters(1);
    EXPECT_TRUE(raw(Interrupt::TX));
}

TEST_F(Pl011Test, TransmitInterruptComesWithTheTransition) {
    const std::vector<uint32_t> levels{2, 4, 8, 12, 14};
    for (uint32_t setting = 0; setting < levels.size(); ++setting) {
        SetUp();
        start();
        probe.write(Register::UARTIFLS, setting);
        EXPECT_FALSE(raw(Interrupt::TX));  // empty, but nothing has passed the level
        send(17);
        const uint32_t to_go = 16 - levels[setting];
        sc_core::wait(bits(10) * (to_go - 1));
        sc_core::wait(bits(5));
        EXPECT_FALSE(raw(Interrupt::TX));
        sc_core::wait(bits(6));
        EXPECT_TRUE(raw(Interrupt::TX));
        send(1);
        EXPECT_FALSE(raw(Interrupt::TX));
    }
}

TEST_F(Pl011Test, MaskSelectsWhatReachesTheLine) {
    start(Pl011Line::WLEN);
    receive(1);
    wait_characters(1);
    EXPECT_EQ(probe.read(Register::UARTRIS), Interrupt::RX);
    EXPECT_EQ(probe.read(Register::UARTMIS), 0U);
    EXPECT_FALSE(uart.interrupt());
    probe.write(Register::UARTIMSC, Interrupt::TX);
    EXPECT_FALSE(uart.interrupt());
    probe.write(Register::UARTIMSC, Interrupt::TX | Interrupt::RX);
    EXPECT_EQ(probe.read(Register::UARTMIS), Interrupt::RX);
    EXPECT_TRUE(uart.interrupt());
    probe.write(Register::UARTICR, Interrupt::RX);
    EXPECT_FALSE(uart.interrupt());
    EXPECT_FALSE(flag(Flag::RXFE));
    EXPECT_EQ(bench->recorder.events["interrupt"], (std::vector<uint64_t>{1, 0}));
}

TEST_F(Pl011Test, DisablingTheFifosFlushesThem) {
    start();
    receive(2);
    send(4);
    wait_characters(2);
    probe.write(Register::UARTLCR_H, Pl011Line::WLEN);
    EXPECT_TRUE(flag(Flag::RXFE));
    EXPECT_TRUE(flag(Flag::TXFE));
    sent.clear();
    sc_core::wait(bits(100));
    EXPECT_EQ(sent.size(), 1U);  // the one that was leaving
    EXPECT_FALSE(raw(Interrupt::RT));
}

TEST_F(Pl011Test, AnswersOtherSizesAndBadAccessesAsDocumented) {
    start();
    probe.write(Register::UARTDR, 0xFFFFFF41, 0, 1);
    wait_characters(1);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].second, 0x41);
    EXPECT_EQ(probe.read(Register::UARTCR, 0, 2), 0x301U);
    EXPECT_EQ(probe.read(Register::UARTCR, 0, 1), 0x01U);
    EXPECT_EQ(probe.status(0x019, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x01A, 2), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x01A, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x018, 8), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x018, 3), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(probe.status(0x1000, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    probe.write(0x080, 0xFFFFFFFF);
    EXPECT_EQ(probe.read(0x080), 0U);
    probe.write(Register::UARTFR, 0);
    EXPECT_EQ(probe.read(Register::UARTFR), Flag::TXFE | Flag::RXFE);
}

}  // namespace orrery::devices
