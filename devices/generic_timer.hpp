// SPDX-License-Identifier: Apache-2.0
// The Arm generic timer of one CPU (Arm ARM DDI 0487, "The Generic Timer in AArch64 state"): the
// system counter with its virtual view, the EL1 physical timer and the EL1 virtual timer.
//
// The counter is simulated time times frequency in exact integers: it never drifts. Compare values
// are unsigned: a timer's condition holds while count >= CVAL. ISTATUS reads 0 while ENABLE is 0.
//
// Accesses carry their own time, because a CPU may run ahead of the simulation. Counter reads need
// nothing else. Precondition: before a write, the CPU has synchronised, so that no earlier expiry
// of the same timer is still to come.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string_view>
#include <systemc>

#include "devices/interrupt_line.hpp"
#include "devices/observer.hpp"

namespace orrery::devices {

enum class TimerRegister : uint8_t {
    CNTFRQ,     // RO  Counter-timer Frequency
    CNTPCT,     // RO  Counter-timer Physical Count
    CNTVCT,     // RO  Counter-timer Virtual Count
    CNTVOFF,    // RW  Counter-timer Virtual Offset
    CNTP_CTL,   // RW  Counter-timer Physical Timer Control
    CNTP_CVAL,  // RW  Counter-timer Physical Timer CompareValue
    CNTP_TVAL,  // RW  Counter-timer Physical Timer TimerValue, signed 32 bits
    CNTV_CTL,   // RW  Counter-timer Virtual Timer Control
    CNTV_CVAL,  // RW  Counter-timer Virtual Timer CompareValue
    CNTV_TVAL,  // RW  Counter-timer Virtual Timer TimerValue, signed 32 bits
};

struct TimerControl final {
    static constexpr uint64_t ENABLE = 1U << 0U;   // RW  timer enabled
    static constexpr uint64_t IMASK = 1U << 1U;    // RW  interrupt masked
    static constexpr uint64_t ISTATUS = 1U << 2U;  // RO  timer condition holds
};

class GenericTimer final : public sc_core::sc_module {
  public:
    enum class Channel : uint8_t { physical, virtual_ };

    // Precondition: frequency in hertz is not zero.
    GenericTimer(sc_core::sc_module_name name, uint64_t frequency, Observer* observer = nullptr);

    [[nodiscard]] uint64_t read(TimerRegister which, const sc_core::sc_time& now) const;
    void write(TimerRegister which, uint64_t value, const sc_core::sc_time& now);

    [[nodiscard]] uint64_t frequency() const { return frequency_; }
    // The physical count at a time, and the first time that has a physical count.
    [[nodiscard]] uint64_t count(const sc_core::sc_time& time) const;
    [[nodiscard]] sc_core::sc_time time_of(uint64_t count) const;

    [[nodiscard]] bool interrupt(Channel channel) const;
    // The moment at which an output rises next, as the timers are set; the maximum if none will.
    [[nodiscard]] sc_core::sc_time next_interrupt() const {
        return std::min(physical_.rise, virtual_.rise);
    }
    // Disables both timers; the counter goes on.
    void reset();

    // Level of an interrupt output, told on change. To be set before the simulation starts.
    std::function<void(Channel channel, bool level)> on_interrupt;

  private:
    struct Timer final {
        Channel channel;
        std::string_view expired_event;
        InterruptLine line;
        sc_core::sc_event edge;  // the next moment at which the condition changes
        sc_core::sc_time rise = sc_core::sc_max_time();  // of the output
        uint64_t offset = 0;
        uint64_t compare = 0;
        bool enabled = false;
        bool masked = false;
        bool condition = false;  // as of the last update
    };

    [[nodiscard]] InterruptLine make_line(Channel channel, std::string_view event);
    [[nodiscard]] uint64_t view(const Timer& timer, const sc_core::sc_time& now) const;
    [[nodiscard]] bool condition(const Timer& timer, const sc_core::sc_time& now) const;
    [[nodiscard]] uint64_t control(const Timer& timer, const sc_core::sc_time& now) const;
    void set_control(Timer& timer, uint64_t value);
    void set_timer_value(Timer& timer, uint64_t value, const sc_core::sc_time& now);
    void arm(Timer& timer, const sc_core::sc_time& now);
    void update(Timer& timer, const sc_core::sc_time& now);
    void physical_edge();
    void virtual_edge();

    const uint64_t frequency_;
    Observer* const observer_;
    Timer physical_;
    Timer virtual_;
};

}  // namespace orrery::devices
