// SPDX-License-Identifier: Apache-2.0
// What the library calls while it runs: blocks, exceptions, system registers.
#include "sim/engine/engine_state.hpp"
#include "sim/engine/fault_syndrome.hpp"
#include "sim/engine/page_walk.hpp"

namespace orrery::engine {
namespace {

EngineState& state_of(void* user) {
    return *static_cast<EngineState*>(user);
}

SystemRegister decode(const uc_arm64_cp_reg& encoded) {
    return {encoded.op0, encoded.op1, encoded.crn, encoded.crm, encoded.op2};
}

constexpr std::uint64_t cache_line = 64;  // CTR_EL0 of the core modelled

}  // namespace

// Called before every block. A block that is refused is offered again when the run goes on, so it
// is counted only when it is let through.
void EngineState::on_block(uc_engine* engine, std::uint64_t address, std::uint32_t size,
                           void* user) {
    EngineState& state = state_of(user);
    if (state.spent >= state.limit || (address & 3) != 0) [[unlikely]] {
        state.refused = true;
        state.misaligned = (address & 3) != 0;
        uc_emu_stop(engine);
        return;
    }
    state.block = address;
    state.block_size = size;
    state.executed += size / 4;
    if (!state.costs.find(address, size, state.block_cost)) [[unlikely]]
        state.block_cost = state.meter_block(address, size);
    state.spent += state.block_cost;
}

std::uint32_t EngineState::meter_block(std::uint64_t address, std::uint32_t size) {
    const std::byte* code = code_at(address);
    // The engine's own pages are in no table that the caller knows.
    if (code == nullptr) return flat_cost(size / 4);
    return costs.learn(address, size, code, core.stores.watch_code(code, size));
}

const std::byte* EngineState::code_at(std::uint64_t address) const {
    return walk_to_host(banks, ttbr0, address);
}

void EngineState::take_back_unexecuted(std::uint64_t pc) {
    if (pc - block >= block_size) return;
    const auto done = static_cast<std::uint32_t>(pc - block);
    executed -= (block_size - done) / 4;
    spent -= block_cost;
    block_cost = costs.metered() ? costs.beginning(code_at(block), done) : flat_cost(done / 4);
    spent += block_cost;
    block_size = done;
}

void EngineState::on_exception(uc_engine* engine, std::uint32_t, void* user) {
    EngineState& state = state_of(user);
    state.trapped = true;
    uc_emu_stop(engine);
    if (!state.calibrated_) return;
    const Environment& environment = state.core.environment;
    state.stop.esr = corrected_syndrome(environment.syndrome());
    state.stop.reason = reason_of(state.stop.esr);
    if (is_abort(state.stop.esr)) state.stop.far = environment.fault_address();
    // A failed fetch comes before its block; the block noted is then the one before, all of it
    // done.
    if (exception_class(state.stop.esr) != ExceptionClass::InstructionAbort)
        state.take_back_unexecuted(environment.program_counter());
}

// Returns 1 if the read was answered here. Only for registers that EL0 may read: for others 2.0.1
// makes a block without an end.
std::uint32_t EngineState::on_register_read(uc_engine* engine, uc_arm64_reg target,
                                            const uc_arm64_cp_reg* which, void* user) {
    Counter& counter = state_of(user).counter;
    const SystemRegister read = decode(*which);
    std::uint64_t value = 0;
    if (read == system_register::cntvct_el0)
        value = counter.virtual_count();
    else if (read == system_register::cntpct_el0)
        value = counter.physical_count();
    else if (read == system_register::cntfrq_el0)
        value = counter.frequency();
    else
        return 0;
    uc_reg_write(engine, target, &value);
    return 1;
}

// IC IVAU does nothing in the library. Blocks of this engine follow its own stores, but those of
// the others, and those over what a device wrote, are dropped here.
std::uint32_t EngineState::on_system_instruction(uc_engine*, uc_arm64_reg,
                                                 const uc_arm64_cp_reg* which, void* user) {
    if (decode(*which) != system_instruction::ic_ivau) return 0;
    const EngineState& state = state_of(user);
    const std::uint64_t line = which->val & ~(cache_line - 1);
    if (const std::byte* host = walk_to_host(state.banks, state.ttbr0, line))
        Core::invalidate_everywhere(host, cache_line);
    return 0;
}

}  // namespace orrery::engine
