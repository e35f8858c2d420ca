// SPDX-License-Identifier: Apache-2.0
// The Arm generic timer of one CPU.
#include "devices/generic_timer.hpp"

#include "devices/exact_time.hpp"

namespace orrery::devices {

GenericTimer::GenericTimer(sc_core::sc_module_name name, uint64_t frequency, Observer* observer)
    : sc_module{name},
      frequency_{frequency},
      observer_{observer},
      physical_{.channel = Channel::physical,
                .expired_event = "physical_expired",
                .line = make_line(Channel::physical, "physical_interrupt")},
      virtual_{.channel = Channel::virtual_,
               .expired_event = "virtual_expired",
               .line = make_line(Channel::virtual_, "virtual_interrupt")} {
    SC_HAS_PROCESS(GenericTimer);
    SC_METHOD(physical_edge);
    sensitive << physical_.edge;
    dont_initialize();
    SC_METHOD(virtual_edge);
    sensitive << virtual_.edge;
    dont_initialize();
}

InterruptLine GenericTimer::make_line(Channel channel, std::string_view event) {
    return InterruptLine{[this, channel, event](bool level) {
        if (observer_ != nullptr) observer_->device_event(this->name(), event, level);
        if (on_interrupt) on_interrupt(channel, level);
    }};
}

uint64_t GenericTimer::count(const sc_core::sc_time& time) const {
    return ticks_at(time, frequency_);
}

sc_core::sc_time GenericTimer::time_of(uint64_t count) const {
    return time_of_ticks(count, frequency_);
}

bool GenericTimer::interrupt(Channel channel) const {
    return (channel == Channel::physical ? physical_ : virtual_).line.level();
}

uint64_t GenericTimer::view(const Timer& timer, const sc_core::sc_time& now) const {
    return count(now) - timer.offset;
}

bool GenericTimer::condition(const Timer& timer, const sc_core::sc_time& now) const {
    return timer.enabled && view(timer, now) >= timer.compare;
}

uint64_t GenericTimer::control(const Timer& timer, const sc_core::sc_time& now) const {
    return (timer.enabled ? TimerControl::ENABLE : 0) | (timer.masked ? TimerControl::IMASK : 0) |
           (condition(timer, now) ? TimerControl::ISTATUS : 0);
}

uint64_t GenericTimer::read(TimerRegister which, const sc_core::sc_time& now) const {
    switch (which) {
        case TimerRegister::CNTFRQ: return frequency_;
        case TimerRegister::CNTPCT: return view(physical_, now);
        case TimerRegister::CNTVCT: return view(virtual_, now);
        case TimerRegister::CNTVOFF: return virtual_.offset;
        case TimerRegister::CNTP_CTL: return control(physical_, now);
        case TimerRegister::CNTP_CVAL: return physical_.compare;
        case TimerRegister::CNTP_TVAL:
            return static_cast<uint32_t>(physical_.compare - view(physical_, now));
        case TimerRegister::CNTV_CTL: return control(virtual_, now);
        case TimerRegister::CNTV_CVAL: return virtual_.compare;
        case TimerRegister::CNTV_TVAL:
            return static_cast<uint32_t>(virtual_.compare - view(virtual_, now));
    }
    return 0;
}

void GenericTimer::write(TimerRegister which, uint64_t value, const sc_core::sc_time& now) {
    switch (which) {
        case TimerRegister::CNTFRQ:
        case TimerRegister::CNTPCT:
        case TimerRegister::CNTVCT: return;
        case TimerRegister::CNTVOFF: virtual_.offset = value; break;
        case TimerRegister::CNTP_CTL: set_control(physical_, value); break;
        case TimerRegister::CNTP_CVAL: physical_.compare = value; break;
        case TimerRegister::CNTP_TVAL: set_timer_value(physical_, value, now); break;
        case TimerRegister::CNTV_CTL: set_control(virtual_, value); break;
        case TimerRegister::CNTV_CVAL: virtual_.compare = value; break;
        case TimerRegister::CNTV_TVAL: set_timer_value(virtual_, value, now); break;
    }
    const bool physical = which == TimerRegister::CNTP_CTL || which == TimerRegister::CNTP_CVAL ||
                          which == TimerRegister::CNTP_TVAL;
    update(physical ? physical_ : virtual_, now);
}

void GenericTimer::set_control(Timer& timer, uint64_t value) {
    timer.enabled = (value & TimerControl::ENABLE) != 0;
    timer.masked = (value & TimerControl::IMASK) != 0;
}

void GenericTimer::set_timer_value(Timer& timer, uint64_t value, const sc_core::sc_time& now) {
    const auto extended = static_cast<int64_t>(static_cast<int32_t>(value));
    timer.compare = view(timer, now) + static_cast<uint64_t>(extended);
}

// The condition next changes when the view reaches the compare value, or else when it wraps to
// zero.
void GenericTimer::arm(Timer& timer, const sc_core::sc_time& now) {
    timer.rise = sc_core::sc_max_time();
    if (!timer.enabled) {
        timer.edge.cancel();
        return;
    }
    const uint64_t seen = view(timer, now);
    const Wide next = seen < timer.compare ? Wide{timer.compare} : Wide{1} << 64U;
    const sc_core::sc_time change = time_of_ticks(Wide{count(now)} + (next - seen), frequency_);
    notify_at(timer.edge, change);
    if (seen < timer.compare && !timer.masked) timer.rise = change;
}

void GenericTimer::update(Timer& timer, const sc_core::sc_time& now) {
    const bool before = timer.condition;
    timer.condition = condition(timer, now);
    arm(timer, now);
    if (timer.condition && !before && observer_ != nullptr)
        observer_->device_event(name(), timer.expired_event, timer.compare);
    timer.line.drive(timer.condition && !timer.masked);
}

void GenericTimer::physical_edge() {
    update(physical_, sc_core::sc_time_stamp());
}

void GenericTimer::virtual_edge() {
    update(virtual_, sc_core::sc_time_stamp());
}

void GenericTimer::reset() {
    virtual_.offset = 0;
    for (Timer* timer : {&physical_, &virtual_}) {
        timer->compare = 0;
        set_control(*timer, 0);
        update(*timer, sc_core::sc_time_stamp());
    }
}

}  // namespace orrery::devices
