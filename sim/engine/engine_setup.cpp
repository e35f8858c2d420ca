// SPDX-License-Identifier: Apache-2.0
// How an instance of Unicorn 2.0.1 becomes an engine: every step that its quirks require.
#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "sim/engine/engine_state.hpp"
#include "sim/engine/fault_syndrome.hpp"
#include "sim/engine/library.hpp"

namespace orrery::engine {

void require(uc_err error, const char* what) {
    if (error == UC_ERR_OK) return;
    throw std::runtime_error(std::string("Unicorn cannot ") + what + ": " + uc_strerror(error));
}

namespace {

void check_banks(std::span<const MemoryBank> banks) {
    std::uint64_t end = 0;
    for (const MemoryBank& bank : banks) {
        const bool aligned =
            ((bank.physical_base | bank.size | reinterpret_cast<std::uintptr_t>(bank.host)) &
             bits::page_mask) == 0;
        if (!aligned || bank.size == 0 || bank.host == nullptr)
            throw std::runtime_error("a memory bank must be whole pages, page aligned and present");
        if (bank.physical_base < end) throw std::runtime_error("two memory banks overlap");
        end = bank.physical_base + bank.size;
    }
}

std::vector<MemoryBank> sorted(std::span<const MemoryBank> memory) {
    std::vector<MemoryBank> banks(memory.begin(), memory.end());
    std::ranges::sort(banks, {}, &MemoryBank::physical_base);
    check_banks(banks);
    return banks;
}

uc_engine* open_engine() {
    Library::instance();
    uc_engine* engine = nullptr;
    require(uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &engine), "open an AArch64 instance");
    return engine;
}

uc_arm64_cp_reg encode(const SystemRegister& which, std::uint64_t value) {
    uc_arm64_cp_reg encoded{};
    encoded.op0 = which.op0;
    encoded.op1 = which.op1;
    encoded.crn = which.crn;
    encoded.crm = which.crm;
    encoded.op2 = which.op2;
    encoded.val = value;
    return encoded;
}

}  // namespace

EngineState::EngineState(const EngineOptions& options, std::span<const MemoryBank> memory,
                         Bus& device_bus, Counter& generic_counter)
    : cpu(options.cpu),
      bus(device_bus),
      counter(generic_counter),
      banks(sorted(memory)),
      private_memory(banks),
      core(options.stores),
      costs(options.meter),
      library(open_engine()),
      affinity_(options.affinity.value_or(options.cpu)),
      timing_wanted_(options.memory) {
    if (options.memory != nullptr && options.meter == nullptr)
        throw std::runtime_error("an engine that charges memory needs a meter as well");
    // The A72 is the common subset of the boards: Armv8.0 without LSE atomics.
    core.stores.on_code_change = [this] { costs.forget_addresses(); };
    require(uc_ctl_set_cpu_model(library.get(), UC_CPU_ARM64_A72), "model a Cortex-A72");
    // Without this every stop walks the page tables once more and overwrites the fault record.
    require(uc_ctl_exits_enable(library.get()), "leave out the stop address");
    map_memory();
    cover_holes();
    core.environment.locate(library.get(), core.cpu);
    set_system_registers();
    add_hooks();
    enter_user_level();
    calibrate();
}

void EngineState::write_system_register(const SystemRegister& which, std::uint64_t value) {
    uc_arm64_cp_reg encoded = encode(which, value);
    require(uc_reg_write(library.get(), UC_ARM64_REG_CP_REG, &encoded), "write a system register");
}

std::uint64_t EngineState::read_system_register(const SystemRegister& which) const {
    uc_arm64_cp_reg encoded = encode(which, 0);
    require(uc_reg_read(library.get(), UC_ARM64_REG_CP_REG, &encoded), "read a system register");
    return encoded.val;
}

void EngineState::map_memory() {
    uc_engine* engine = library.get();
    forget_last_flushed_cpu();
    const MemoryBank own = private_memory.bank();
    require(uc_mem_map_ptr(engine, own.physical_base, own.size, UC_PROT_ALL, own.host),
            "map memory");
    core.cpu = last_flushed_cpu();
    if (core.cpu == nullptr)
        throw std::runtime_error(
            "Unicorn does not call the functions that the engine interposes: export the symbols of "
            "sim/engine/interposed.cpp and link the program or module before libunicorn");
    for (const MemoryBank& bank : banks) {
        require(uc_mem_map_ptr(engine, bank.physical_base, bank.size, UC_PROT_ALL, bank.host),
                "map memory");
        core.stores.add_bank(bank, Library::instance().ram_address_from_host(engine, bank.host));
    }
    core.enlist(engine);
}

// Unicorn 2.0.1 looks up virtual addresses in its list of physical regions on every slow path and
// fails where there is none, before it asks the page tables. So all of the list is covered, and the
// tables decide. What they map to a hole is a device access.
void EngineState::cover_holes() {
    constexpr std::uint64_t middle = 1ull << 63;
    constexpr std::uint64_t last_page = ~bits::page_mask;
    std::vector<MemoryBank> mapped = banks;
    mapped.push_back(private_memory.bank());
    std::ranges::sort(mapped, {}, &MemoryBank::physical_base);
    std::uint64_t at = 0;
    for (const MemoryBank& bank : mapped) {
        cover(at, bank.physical_base);
        at = bank.physical_base + bank.size;
    }
    cover(at, middle);
    cover(middle, last_page);
}

