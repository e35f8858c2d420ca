// SPDX-License-Identifier: Apache-2.0
// PrimeCell UART PL011 (Arm DDI 0183), revision r1p4: FIFOs of 16, characters that take their time.
//
// A character takes (start + data + parity + stop) bits of (64 * IBRD + FBRD) / (4 * UARTCLK)
// seconds. As in the hardware, the divisor takes effect with the next write to UARTLCR_H, and with
// a divisor of zero, its reset value, nothing moves.
//
// Not modelled: modem lines and flow control (inputs inactive), break, parity and framing errors,
// loopback, IrDA, DMA requests; their control bits are kept and have no effect.
//
// Bytes, halfwords and words are served at offsets that are multiples of 4, and mean the low part
// of the register; elsewhere, TLM_ADDRESS_ERROR_RESPONSE.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <systemc>

#include "devices/interrupt_line.hpp"
#include "devices/observer.hpp"
#include "devices/pl011_registers.hpp"
#include "devices/register_bank.hpp"

namespace orrery::devices {

class Pl011 final : public sc_core::sc_module {
  public:
    static constexpr uint32_t size = 0x1000;
    static constexpr uint64_t default_clock = 24'000'000;

    explicit Pl011(sc_core::sc_module_name name, uint64_t clock = default_clock,
                   Observer* observer = nullptr);

    // The far end of the line sends these characters one after the other at the baud rate. It
    // starts a character only while the receiver is enabled; it does not look at FIFO levels.
    void receive(std::span<const uint8_t> characters);

    [[nodiscard]] bool interrupt() const { return line_.level(); }
    // As the reset input; characters on the line, in either direction, are lost.
    void reset();

    // A character has left, to its last stop bit. To be set before the simulation starts.
    std::function<void(uint8_t character)> on_transmit;
    // Level of UARTINTR, told on change. To be set before the simulation starts.
    std::function<void(bool level)> on_interrupt;

    RegisterBank registers;

  private:
    [[nodiscard]] uint32_t read(const Access& access);
    void write(const Access& access, uint32_t value);
    [[nodiscard]] uint32_t flags() const;
    [[nodiscard]] uint32_t read_data(const Access& access);
    void write_data(uint32_t value);
    void write_line_control(uint32_t value);

    [[nodiscard]] bool enabled(uint32_t direction) const;
    [[nodiscard]] bool fifos_enabled() const;
    [[nodiscard]] size_t depth() const;
    [[nodiscard]] size_t transmit_trigger() const;
    [[nodiscard]] size_t receive_trigger() const;
    [[nodiscard]] unsigned word_length() const;
    [[nodiscard]] sc_core::sc_time duration(unsigned bits) const;
    [[nodiscard]] sc_core::sc_time character_duration() const;

    void start_transmission(const sc_core::sc_time& now);
    void start_reception(const sc_core::sc_time& now);
    void transmission_done();
    void reception_done();
    void receive_timeout();
    void accept(uint8_t character);
    void observe(std::string_view event, uint64_t value);
    void update(const sc_core::sc_time& now);

    const uint64_t clock_;
    Observer* const observer_;
    InterruptLine line_;
    sc_core::sc_event transmitted_;
    sc_core::sc_event received_;
    sc_core::sc_event timed_out_;

    std::deque<uint8_t> transmit_fifo_;
    std::optional<uint8_t> transmit_shift_;  // the character that is leaving
    std::deque<uint16_t> receive_fifo_;      // characters with their error bits
    std::optional<uint8_t> receive_shift_;   // the character that is arriving
    std::deque<uint8_t> far_end_;            // what the far end has still to send
    bool overrun_pending_ = false;           // to be stored with the next character

    uint32_t receive_status_ = 0;
    uint32_t irda_counter_ = 0;
    uint32_t integer_divisor_ = 0;
    uint32_t fractional_divisor_ = 0;
    uint32_t divisor_ = 0;  // in use, in 64ths
    uint32_t line_control_ = 0;
    uint32_t control_ = 0;
    uint32_t level_select_ = 0;
    uint32_t mask_ = 0;
    uint32_t raw_ = 0;
    uint32_t dma_control_ = 0;
};

}  // namespace orrery::devices
