// SPDX-License-Identifier: Apache-2.0
// PrimeCell Real Time Clock PL031 (Arm DDI 0224).
#include "devices/pl031.hpp"

#include "devices/exact_time.hpp"
#include "devices/primecell.hpp"

namespace orrery::devices {

namespace {

constexpr uint32_t peripheral_identification = 0x00041031;  // part 031, designer Arm, revision 0

tlm::tlm_response_status check(const Access& access) {
    return access.size == 4 ? tlm::TLM_OK_RESPONSE : tlm::TLM_BURST_ERROR_RESPONSE;
}

uint64_t elapsed(const sc_core::sc_time& now) {
    return ticks_at(now, 1);
}

}  // namespace

Pl031::Pl031(sc_core::sc_module_name name, uint32_t epoch, Observer* observer)
    : sc_module{name},
      registers{"registers",
                size,
                {.check = check,
                 .read = [this](const Access& access) { return read(access); },
                 .write = [this](const Access& access, uint32_t value) { write(access, value); }}},
      observer_{observer},
      line_{[this](bool level) {
          if (observer_ != nullptr) observer_->device_event(this->name(), "interrupt", level);
          if (on_interrupt) on_interrupt(level);
      }},
      offset_{epoch},
      load_{epoch} {
    SC_HAS_PROCESS(Pl031);
    SC_METHOD(alarm);
    sensitive << match_event_;
    dont_initialize();
}

uint32_t Pl031::seconds(const sc_core::sc_time& now) const {
    return static_cast<uint32_t>(elapsed(now)) + offset_;
}

uint32_t Pl031::read(const Access& access) const {
    if (access.offset >= primecell_identification_start)
        return primecell_identification(peripheral_identification, access.offset);
    switch (static_cast<Pl031Register>(access.offset)) {
        case Pl031Register::RTCDR: return seconds(access.now);
        case Pl031Register::RTCMR: return match_;
        case Pl031Register::RTCLR: return load_;
        case Pl031Register::RTCCR: return 1;
        case Pl031Register::RTCIMSC: return mask_;
        case Pl031Register::RTCRIS: return raw_;
        case Pl031Register::RTCMIS: return raw_ && mask_;
        default: return 0;
    }
}

void Pl031::write(const Access& access, uint32_t value) {
    switch (static_cast<Pl031Register>(access.offset)) {
        case Pl031Register::RTCMR:
            match_ = value;
            arm(access.now);
            break;
        case Pl031Register::RTCLR: load(value, access.now); break;
        case Pl031Register::RTCIMSC: mask_ = (value & 1U) != 0; break;
        case Pl031Register::RTCICR: raw_ = raw_ && (value & 1U) == 0; break;
        default: return;
    }
    update();
}

void Pl031::load(uint32_t value, const sc_core::sc_time& now) {
    load_ = value;
    offset_ = value - static_cast<uint32_t>(elapsed(now));
    arm(now);
}

// The match comes when the counter, which wraps, next equals the match register.
void Pl031::arm(const sc_core::sc_time& now) {
    const uint32_t wait = match_ - seconds(now);
    if (wait == 0) {
        match_event_.cancel();
        alarm();
        return;
    }
    notify_at(match_event_, time_of_ticks(elapsed(now) + wait, 1));
}

void Pl031::alarm() {
    raw_ = true;
    if (observer_ != nullptr) observer_->device_event(name(), "alarm", match_);
    update();
}

void Pl031::update() {
    line_.drive(raw_ && mask_);
}

void Pl031::reset() {
    match_event_.cancel();
    match_ = 0;
    mask_ = false;
    raw_ = false;
    update();
}

}  // namespace orrery::devices