void EngineState::cover(std::uint64_t begin, std::uint64_t end) {
    if (begin == end) return;
    Hole& hole = holes_.emplace_back(Hole{this, begin});
    require(uc_mmio_map(library.get(), begin, end - begin, on_bus_read, &hole, on_bus_write, &hole),
            "map the device space");
    // Without this a fetch from any virtual address in the range fails.
    require(uc_mem_protect(library.get(), begin, end - begin, UC_PROT_ALL),
            "open the device space");
}

void EngineState::set_system_registers() {
    namespace sr = system_register;
    // Every model of the library has EL2 and EL3, and they come up in AArch32: the table walk would
    // be wrong.
    write_system_register(sr::hcr_el2, bits::hcr_aarch64);
    write_system_register(sr::scr_el3, bits::scr_aarch64_nonsecure);
    write_system_register(sr::vmpidr_el2, bits::vmpidr_res1 | affinity_);
    write_system_register(sr::mair_el1, 0xff);
    write_system_register(sr::tcr_el1, bits::tcr_4k_48bit);
    write_system_register(sr::ttbr0_el1, private_memory.translation_root());
    write_system_register(sr::ttbr1_el1, private_memory.translation_root());
    write_system_register(sr::cpacr_el1, bits::cpacr_floating_point);
    write_system_register(sr::cntkctl_el1, bits::cntkctl_counters);
    write_system_register(sr::sctlr_el1, read_system_register(sr::sctlr_el1) | bits::sctlr_user);
    flush_tlb();
}

void EngineState::add_hooks() {
    add_hook(UC_HOOK_BLOCK, on_block);
    add_hook(UC_HOOK_INTR, on_exception);
    add_hook(UC_HOOK_INSN, on_register_read, UC_ARM64_INS_MRS);
    add_hook(UC_HOOK_INSN, on_system_instruction, UC_ARM64_INS_SYS);
    // Hooks of memory send every access out of the translated code, so only who pays has them.
    if (timing_wanted_ != nullptr) add_hook(UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, on_memory);
}

void EngineState::enter_user_level() {
    // Over nothing: the first fetch at EL0 faults and ends the run.
    write_system_register(system_register::ttbr0_el1, private_memory.empty_translation_root());
    write_system_register(system_register::elr_el1, PrivateMemory::calibration_address());
    write_system_register(system_register::spsr_el1, 0);
    flush_tlb();
    execute(PrivateMemory::eret_address(), ~std::uint64_t{0});
    std::uint32_t pstate = ~0u;
    require(uc_reg_read(library.get(), UC_ARM64_REG_PSTATE, &pstate), "read PSTATE");
    if (!trapped || (pstate & 0xf) != 0)
        throw std::runtime_error("Unicorn did not enter EL0 by an exception return");
}

// Runs a known program at EL0 and finds the fault record and the exclusive monitor by its effects.
void EngineState::calibrate() {
    constexpr std::uint16_t immediate = 0x4f52;
    constexpr std::uint64_t value = 0x6f72'7265'7279'2a2a;
    constexpr std::uint64_t value_offset = 0xa58;
    constexpr std::uint64_t unmapped = 0x0000'5a3c'1e87'd6b1;
    constexpr std::array<std::uint32_t, 3> program{
        0xc85f'7c20,                   // ldxr x0, [x1]
        0xd400'0001 | immediate << 5,  // svc  #immediate
        0xf940'0044,                   // ldr  x4, [x2]
    };
    const std::uint64_t base = PrivateMemory::calibration_address();
    std::memcpy(private_memory.calibration_page(), program.data(), sizeof program);
    std::memcpy(private_memory.calibration_page() + value_offset, &value, sizeof value);
    write_system_register(system_register::ttbr0_el1, private_memory.translation_root());
    flush_tlb();

    UserRegisters registers;
    registers.x[1] = base + value_offset;
    registers.x[2] = unmapped;
    core.environment.load(registers);
    execute(base, ~std::uint64_t{0});
    core.environment.locate_exception(base + value_offset, value, immediate);
    core.environment.clear_exclusive();

    // From here the exception hook reads the record that was found.
    calibrated_ = true;
    execute(base + 8, ~std::uint64_t{0});
    constexpr std::uint64_t level0_translation_fault = 4;
    if (stop.esr != make_syndrome(ExceptionClass::DataAbort, level0_translation_fault) ||
        stop.far != unmapped)
        throw std::runtime_error("Unicorn's fault record is not where its layout says");

    private_memory.hide_calibration_page();
    ttbr0 = private_memory.empty_translation_root();
    write_system_register(system_register::ttbr0_el1, ttbr0);
    flush_tlb();
    core.environment.load(UserRegisters{});
    total = total_parts = 0;
    kernel = {};
    after_exception = false;
}

}  // namespace orrery::engine
