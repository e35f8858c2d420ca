// SPDX-License-Identifier: Apache-2.0
// Breakpoints: somebody is told before the instruction at an address is executed. The program
// cannot tell: the call comes from the middle of a block, which goes on afterwards as if nothing
// had been, unless the handler has sent the program counter somewhere else.
#include <stdexcept>

#include "sim/engine/engine_state.hpp"

namespace orrery::engine {
namespace {

// Where the library cuts blocks in any case: no block lies in two stretches.
constexpr std::uint64_t stretch = 1024;

}  // namespace

// The library looks for hooks when it translates, so what is translated goes. The whole stretch is
// hooked, so that a breakpoint that is set in the middle of a block is seen by the rest of it.
// Hooks stay: code that was translated with one may call it for as long as the engine lives.
void EngineState::set_breakpoint(std::uint64_t address, bool set) {
    if (!set) {
        breakpoints_.erase(address);
        return;
    }
    breakpoints_.insert(address);
    const std::uint64_t begin = address / stretch * stretch;
    if (!hooked_stretches_.insert(begin).second) return;
    uc_hook hook = 0;
    require(uc_hook_add(library.get(), &hook, UC_HOOK_CODE, reinterpret_cast<void*>(on_instruction),
                        this, begin, begin + stretch - 1),
            "add a breakpoint");
    for (const MemoryBank& bank : banks) core.stores.invalidate(core.engine, bank.host, bank.size);
}

// A library with a hook on code takes the program counter for right when it leaves a block before
// its first instruction, refused or for an interrupt, as only hooked instructions keep it.
void EngineState::keep_program_counter(std::uint64_t address) {
    if (!hooked_stretches_.empty()) [[unlikely]]
        core.environment.set_program_counter(address);
}

void EngineState::on_instruction(uc_engine* engine, std::uint64_t address, std::uint32_t,
                                 void* user) {
    EngineState& state = *static_cast<EngineState*>(user);
    // A block that was refused begins with an instruction too.
    if (state.refused || !state.breakpoints_.contains(address) || !state.on_breakpoint) return;
    state.at_breakpoint = true;
    state.on_breakpoint(address);
    state.at_breakpoint = false;
    if (state.core.environment.program_counter() == address) return;
    // Sent elsewhere: the run ends here, and the next one begins there.
    state.take_back_unexecuted(address);
    state.refused = true;
    uc_emu_stop(engine);
}

// X0 to X30, SP, PC, the condition flags and TPIDR_EL0.
void EngineState::set_registers(const UserRegisters& registers) {
    if (running && !at_breakpoint)
        throw std::logic_error("registers were set in the middle of a run, at no breakpoint");
    core.environment.load(registers);
    core.environment.set_program_counter(registers.pc);
    std::uint32_t pstate = 0;
    require(uc_reg_read(library.get(), UC_ARM64_REG_PSTATE, &pstate), "read PSTATE");
    const auto flags = static_cast<std::uint32_t>(registers.pstate & bits::pstate_nzcv);
    pstate = (pstate & ~static_cast<std::uint32_t>(bits::pstate_nzcv)) | flags;
    require(uc_reg_write(library.get(), UC_ARM64_REG_PSTATE, &pstate), "write PSTATE");
    uc_reg_write(library.get(), UC_ARM64_REG_TPIDR_EL0, &registers.tpidr);
}

}  // namespace orrery::engine
