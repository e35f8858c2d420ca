// SPDX-License-Identifier: Apache-2.0
// A random-number device for the tutorial docs/first-device.md.
#include "docs/first_device/lfsr.hpp"

namespace orrery::devices {

namespace {

constexpr uint32_t taps = 0x8020'0003;  // one bit each: 32, 22, 2 and 1

tlm::tlm_response_status check(const Access& access) {
    return access.size == 4 ? tlm::TLM_OK_RESPONSE : tlm::TLM_BURST_ERROR_RESPONSE;
}

constexpr uint32_t step(uint32_t state) {
    return state >> 1U ^ ((state & 1U) != 0 ? taps : 0);
}

}  // namespace

Lfsr::Lfsr(sc_core::sc_module_name name, Observer* observer)
    : sc_module{name},
      registers{"registers",
                size,
                {.check = check,
                 .read = [this](const Access& access) { return read(access); },
                 .write = [this](const Access& access, uint32_t value) { write(access, value); }}},
      observer_{observer} {}

uint32_t Lfsr::read(const Access& access) {
    switch (static_cast<LfsrRegister>(access.offset)) {
        case LfsrRegister::DATA: {
            const uint32_t next = step(state_);
            if (access.debug) return next;
            state_ = next;
            if (observer_ != nullptr) observer_->device_event(name(), "number", next);
            return next;
        }
        case LfsrRegister::SEED: return state_;
    }
    return 0;
}

void Lfsr::write(const Access& access, uint32_t value) {
    if (static_cast<LfsrRegister>(access.offset) != LfsrRegister::SEED) return;
    state_ = value != 0 ? value : initial_state;
}

}  // namespace orrery::devices
