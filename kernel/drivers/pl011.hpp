// SPDX-License-Identifier: Apache-2.0
// Driver of the PrimeCell UART PL011 (DDI 0183G). It never waits; its user does.
#pragma once

#include "hal/types.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

class Pl011 final {
  public:
    static constexpr uint64_t baud_rate = 1'500'000;

    // `clock` is UARTCLK in Hz; 0 leaves the divisors as the firmware set them.
    [[nodiscard]] Status initialise(hal::PhysicalAddress registers, uint64_t clock);
    // From now on it interrupts when characters have come, and when its FIFO has become nearly
    // empty.
    void enable_interrupts();
    // Acknowledges what interrupted; receive() and send() then serve it.
    void acknowledge();

    [[nodiscard]] bool can_send() const;
    // Precondition: can_send().
    void send(char character);
    // Something has not left yet.
    [[nodiscard]] bool busy() const;
    // The next received character, or -1. `overrun`: others before it were lost.
    [[nodiscard]] int receive(bool& overrun);

  private:
    uint64_t base_ = 0;
};

}  // namespace kernel
