// SPDX-License-Identifier: Apache-2.0
// Message Handling Unit, MHU (Juno Arm Development Platform SoC TRM, DDI 0515): doorbells between
// the CPUs and the system control processor (SCP), two Non-secure channels of 32 bits in each
// direction. A receiver's interrupt is raised while any bit of its status is set.
//
// Registers are the CPUs' view. All accesses count as Non-secure: the Secure channel and MHU_SCFG
// read as zero and ignore writes. The SCP has no registers here; it calls functions. Only word
// accesses are served (other sizes: TLM_BURST_ERROR_RESPONSE).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <systemc>

#include "devices/interrupt_line.hpp"
#include "devices/mhu_registers.hpp"
#include "devices/observer.hpp"
#include "devices/register_bank.hpp"

namespace orrery::devices {

class Mhu final : public sc_core::sc_module {
  public:
    static constexpr uint32_t size = 0x1000;
    static constexpr unsigned channels = 2;
    enum Channel : unsigned { low_priority = 0, high_priority = 1 };

    explicit Mhu(sc_core::sc_module_name name, Observer* observer = nullptr);

    // The SCP's side: sets bits towards the CPUs; clears bits that came from them.
    void ring(unsigned channel, uint32_t bits);
    void acknowledge(unsigned channel, uint32_t bits);
    [[nodiscard]] uint32_t from_cpus(unsigned channel) const { return from_cpus_.at(channel); }
    [[nodiscard]] uint32_t to_cpus(unsigned channel) const { return to_cpus_.at(channel); }
    [[nodiscard]] bool interrupt(unsigned channel) const { return lines_.at(channel).level(); }
    void reset();

    // Level of the CPUs' interrupt, told on change; and bits that a CPU has newly set, at the
    // initiator's time. To be set before the simulation starts.
    std::function<void(unsigned channel, bool level)> on_interrupt;
    std::function<void(unsigned channel, uint32_t bits, const sc_core::sc_time& now)> on_doorbell;

    RegisterBank registers;

  private:
    [[nodiscard]] InterruptLine make_line(unsigned channel);
    [[nodiscard]] uint32_t read(const Access& access) const;
    void write(const Access& access, uint32_t value);
    void update();

    Observer* const observer_;
    std::array<InterruptLine, channels> lines_;
    std::array<uint32_t, channels> to_cpus_{};
    std::array<uint32_t, channels> from_cpus_{};
};

}  // namespace orrery::devices
