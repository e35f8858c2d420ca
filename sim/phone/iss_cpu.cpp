// SPDX-License-Identifier: Apache-2.0
// A CPU that executes the AArch64 image instruction by instruction.
#include "sim/phone/iss_cpu.hpp"

#include "sim/engine/system_registers.hpp"

namespace orrery::phone {
namespace {

using devices::TimerRegister;
using sc_core::sc_time;

TimerRegister register_of(engine::TimerAccess which) {
    using engine::TimerField;
    switch (which.field) {
        case TimerField::Control:
            return which.is_virtual ? TimerRegister::CNTV_CTL : TimerRegister::CNTP_CTL;
        case TimerField::CompareValue:
            return which.is_virtual ? TimerRegister::CNTV_CVAL : TimerRegister::CNTP_CVAL;
        case TimerField::TimerValue: break;
    }
    return which.is_virtual ? TimerRegister::CNTV_TVAL : TimerRegister::CNTP_TVAL;
}

engine::SystemOptions options_of(const Cpu::Parts& parts, engine::MemoryTiming* memory) {
    engine::SystemOptions options;
    options.engine.cpu = parts.index;
    options.engine.affinity = parts.core.mpidr;
    options.engine.meter = parts.meter;
    options.engine.memory = memory;
    return options;
}

}  // namespace

IssCpu::IssCpu(sc_core::sc_module_name name, const Parts& parts,
               std::span<const engine::MemoryBank> memory)
    : Cpu(name, parts),
      affinity_(parts.core.mpidr),
      memory_(parts.memory != nullptr ? std::make_unique<CoreMemory>(*this, *parts.memory)
                                      : nullptr),
      engine_(engine::SystemEngine::create(options_of(parts, memory_.get()), memory, *this)) {
    engine_->on_breakpoint([this](uint64_t address) { on_breakpoint(address); });
}

void IssCpu::start(uint64_t entry, uint64_t context) {
    entry_ = entry;
    context_ = context;
    power_ = Power::Pending;
    power_on();
}

void IssCpu::live() {
    for (;;) {
        wait_for_power();
        power_ = Power::On;
        engine_->reset(entry_, context_);
        try {
            execute();
        } catch (const std::exception&) {
            on_failure(std::current_exception());
            stop_forever();
        }
        synchronise();
        power_ = Power::Off;
    }
}

// Until the CPU is switched off.
void IssCpu::execute() {
    for (;;) {
        synchronise();
        engine_->set_interrupt(irq());
        const engine::SystemStop stop = engine_->run(budget());
        spend(stop.parts - charged_);
        settle(0);
        if (on_kernel_exit) on_kernel_exit();
        if (stop.reason == engine::SystemStopReason::Firmware) return;
        if (stop.reason == engine::SystemStopReason::WaitForInterrupt) {
            on_wait();
            wait_for_interrupt();
        }
    }
}

// In the middle of a run: brings simulated time to where the code is.
void IssCpu::catch_up() {
    const uint64_t parts = engine_->parts_of_run();
    spend(parts - charged_);
    settle(parts);
    synchronise();
}

void IssCpu::settle(uint64_t parts) {
    charged_ = parts;
    if (memory_ != nullptr) memory_->settle(parts);
}

// Others may have run meanwhile, and deadlines have changed.
void IssCpu::go_on() {
    engine_->set_interrupt(irq());
    engine_->renew_budget(budget());
}

engine::Work IssCpu::user_work() const {
    const engine::Work all = engine_->work();
    const engine::Work kernel = engine_->kernel_work();
    return {all.instructions - kernel.instructions, all.parts - kernel.parts};
}

engine::VectorRegisters IssCpu::vectors() const {
    engine::VectorRegisters vectors;
    engine_->store_vectors(vectors);
    return vectors;
}

uint64_t IssCpu::address_space() const {
    return engine_->address_space() & engine::bits::address_mask;
}

std::optional<std::pair<uint64_t, uint64_t>> IssCpu::exception_return() const {
    const engine::SystemEngine::ExceptionReturn there = engine_->exception_return();
    return std::pair{there.pc, there.pstate};
}

bool IssCpu::set_registers(const engine::UserRegisters& registers) {
    if (engine_->running() && !engine_->at_breakpoint()) return false;
    engine_->set_registers(registers);
    return true;
}

sc_time IssCpu::time_of_run() const {
    return after(engine_->parts_of_run() - charged_);
}

bool IssCpu::read(uint64_t physical, unsigned size, uint64_t& value) {
    catch_up();
    const bool answered = read_device(physical, size, value);
    go_on();
    return answered;
}

bool IssCpu::write(uint64_t physical, unsigned size, uint64_t value) {
    catch_up();
    const bool answered = write_device(physical, size, value);
    go_on();
    return answered;
}

uint64_t IssCpu::read_timer(engine::TimerAccess which) {
    return timer.read(register_of(which), time_of_run());
}

void IssCpu::write_timer(engine::TimerAccess which, uint64_t value) {
    catch_up();
    timer.write(register_of(which), value, now());
    go_on();
}

std::optional<uint64_t> IssCpu::call_firmware(const FirmwareArguments& arguments) {
    catch_up();
    const auto result = on_firmware_call(arguments);
    go_on();
    return result;
}

}  // namespace orrery::phone
