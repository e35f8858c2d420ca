// SPDX-License-Identifier: Apache-2.0
// Registers of the PrimeCell UART PL011 (Arm DDI 0183), revision r1p4.
#pragma once

#include <cstdint>

namespace orrery::devices {

enum class Pl011Register : uint32_t {
    UARTDR = 0x000,         // RW  Data Register
    UARTRSR = 0x004,        // RW  Receive Status Register, Error Clear Register (UARTECR)
    UARTFR = 0x018,         // RO  Flag Register
    UARTILPR = 0x020,       // RW  IrDA Low-Power Counter Register
    UARTIBRD = 0x024,       // RW  Integer Baud Rate Register
    UARTFBRD = 0x028,       // RW  Fractional Baud Rate Register
    UARTLCR_H = 0x02C,      // RW  Line Control Register
    UARTCR = 0x030,         // RW  Control Register
    UARTIFLS = 0x034,       // RW  Interrupt FIFO Level Select Register
    UARTIMSC = 0x038,       // RW  Interrupt Mask Set/Clear Register
    UARTRIS = 0x03C,        // RO  Raw Interrupt Status Register
    UARTMIS = 0x040,        // RO  Masked Interrupt Status Register
    UARTICR = 0x044,        // WO  Interrupt Clear Register
    UARTDMACR = 0x048,      // RW  DMA Control Register
    UARTPeriphID0 = 0xFE0,  // RO  Peripheral Identification Registers, 4 words
    UARTPCellID0 = 0xFF0,   // RO  PrimeCell Identification Registers, 4 words
};

struct Pl011Flag final {                        // UARTFR
    static constexpr uint32_t BUSY = 1U << 3U;  // transmitting, or something to transmit
    static constexpr uint32_t RXFE = 1U << 4U;  // receive FIFO empty
    static constexpr uint32_t TXFF = 1U << 5U;  // transmit FIFO full
    static constexpr uint32_t RXFF = 1U << 6U;  // receive FIFO full
    static constexpr uint32_t TXFE = 1U << 7U;  // transmit FIFO empty
};

struct Pl011Line final {                        // UARTLCR_H
    static constexpr uint32_t PEN = 1U << 1U;   // parity enable
    static constexpr uint32_t STP2 = 1U << 3U;  // two stop bits
    static constexpr uint32_t FEN = 1U << 4U;   // FIFO enable
    static constexpr uint32_t WLEN = 3U << 5U;  // word length: 5, 6, 7 or 8 bits
};

struct Pl011Control final {                       // UARTCR
    static constexpr uint32_t UARTEN = 1U << 0U;  // UART enable
    static constexpr uint32_t TXE = 1U << 8U;     // transmit enable
    static constexpr uint32_t RXE = 1U << 9U;     // receive enable
};

struct Pl011Interrupt final {                  // UARTIMSC, UARTRIS, UARTMIS, UARTICR
    static constexpr uint32_t RX = 1U << 4U;   // receive
    static constexpr uint32_t TX = 1U << 5U;   // transmit
    static constexpr uint32_t RT = 1U << 6U;   // receive time-out
    static constexpr uint32_t OE = 1U << 10U;  // overrun error
};

struct Pl011Error final {
    static constexpr uint32_t data_overrun = 1U << 11U;   // UARTDR.OE
    static constexpr uint32_t status_overrun = 1U << 3U;  // UARTRSR.OE
};

}  // namespace orrery::devices
