// SPDX-License-Identifier: Apache-2.0
// A random-number device for the tutorial docs/first-device.md: a 32-bit Galois linear-feedback
// shift register behind two registers. Its period is 2^32 - 1; it is no source of secrets.
//
// Taps 32, 22, 2 and 1 give the longest period (Xilinx XAPP 052, table 3). Zero would be a state
// without a way out: writing 0 to SEED sets 1. Only word accesses are served (other sizes:
// TLM_BURST_ERROR_RESPONSE).
#pragma once

#include <cstdint>
#include <systemc>

#include "devices/observer.hpp"
#include "devices/register_bank.hpp"

namespace orrery::devices {

enum class LfsrRegister : uint32_t {
    DATA = 0x0,  // RO  Data: steps, and reads as the new state
    SEED = 0x4,  // RW  Seed: the state itself
};

class Lfsr final : public sc_core::sc_module {
  public:
    static constexpr uint32_t size = 0x8;

    explicit Lfsr(sc_core::sc_module_name name, Observer* observer = nullptr);

    void reset() { state_ = initial_state; }

    RegisterBank registers;

  private:
    static constexpr uint32_t initial_state = 1;

    [[nodiscard]] uint32_t read(const Access& access);
    void write(const Access& access, uint32_t value);

    Observer* const observer_;
    uint32_t state_ = initial_state;
};

}  // namespace orrery::devices
