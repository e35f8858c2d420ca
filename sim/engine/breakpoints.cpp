// SPDX-License-Identifier: Apache-2.0
// Breakpoints: somebody is told before the instruction at an address is executed. The program
// cannot tell: the call comes from the middle of a block, which goes on afterwards as if nothing
// had been.
#include "sim/engine/engine_state.hpp"

namespace orrery::engine {

// The library looks for a hook when it translates, so what is translated goes. A hook stays: code
// that was translated with it may call it for as long as the engine lives.
void EngineState::set_breakpoint(std::uint64_t address, bool set) {
    const auto found = breakpoints_.find(address);
    if (found != breakpoints_.end()) {
        found->second = set;
        return;
    }
    if (!set) return;
    uc_hook hook = 0;
    require(uc_hook_add(library.get(), &hook, UC_HOOK_CODE, reinterpret_cast<void*>(on_instruction),
                        this, address, address),
            "add a breakpoint");
    breakpoints_[address] = true;
    for (const MemoryBank& bank : banks) core.stores.invalidate(core.engine, bank.host, bank.size);
}

// A library with a hook on code takes the program counter for right when it leaves a block before
// its first instruction, as only hooked instructions keep it.
void EngineState::note_refused_block(std::uint64_t address) {
    if (!breakpoints_.empty()) core.environment.set_program_counter(address);
}

void EngineState::on_instruction(uc_engine*, std::uint64_t address, std::uint32_t, void* user) {
    EngineState& state = *static_cast<EngineState*>(user);
    const auto found = state.breakpoints_.find(address);
    // A block that was refused begins with an instruction too.
    if (found == state.breakpoints_.end() || !found->second || state.refused) return;
    if (state.on_breakpoint) state.on_breakpoint(address);
}

}  // namespace orrery::engine
