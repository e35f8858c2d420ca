// SPDX-License-Identifier: Apache-2.0
// What the library calls while a system engine runs: exceptions, system registers, maintenance.
#include <algorithm>
#include <optional>
#include <stdexcept>

#include "sim/engine/fault_syndrome.hpp"
#include "sim/engine/library.hpp"
#include "sim/engine/page_walk.hpp"
#include "sim/engine/system_state.hpp"

namespace orrery::engine {
namespace {

constexpr std::uint64_t vector_same_level = 0x200;  // from VBAR_EL1, for SP_EL1

// CNTKCTL_EL1: what EL0 may read.
constexpr std::uint64_t user_reads_physical_count = 1u << 0;
constexpr std::uint64_t user_reads_virtual_count = 1u << 1;

bool is_counter(const SystemRegister& which) {
    return which == system_register::cntvct_el0 || which == system_register::cntpct_el0 ||
           which == system_register::cntfrq_el0;
}

std::optional<TimerAccess> timer_access(const SystemRegister& which) {
    constexpr SystemRegister first = system_register::cntp_tval_el0;
    if (which.op0 != first.op0 || which.op1 != first.op1 || which.crn != first.crn) return {};
    if ((which.crm != 2 && which.crm != 3) || which.op2 > 2) return {};
    constexpr TimerField fields[] = {TimerField::TimerValue, TimerField::Control,
                                     TimerField::CompareValue};
    return TimerAccess{which.crm == 3, fields[which.op2]};
}

// TLBI of EL1 for all CPUs of the inner shareable domain.
bool is_tlbi_inner_shareable(const SystemRegister& which) {
    return which.op0 == 1 && which.op1 == 0 && which.crn == 8 && which.crm == 3;
}

bool cleans_code(const SystemRegister& which) {
    return which == system_instruction::dc_cvau || which == system_instruction::dc_cvac ||
           which == system_instruction::dc_civac;
}

}  // namespace

// No exception may pass through the library: what the platform throws goes on from run().
template <typename Call>
void SystemState::call_platform(const Call& call) {
    try {
        call();
    } catch (...) {
        bus_exception = std::current_exception();
        requested = true;
        limit = 0;
    }
}

void SystemState::exception(std::uint32_t number) {
    Environment& environment = core.environment;
    abandon_access();
    if (timing != nullptr) timing->leave_flow();
    if (bus_exception) {  // the access that it came from is abandoned, and the run with it
        uc_emu_stop(library.get());
        return;
    }
    if (number == library_exception_hypervisor_call) return call_firmware();
    const std::uint64_t pc = environment.program_counter();
    if (number == library_exception_monitor_call) return enter_undefined(pc - 4);

    const auto syndrome = static_cast<std::uint32_t>(corrected_syndrome(environment.syndrome()));
    environment.set_exception(syndrome, environment.fault_address());
    // A failed fetch comes before its block.
    const ExceptionClass cause = exception_class(syndrome);
    if (cause != ExceptionClass::InstructionAbort && cause != ExceptionClass::PcAlignment &&
        cause != ExceptionClass::InstructionAbortSameLevel)
        take_back_unexecuted(pc);
    if (cause == ExceptionClass::InstructionAbortSameLevel) check_vector_can_be_fetched();
    Library::instance().do_interrupt(core.cpu);
    charge_exception();
    end_run_if_spent();
}

void SystemState::charge_exception() {
    spent += exception_cost_;
    kernel.parts += exception_cost_;
}

// A fetch that fails runs no block, so that the block hook would not see the end of the budget.
void SystemState::end_run_if_spent() {
    if (spent < limit && !bus_exception) return;
    refused = true;
    uc_emu_stop(library.get());
}

// The first fetch of the vector fails, for which the vector would have to be fetched.
void SystemState::check_vector_can_be_fetched() {
    const std::uint64_t vector =
        read_system_register(system_register::vbar_el1) + vector_same_level;
    if (core.environment.fault_address() != vector) return;
    bus_exception = std::make_exception_ptr(
        std::runtime_error("the kernel does not start: is its image whole?"));
}

// SMC without EL3: undefined, at EL1. The level stays, so that its entry is plain.
void SystemState::enter_undefined(std::uint64_t pc) {
    namespace sr = system_register;
    const std::uint32_t before = pstate();
    write_system_register(sr::esr_el1, make_syndrome(ExceptionClass::Unknown, 0));
    write_system_register(sr::elr_el1, pc);
    write_system_register(sr::spsr_el1, before);
    const std::uint32_t after = before | bits::pstate_daif;
    uc_reg_write(library.get(), UC_ARM64_REG_PSTATE, &after);
    core.environment.set_program_counter(read_system_register(sr::vbar_el1) + vector_same_level);
    charge_exception();
    end_run_if_spent();
}

void SystemState::misaligned_block() {
    const std::uint64_t pc = core.environment.program_counter();
    const auto syndrome = static_cast<std::uint32_t>(make_syndrome(ExceptionClass::PcAlignment, 0));
    core.environment.set_exception(syndrome, pc);
    // Leaves the translated code, by the hook for exceptions.
    Library::instance().raise_exception(core.environment.address(),
                                        library_exception_prefetch_abort, syndrome, 1);
}

void SystemState::pause() {
    limit = std::min(limit, spent + pause_);
}

void SystemState::call_firmware() {
    SystemPlatform::FirmwareArguments arguments{};
    for (std::size_t i = 0; i < arguments.size(); ++i) arguments[i] = core.environment.general(i);
    std::optional<std::uint64_t> result;
    call_platform([&] { result = platform_.call_firmware(arguments); });
    if (result) {
        core.environment.set_general(0, *result);
        charge_exception();
        return end_run_if_spent();
    }
    firmware_kept_it_ = true;
    uc_emu_stop(library.get());
}

// The hook comes before the check whether EL0 may; what it may not is left to the library, which
// then takes the exception.
bool SystemState::read_register(const SystemRegister& which, std::uint64_t& value) {
    const auto timer = timer_access(which);
    if (!timer && !is_counter(which)) return false;
    if (at_el0()) {
        const std::uint64_t needed = which == system_register::cntvct_el0 ? user_reads_virtual_count
                                     : which == system_register::cntpct_el0
                                         ? user_reads_physical_count
                                         : user_reads_physical_count | user_reads_virtual_count;
        if (timer || (kernel_control_ & needed) == 0) return false;
    }
    call_platform([&] {
        if (timer)
            value = platform_.read_timer(*timer);
        else
            EngineState::read_register(which, value);
    });
    return true;
}

std::uint32_t SystemState::on_register_write(uc_engine*, uc_arm64_reg, const uc_arm64_cp_reg* which,
                                             void* user) {
    auto& state = static_cast<SystemState&>(*static_cast<EngineState*>(user));
    return state.write_register(decode(*which), which->val) ? 1 : 0;
}

// Returns whether the write is done; else the library does it. At EL0 all of these are undefined,
// or refused by CNTKCTL_EL1, which the library knows.
bool SystemState::write_register(const SystemRegister& which, std::uint64_t value) {
    namespace sr = system_register;
    if (at_el0()) return false;
    if (const auto timer = timer_access(which)) {
        call_platform([&] { platform_.write_timer(*timer, value); });
        return true;
    }
    if (which == sr::ttbr0_el1) {
        ttbr0 = value;
        forget_low_addresses();
    } else if (which == sr::ttbr1_el1) {
        ttbr1_ = value;
        forget_addresses();
    } else if (which == sr::sctlr_el1) {
        translation_ = (value & bits::sctlr_mmu) != 0;
        forget_addresses();
    } else if (which == sr::cntkctl_el1) {
        kernel_control_ = value;
    } else if (which == sr::tcr_el1 &&
               (value & bits::tcr_geometry) != (bits::tcr_4k_48bit & bits::tcr_geometry)) {
        call_platform([] {
            throw std::runtime_error(
                "the kernel image wants another page size or address width than 4 KiB and 48 bits, "
                "which the instruction-set mode does not know: use --on qemu");
        });
    }
    return false;
}

// Stores of this CPU drop what it translated from there itself. Other CPUs learn of new code when
// it is cleaned to memory, or invalidated by address, in a way that the architecture demands
// before they may run it (CTR_EL0.IDC is zero); IC IALLU then has nothing left to do.
void SystemState::system_instruction(const SystemRegister& which, std::uint64_t operand) {
    if (timing != nullptr) maintain_timing(which, operand);
    if (which == system_instruction::ic_ivau || cleans_code(which))
        drop_code_line(code_at(operand));
    else if (which.op0 == 1 && which.crn == 8 && !at_el0()) {
        forget_addresses();
        if (is_tlbi_inner_shareable(which)) broadcast_tlb_invalidation(which, operand);
    }
}

bool SystemState::walk_tables(std::uint64_t page, PageTranslation& translation) const {
    if (!translation_) return false;
    if (page >> 63 == 0) return walk(banks, ttbr0, page, translation);
    return walk(banks, ttbr1_, page & bits::address_mask, translation);
}

std::optional<std::uint64_t> SystemState::translate(std::uint64_t address) const {
    if (!translation_) return address;
    PageTranslation translation;
    if (!walk_tables(address & ~bits::page_mask, translation)) return {};
    return translation.physical | (address & bits::page_mask);
}

const std::byte* SystemState::code_at(std::uint64_t address) const {
    if (!translation_) return physical_to_host(banks, address);
    if (address >> 63 == 0) return walk_to_host(banks, ttbr0, address);
    return walk_to_host(banks, ttbr1_, address & bits::address_mask);
}

}  // namespace orrery::engine
