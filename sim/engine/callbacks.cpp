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

constexpr std::uint64_t cache_line = 64;  // CTR_EL0 of the core modelled

}  // namespace

// Called before every block. A block that is refused is offered again when the run goes on, so it
// is counted only when it is let through.
void EngineState::on_block(uc_engine* engine, std::uint64_t address, std::uint32_t size,
                           void* user) {
    EngineState& state = state_of(user);
    state.keep_program_counter(address);
    if (state.spent >= state.limit || (address & 3) != 0) [[unlikely]] {
        if ((address & 3) != 0) return state.misaligned_block();
        state.refused = true;
        uc_emu_stop(engine);
        return;
    }
    BlockCosts::Facts facts;
    if (!state.costs.find(address, size, facts)) [[unlikely]]
        facts = state.meter_block(address, size);
    state.block = address;
    state.block_size = size;
    state.executed += size / 4;
    if (state.timing != nullptr) state.charge_block(facts);
    state.block_cost = facts.cost;
    state.spent += state.block_cost;
    state.early &= (address >> 63) - 1;
    const std::uint64_t kernel = state.is_kernel(address);
    state.kernel.parts += state.block_cost & kernel;
    state.kernel.instructions += size / 4 & kernel;
}

// The library cuts blocks at every kibibyte, where a core knows no border. From memory alone, not
// from what has run: a block must not cost more or less for how it was first come to.
std::span<const std::uint32_t> EngineState::code_before(std::uint64_t address) const {
    constexpr std::uint64_t border = 1024;
    if (address % border != 0) return {};
    const std::byte* piece = code_at(address - border);
    if (piece == nullptr) return {};
    return straight_end(words(piece, border));
}

BlockCosts::Facts EngineState::meter_block(std::uint64_t address, std::uint32_t size) {
    const std::byte* code = code_at(address);
    // The engine's own pages are in no table that the caller knows.
    if (code == nullptr) return {.cost = flat_cost(size / 4)};
    const BlockCosts::Answer answer =
        costs.learn(address, size, code, core.stores.watch_code(code, size), code_before(address));
    if (answer.pauses) pause();
    return answer.facts;
}

void EngineState::misaligned_block() {
    refused = misaligned = true;
    uc_emu_stop(library.get());
}

const std::byte* EngineState::code_at(std::uint64_t address) const {
    return walk_to_host(banks, ttbr0, address);
}

void EngineState::take_back_unexecuted(std::uint64_t pc) {
    if (pc - block >= block_size) return;
    const auto done = static_cast<std::uint32_t>(pc - block);
    const std::uint64_t in_kernel = is_kernel(block);
    executed -= (block_size - done) / 4;
    kernel.instructions -= (block_size - done) / 4 & in_kernel;
    spent -= block_cost;
    kernel.parts -= block_cost & in_kernel;
    block_cost = costs.metered() ? costs.beginning(code_at(block), done) : flat_cost(done / 4);
    spent += block_cost;
    kernel.parts += block_cost & in_kernel;
    block_size = done;
}

void EngineState::on_exception(uc_engine* engine, std::uint32_t number, void* user) {
    EngineState& state = state_of(user);
    if (state.calibrated_) return state.exception(number);
    state.trapped = true;
    uc_emu_stop(engine);
}

void EngineState::exception(std::uint32_t) {
    trapped = true;
    uc_emu_stop(library.get());
    if (timing != nullptr) timing->leave_flow();
    const Environment& environment = core.environment;
    stop.esr = corrected_syndrome(environment.syndrome());
    stop.reason = reason_of(stop.esr);
    if (is_abort(stop.esr)) stop.far = environment.fault_address();
    // A failed fetch comes before its block; the block noted is then the one before, all of it
    // done.
    if (exception_class(stop.esr) != ExceptionClass::InstructionAbort)
        take_back_unexecuted(environment.program_counter());
}

// Returns 1 if the read was answered here. Only for registers that EL0 may read: for others 2.0.1
// makes a block without an end.
std::uint32_t EngineState::on_register_read(uc_engine* engine, uc_arm64_reg target,
                                            const uc_arm64_cp_reg* which, void* user) {
    std::uint64_t value = 0;
    if (!state_of(user).read_register(decode(*which), value)) return 0;
    uc_reg_write(engine, target, &value);
    return 1;
}

bool EngineState::read_register(const SystemRegister& which, std::uint64_t& value) {
    if (which == system_register::cntvct_el0)
        value = counter.virtual_count();
    else if (which == system_register::cntpct_el0)
        value = counter.physical_count();
    else if (which == system_register::cntfrq_el0)
        value = counter.frequency();
    else
        return false;
    return true;
}

std::uint32_t EngineState::on_system_instruction(uc_engine*, uc_arm64_reg,
                                                 const uc_arm64_cp_reg* which, void* user) {
    state_of(user).system_instruction(decode(*which), which->val);
    return 0;
}

// IC IVAU does nothing in the library. Blocks of this engine follow its own stores, but those of
// the others, and those over what a device wrote, are dropped here.
void EngineState::system_instruction(const SystemRegister& which, std::uint64_t operand) {
    if (which == system_instruction::ic_ivau) drop_code_line(code_at(operand));
}

void EngineState::drop_code_line(const std::byte* somewhere_in_it) {
    if (somewhere_in_it == nullptr) return;
    const auto at = reinterpret_cast<std::uintptr_t>(somewhere_in_it) % cache_line;
    Core::invalidate_everywhere(somewhere_in_it - at, cache_line);
}

}  // namespace orrery::engine
