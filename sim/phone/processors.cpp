// SPDX-License-Identifier: Apache-2.0
// What the CPUs of a phone have in common, whichever way they execute the kernel.
#include "sim/phone/processors.hpp"

#include "sim/memory/parameters.hpp"

namespace orrery::phone {
namespace {

std::unique_ptr<memory::MemorySystem> memory_system(const Machine& machine) {
    std::vector<memory::MemorySystem::Cpu> cpus;
    for (const CpuCore& core : machine.cpus)
        cpus.push_back({memory::core_parameters(core.type()), core.frequency});
    const auto file = data::Parameters::open("memory/" + machine.name);
    return std::make_unique<memory::MemorySystem>(memory::shared_parameters(file), cpus);
}

}  // namespace

Processors::Processors(const Surroundings& around) {
    if (around.fidelity == Fidelity::Memory) memory_ = memory_system(around.machine);
}

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
            .memory = memory_ != nullptr ? &memory_->cpu(index) : nullptr,
            .timer_frequency = around.machine.timer_frequency,
            .observer = around.observer};
}

}  // namespace orrery::phone
