// SPDX-License-Identifier: Apache-2.0
// A TLM-2.0 extension that says which CPU makes an access, for targets with banked registers.
#pragma once

#include <tlm>

namespace orrery::devices {

struct Initiator final : tlm::tlm_extension<Initiator> {
    explicit Initiator(unsigned initiating_cpu = 0) : cpu{initiating_cpu} {}

    [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new Initiator{cpu}; }

    void copy_from(const tlm::tlm_extension_base& other) override {
        cpu = static_cast<const Initiator&>(other).cpu;
    }

    unsigned cpu;
};

// The CPU of an access; one without the extension counts as CPU 0.
[[nodiscard]] inline unsigned initiating_cpu(const tlm::tlm_generic_payload& payload) {
    const auto* initiator = payload.get_extension<Initiator>();
    return initiator == nullptr ? 0 : initiator->cpu;
}

}  // namespace orrery::devices
