// SPDX-License-Identifier: Apache-2.0
// Message Handling Unit (DDI 0515).
#include "devices/mhu.hpp"

#include "devices/primecell.hpp"

namespace orrery::devices {

namespace {

// Part 0x098, designer Arm, revision 1. Linux knows it by these 24 bits
// (drivers/mailbox/arm_mhu.c).
constexpr uint32_t peripheral_identification = 0x001BB098;
constexpr uint32_t peripheral_identification_4 = 0x04;

tlm::tlm_response_status check(const Access& access) {
    return access.size == 4 ? tlm::TLM_OK_RESPONSE : tlm::TLM_BURST_ERROR_RESPONSE;
}

}  // namespace

Mhu::Mhu(sc_core::sc_module_name name, Observer* observer)
    : sc_module{name},
      registers{"registers",
                size,
                {.check = check,
                 .read = [this](const Access& access) { return read(access); },
                 .write = [this](const Access& access, uint32_t value) { write(access, value); }}},
      observer_{observer},
      lines_{make_line(low_priority), make_line(high_priority)} {}

InterruptLine Mhu::make_line(unsigned channel) {
    return InterruptLine{[this, channel](bool level) {
        if (observer_ != nullptr) {
            observer_->device_event(
                name(), channel == low_priority ? "low_interrupt" : "high_interrupt", level);
        }
        if (on_interrupt) on_interrupt(channel, level);
    }};
}

uint32_t Mhu::read(const Access& access) const {
    if (access.offset >= primecell_identification_start)
        return primecell_identification(peripheral_identification, access.offset);
    switch (static_cast<MhuRegister>(access.offset)) {
        case MhuRegister::SCP_INTR_L_STAT: return to_cpus_[low_priority];
        case MhuRegister::SCP_INTR_H_STAT: return to_cpus_[high_priority];
        case MhuRegister::CPU_INTR_L_STAT: return from_cpus_[low_priority];
        case MhuRegister::CPU_INTR_H_STAT: return from_cpus_[high_priority];
        case MhuRegister::PID4: return peripheral_identification_4;
        default: return 0;
    }
}

void Mhu::write(const Access& access, uint32_t value) {
    const auto doorbell = [&](unsigned channel) {
        const uint32_t fresh = value & ~from_cpus_[channel];
        from_cpus_[channel] |= value;
        if (observer_ != nullptr) observer_->device_event(name(), "doorbell", channel);
        if (fresh != 0 && on_doorbell) on_doorbell(channel, fresh, access.now);
    };
    switch (static_cast<MhuRegister>(access.offset)) {
        case MhuRegister::SCP_INTR_L_CLEAR: to_cpus_[low_priority] &= ~value; break;
        case MhuRegister::SCP_INTR_H_CLEAR: to_cpus_[high_priority] &= ~value; break;
        case MhuRegister::CPU_INTR_L_SET: doorbell(low_priority); break;
        case MhuRegister::CPU_INTR_H_SET: doorbell(high_priority); break;
        case MhuRegister::CPU_INTR_L_CLEAR: from_cpus_[low_priority] &= ~value; break;
        case MhuRegister::CPU_INTR_H_CLEAR: from_cpus_[high_priority] &= ~value; break;
        default: return;
    }
    update();
}

void Mhu::ring(unsigned channel, uint32_t bits) {
    to_cpus_.at(channel) |= bits;
    update();
}

void Mhu::acknowledge(unsigned channel, uint32_t bits) {
    from_cpus_.at(channel) &= ~bits;
}

void Mhu::update() {
    for (unsigned channel = 0; channel < channels; ++channel) {
        lines_[channel].drive(to_cpus_[channel] != 0);
    }
}

void Mhu::reset() {
    to_cpus_ = {};
    from_cpus_ = {};
    update();
}

}  // namespace orrery::devices
