// SPDX-License-Identifier: Apache-2.0
// The bench of the UART: 24 MHz, and a divisor with a fraction.
#pragma once

#include <numeric>

#include "devices/pl011.hpp"
#include "tests/devices/bench.hpp"

namespace orrery::devices {

using Register = Pl011Register;
using Flag = Pl011Flag;
using Interrupt = Pl011Interrupt;
using sc_core::sc_time;
using sc_core::sc_time_stamp;

// 24 MHz / (16 * (13 + 1/64)) = 115246 baud. A bit takes 833 / 96 MHz.
inline constexpr uint32_t integer = 13;
inline constexpr uint32_t fraction = 1;

inline sc_time bits(uint64_t count) {
    return picoseconds((count * 833 * 1'000'000 + 95) / 96);
}

struct Bench final {
    Recorder recorder;
    Pl011 uart{"uart", Pl011::default_clock, &recorder};
    Probe probe{"probe"};
    std::vector<std::pair<sc_time, uint8_t>> sent;
    std::vector<std::pair<sc_time, bool>> interrupts;

    Bench() {
        probe.socket.bind(uart.registers.socket);
        uart.on_transmit = [this](uint8_t character) {
            sent.emplace_back(sc_time_stamp(), character);
        };
        uart.on_interrupt = [this](bool level) { interrupts.emplace_back(sc_time_stamp(), level); };
    }
};

inline Bench* bench = nullptr;

class Pl011Test : public testing::Test {
  protected:
    void SetUp() override {
        bench->uart.reset();
        bench->sent.clear();
        bench->interrupts.clear();
        bench->recorder.events.clear();
    }

    // 8 bits, no parity, 1 stop bit: a character is 10 bits.
    void start(uint32_t line = Pl011Line::WLEN | Pl011Line::FEN) {
        probe.write(Register::UARTIBRD, integer);
        probe.write(Register::UARTFBRD, fraction);
        probe.write(Register::UARTLCR_H, line);
        probe.write(Register::UARTCR, Pl011Control::UARTEN | Pl011Control::TXE | Pl011Control::RXE);
    }
    void send(uint32_t count) {
        for (uint32_t i = 0; i < count; ++i) probe.write(Register::UARTDR, 'a' + i);
    }
    void receive(size_t count) {
        std::vector<uint8_t> characters(count);
        std::iota(characters.begin(), characters.end(), static_cast<uint8_t>('A'));
        bench->uart.receive(characters);
    }
    // Until so many characters have come, and a little more.
    void wait_characters(unsigned count) { sc_core::wait(bits(10) * count + nanoseconds(1)); }
    bool raw(uint32_t which) { return (probe.read(Register::UARTRIS) & which) != 0; }
    bool flag(uint32_t which) { return (probe.read(Register::UARTFR) & which) != 0; }

    Probe& probe = bench->probe;
    Pl011& uart = bench->uart;
    std::vector<std::pair<sc_time, uint8_t>>& sent = bench->sent;
};

}  // namespace orrery::devices
