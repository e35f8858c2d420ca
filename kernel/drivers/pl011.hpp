// SPDX-License-Identifier: Apache-2.0
// Driver of the PrimeCell UART PL011 (DDI 0183G): polled transmission, interrupts for reception.
#pragma once

#include "hal/types.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

class Pl011 final {
  public:
    static constexpr uint64_t baud_rate = 1'500'000;

    // `clock` is UARTCLK in Hz; 0 leaves the divisors as the firmware set them.
    [[nodiscard]] Status initialise(hal::PhysicalAddress registers, uint64_t clock);
    void enable_receive_interrupt();
    // Acknowledges what interrupted; the characters are then taken with receive().
    void acknowledge();

    // Waits for room in the FIFO.
    void send(char character);
    // The next received character, or -1.
    [[nodiscard]] int receive();

  private:
    uint64_t base_ = 0;
};

}  // namespace kernel
