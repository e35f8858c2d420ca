// SPDX-License-Identifier: Apache-2.0
// An AArch64 core that executes EL1 and EL0.
#include "sim/engine/system_engine.hpp"

#include "sim/engine/system_state.hpp"

namespace orrery::engine {

SystemEngine::SystemEngine(std::unique_ptr<SystemState> state) : state_(std::move(state)) {}
SystemEngine::~SystemEngine() = default;

std::unique_ptr<SystemEngine> SystemEngine::create(const SystemOptions& options,
                                                   std::span<const MemoryBank> banks,
                                                   SystemPlatform& platform) {
    return std::unique_ptr<SystemEngine>(
        new SystemEngine(std::make_unique<SystemState>(options, banks, platform)));
}

void SystemEngine::reset(std::uint64_t pc, std::uint64_t x0) {
    state_->reset(pc, x0);
}

SystemStop SystemEngine::run(std::uint64_t budget) {
    return state_->run(budget);
}

void SystemEngine::set_interrupt(bool level) {
    state_->set_interrupt(level);
}

void SystemEngine::request_stop() {
    state_->requested = true;
    state_->limit = 0;
}

void SystemEngine::renew_budget(std::uint64_t parts) {
    state_->renew_budget(parts);
}

std::uint64_t SystemEngine::parts_of_run() const {
    return state_->running ? state_->spent - state_->block_cost : 0;
}

UserRegisters SystemEngine::registers() const {
    UserRegisters registers;
    state_->core.environment.store(registers);
    std::uint32_t pstate = 0;
    require(uc_reg_read(state_->library.get(), UC_ARM64_REG_PSTATE, &pstate), "read PSTATE");
    registers.pstate = pstate;
    uc_reg_read(state_->library.get(), UC_ARM64_REG_TPIDR_EL0, &registers.tpidr);
    return registers;
}

std::optional<std::uint64_t> SystemEngine::translate(std::uint64_t virtual_address) const {
    return state_->translate(virtual_address);
}

void SystemEngine::set_general(std::size_t index, std::uint64_t value) {
    state_->core.environment.set_general(index, value);
}

void SystemEngine::resume_at(std::uint64_t pc) {
    state_->core.environment.set_program_counter(pc);
}

bool SystemEngine::running() const {
    return state_->running;
}

std::uint64_t SystemEngine::address_space() const {
    return state_->ttbr0;
}

void SystemEngine::store_vectors(VectorRegisters& vectors) const {
    engine::store_vectors(state_->library.get(), vectors);
}

SystemEngine::ExceptionReturn SystemEngine::exception_return() const {
    return {state_->read_system_register(system_register::elr_el1),
            state_->read_system_register(system_register::spsr_el1)};
}

void SystemEngine::set_breakpoint(std::uint64_t address, bool set) {
    state_->set_breakpoint(address, set);
}

void SystemEngine::on_breakpoint(std::function<void(std::uint64_t)> handler) {
    state_->on_breakpoint = std::move(handler);
}

bool SystemEngine::at_breakpoint() const {
    return state_->at_breakpoint;
}

void SystemEngine::set_registers(const UserRegisters& registers) {
    state_->set_registers(registers);
}

Work SystemEngine::work() const {
    // A run in progress is in the kernel's figures already.
    const Work present = state_->running ? Work{state_->executed, state_->spent} : Work{};
    return {state_->total + present.instructions, state_->total_parts + present.parts};
}

Work SystemEngine::kernel_work() const {
    return state_->kernel;
}

}  // namespace orrery::engine
