// SPDX-License-Identifier: Apache-2.0
// PrimeCell Real Time Clock PL031 (Arm DDI 0224): a 32-bit counter of seconds with one alarm.
//
// The counter is in the battery's domain: it runs from the start of the simulation, RTCCR reads 1,
// and a reset leaves it alone. It ticks on whole simulated seconds, also after RTCLR was written.
// Writing RTCMR with the present second raises the alarm at once. Only word accesses are served
// (other sizes: TLM_BURST_ERROR_RESPONSE).
#pragma once

#include <cstdint>
#include <functional>
#include <systemc>

#include "devices/interrupt_line.hpp"
#include "devices/observer.hpp"
#include "devices/pl031_registers.hpp"
#include "devices/register_bank.hpp"

namespace orrery::devices {

class Pl031 final : public sc_core::sc_module {
  public:
    static constexpr uint32_t size = 0x1000;

    // `epoch`: the value of the counter when the simulation starts, seconds since 1970 by custom.
    Pl031(sc_core::sc_module_name name, uint32_t epoch, Observer* observer = nullptr);

    [[nodiscard]] uint32_t seconds(const sc_core::sc_time& now) const;
    [[nodiscard]] bool interrupt() const { return line_.level(); }
    void reset();

    // Level of RTCINTR, told on change. To be set before the simulation starts.
    std::function<void(bool level)> on_interrupt;

    RegisterBank registers;

  private:
    [[nodiscard]] uint32_t read(const Access& access) const;
    void write(const Access& access, uint32_t value);
    void load(uint32_t value, const sc_core::sc_time& now);
    void arm(const sc_core::sc_time& now);
    void alarm();
    void update();

    Observer* const observer_;
    InterruptLine line_;
    sc_core::sc_event match_event_;
    uint32_t offset_;  // counter minus simulated seconds
    uint32_t load_;
    uint32_t match_ = 0;
    bool mask_ = false;
    bool raw_ = false;
};

}  // namespace orrery::devices
