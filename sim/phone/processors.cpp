// SPDX-License-Identifier: Apache-2.0
// What the CPUs of a phone have in common, whichever way they execute the kernel.
#include "sim/phone/processors.hpp"

namespace orrery::phone {

Cpu::Parts Processors::parts_of(const Surroundings& around, unsigned index) {
    const CpuCore& core = around.machine.cpus[index];
    CoreMeter* meter = nullptr;
    if (around.fidelity != Fidelity::Functional) {
        meters_.push_back(std::make_unique<CoreMeter>(timing::CoreType::load(core.type())));
        meter = meters_.back().get();
    }
    return {.index = index,
            .core = core,
            .router = &around.router,
            .meter = meter,
            .timer_frequency = around.machine.timer_frequency,
            .observer = around.observer};
}

}  // namespace orrery::phone
