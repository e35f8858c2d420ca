// SPDX-License-Identifier: Apache-2.0
// The inside of a system engine: set-up, reset and runs.
#include "sim/engine/system_state.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/engine/library.hpp"

namespace orrery::engine {
// Engines that hear of each other's TLB maintenance. One host thread: the list needs no lock.
std::vector<SystemState*>& SystemState::states() {
    static std::vector<SystemState*> list;
    return list;
}

// Without a meter an instruction costs one cycle; the tables of costs are wanted all the same,
// because they know the blocks that pause.
class SystemState::FlatMeter final : public Meter {
  public:
    std::uint32_t block(std::span<const std::uint32_t> code) override {
        return flat_cost(static_cast<std::uint32_t>(code.size()));
    }
};

SystemState::SystemState(const SystemOptions& options, std::span<const MemoryBank> memory,
                         SystemPlatform& machine)
    : EngineState(options.engine, memory, machine, machine),
      platform_(machine),
      exception_cost_(options.exception_cost),
      pause_(options.pause) {
    if (!costs.metered()) {
        flat_meter_ = std::make_unique<FlatMeter>();
        costs = BlockCosts(flat_meter_.get());
    }
    add_hook(UC_HOOK_INSN, on_register_write, UC_ARM64_INS_MSR);
    leave_user_level();
    reset(0, 0);
    total = total_parts = 0;
    kernel = {};
    states().push_back(this);
    start_memory_timing();
}

SystemState::~SystemState() {
    std::erase(states(), this);
}

std::uint32_t SystemState::pstate() const {
    std::uint32_t value = 0;
    require(uc_reg_read(library.get(), UC_ARM64_REG_PSTATE, &value), "read PSTATE");
    return value;
}

// The set-up has left the core at EL0. The library takes it to EL1 as for any exception: with the
// first fetch, for which there is no translation.
void SystemState::leave_user_level() {
    constexpr std::uint64_t unmapped = 0x5a3c'1e87'd6b0;
    execute(unmapped, 1);
    if ((pstate() & bits::pstate_mode) != bits::pstate_el1h ||
        read_system_register(system_register::far_el1) != unmapped)
        throw std::runtime_error("Unicorn did not enter EL1 by an exception");
}

void SystemState::reset(std::uint64_t pc, std::uint64_t x0) {
    namespace sr = system_register;
    if (running) throw std::logic_error("reset() was called in the middle of a run");
    for (const SystemRegister& each : {sr::ttbr0_el1, sr::ttbr1_el1, sr::tcr_el1, sr::mair_el1,
                                       sr::vbar_el1, sr::cpacr_el1, sr::cntkctl_el1})
        write_system_register(each, 0);
    write_system_register(sr::sctlr_el1, bits::sctlr_reset);
    ttbr0 = ttbr1_ = kernel_control_ = 0;
    translation_ = false;
    early = ~std::uint64_t{0};
    const std::uint32_t masked_el1h = bits::pstate_daif | bits::pstate_el1h;
    require(uc_reg_write(library.get(), UC_ARM64_REG_PSTATE, &masked_el1h), "write PSTATE");
    Library::instance().rebuild_state(core.environment.address());
    flush_tlb();
    core.environment.clear_exclusive();

    UserRegisters registers;
    registers.x[0] = x0;
    core.environment.load(registers);
    core.environment.set_program_counter(pc);
}

SystemStop SystemState::run(std::uint64_t budget) {
    if (running) throw std::logic_error("run() was called in the middle of a run");
    firmware_kept_it_ = rose_ = false;
    execute(core.environment.program_counter(), budget);
    SystemStop result{SystemStopReason::WaitForInterrupt, stop.instructions, stop.parts};
    if (firmware_kept_it_)
        result.reason = SystemStopReason::Firmware;
    else if (refused)
        result.reason = requested ? SystemStopReason::Requested : SystemStopReason::Budget;
    return result;
}

// As a virtual interrupt: the library then takes it when PSTATE.I allows, and WFI sees it.
void SystemState::set_interrupt(bool level) {
    if (level == interrupt_) return;
    interrupt_ = level;
    write_system_register(system_register::hcr_el2, bits::hcr_aarch64 |
                                                        bits::hcr_virtual_interrupts |
                                                        (level ? bits::hcr_interrupt_pending : 0));
    if (!level || !running || requested || rose_ || (pstate() & bits::pstate_irq) != 0) return;
    rose_ = true;
    limit_after_ = limit;
    limit = 0;
}

// The library looks for interrupts when it leaves a chain of blocks, which only it knows. So it is
// made to leave it. While interrupts are masked there is no need: the instructions that unmask them
// leave it as well.
bool SystemState::goes_on() {
    if (!rose_ || !refused || requested) return false;
    rose_ = refused = false;
    limit = limit_after_;
    return true;
}

void SystemState::renew_budget(std::uint64_t parts) {
    if (!requested) (rose_ ? limit_after_ : limit) = spent + std::max<std::uint64_t>(parts, 1);
}

void SystemState::broadcast_tlb_invalidation(const SystemRegister& which, std::uint64_t operand) {
    using namespace system_instruction;
    // By address (VAE1IS, VAAE1IS, VALE1IS, VAALE1IS): operand bits 43:0 are address bits 55:12.
    const bool by_address = (which.op2 & 1) != 0;
    const auto address = static_cast<std::uint64_t>(static_cast<std::int64_t>(operand << 20) >> 8);
    for (SystemState* other : states()) {
        if (other == this) continue;
        if (other->in_bus_access)
            other->flush_after_access = true;
        else if (by_address)
            other->invalidate_tlb_page(address);
        else
            other->flush_tlb();
    }
}

void SystemState::invalidate_tlb_page(std::uint64_t address) {
    forget_addresses();
    Library::instance().tlb_flush_page(core.cpu, address);
}

}  // namespace orrery::engine
