// SPDX-License-Identifier: Apache-2.0
// Driver of the PrimeCell UART PL011.
#include "kernel/drivers/pl011.hpp"

#include "hal/machine.hpp"

namespace kernel {
namespace {

using hal::Machine;

enum Register : uint64_t {
    UARTDR = 0x000,     // rw  Data
    UARTFR = 0x018,     // ro  Flag
    UARTIBRD = 0x024,   // rw  Integer Baud Rate
    UARTFBRD = 0x028,   // rw  Fractional Baud Rate
    UARTLCR_H = 0x02c,  // rw  Line Control
    UARTCR = 0x030,     // rw  Control
    UARTIFLS = 0x034,   // rw  Interrupt FIFO Level Select
    UARTIMSC = 0x038,   // rw  Interrupt Mask Set/Clear
    UARTICR = 0x044,    // wo  Interrupt Clear
};

constexpr uint32_t flag_receive_empty = 1U << 4;                   // RXFE
constexpr uint32_t flag_transmit_full = 1U << 5;                   // TXFF
constexpr uint32_t flag_busy = 1U << 3;                            // BUSY
constexpr uint32_t word_8_bits_fifo = 0x70;                        // WLEN = 8 bits, FEN
constexpr uint32_t enable_both_ways = 0x301;                       // UARTEN, TXE, RXE
constexpr uint32_t used_interrupts = 1U << 4 | 1U << 5 | 1U << 6;  // RX, TX, receive time-out
constexpr uint32_t data_overrun = 1U << 11;                        // OE, in UARTDR
constexpr uint32_t all_interrupts = 0x7ff;

}  // namespace

Status Pl011::initialise(hal::PhysicalAddress registers, uint64_t clock) {
    base_ = Machine::map_device(registers, 0x1000);
    if (base_ == 0) return Status::NoMemory;
    while ((Machine::read32(base_ + UARTFR) & flag_busy) != 0) Machine::relax();
    Machine::write32(base_ + UARTCR, 0);
    Machine::write32(base_ + UARTIMSC, 0);
    Machine::write32(base_ + UARTICR, all_interrupts);
    if (clock >= 16 * baud_rate) {
        // The divisor has 6 fractional bits: clock / (16 * baud) * 64, rounded (DDI 0183G, 3.3.6).
        const uint64_t divisor = (clock * 4 + baud_rate / 2) / baud_rate;
        Machine::write32(base_ + UARTIBRD, static_cast<uint32_t>(divisor >> 6));
        Machine::write32(base_ + UARTFBRD, static_cast<uint32_t>(divisor & 0x3f));
    }
    Machine::write32(base_ + UARTLCR_H, word_8_bits_fifo);  // also takes the divisors over
    Machine::write32(base_ + UARTIFLS, 0);                  // earliest level
    Machine::write32(base_ + UARTCR, enable_both_ways);
    return Status::Ok;
}

void Pl011::enable_interrupts() {
    Machine::write32(base_ + UARTIMSC, used_interrupts);
}

void Pl011::acknowledge() {
    Machine::write32(base_ + UARTICR, used_interrupts);
}

bool Pl011::can_send() const {
    return (Machine::read32(base_ + UARTFR) & flag_transmit_full) == 0;
}

void Pl011::send(char character) {
    Machine::write32(base_ + UARTDR, static_cast<uint8_t>(character));
}

bool Pl011::busy() const {
    return (Machine::read32(base_ + UARTFR) & flag_busy) != 0;
}

int Pl011::receive(bool& overrun) {
    if ((Machine::read32(base_ + UARTFR) & flag_receive_empty) != 0) return -1;
    const uint32_t data = Machine::read32(base_ + UARTDR);
    overrun = (data & data_overrun) != 0;
    return static_cast<int>(data & 0xff);
}

}  // namespace kernel
