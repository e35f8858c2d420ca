// SPDX-License-Identifier: Apache-2.0
// An AArch64 core that executes EL0 code over page tables in host memory.
#include "sim/engine/user_engine.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "sim/engine/engine_state.hpp"
#include "sim/engine/fault_syndrome.hpp"
#include "sim/engine/page_walk.hpp"

namespace orrery::engine {
namespace {

// Which ends leave EL0 for the kernel on a real machine.
constexpr bool is_exception(StopReason reason) {
    return reason != StopReason::Budget && reason != StopReason::Requested &&
           reason != StopReason::WaitForInterrupt;
}

constexpr std::size_t vector_count = 32;
constexpr std::size_t vector_ids = vector_count + 2;

// V0 to V31, FPCR, FPSR, in the library's numbers.
std::array<int, vector_ids> vector_register_ids() {
    std::array<int, vector_ids> ids{};
    for (std::size_t i = 0; i < vector_count; ++i) ids[i] = UC_ARM64_REG_V0 + static_cast<int>(i);
    ids[vector_count] = UC_ARM64_REG_FPCR;
    ids[vector_count + 1] = UC_ARM64_REG_FPSR;
    return ids;
}

// Their places in the structure; the library's interface has no constant form of the batch.
std::array<void*, vector_ids> places_of(const VectorRegisters& vectors) {
    auto& open = const_cast<VectorRegisters&>(vectors);
    std::array<void*, vector_ids> places{};
    for (std::size_t i = 0; i < vector_count; ++i) places[i] = &open.v[i];
    places[vector_count] = &open.fpcr;
    places[vector_count + 1] = &open.fpsr;
    return places;
}

Stop pc_alignment_stop(std::uint64_t pc) {
    return {StopReason::PcAlignment, make_syndrome(ExceptionClass::PcAlignment, 0), pc};
}

void require_at_rest(const EngineState& state, const char* what) {
    if (state.running)
        throw std::logic_error(std::string(what) + " while the engine is in the middle of a run");
}

}  // namespace

void store_vectors(uc_engine* library, VectorRegisters& vectors) {
    std::array<int, vector_ids> ids = vector_register_ids();
    std::array<void*, vector_ids> places = places_of(vectors);
    require(uc_reg_read_batch(library, ids.data(), places.data(), vector_ids),
            "read the vector registers");
}

void EngineState::forget_low_addresses() {
    costs.forget_low_addresses();
    translations.forget_low_addresses();
}

void EngineState::forget_addresses() {
    costs.forget_addresses();
    translations.forget_addresses();
}

void EngineState::flush_tlb() {
    forget_addresses();
    write_system_register(system_instruction::tlbi_vmalle1, 0);
}

void EngineState::execute(std::uint64_t pc, std::uint64_t budget) {
    trapped = refused = requested = misaligned = false;
    abandon_access();
    stop = Stop{};
    executed = spent = 0;
    block_size = block_cost = 0;
    limit = std::max<std::uint64_t>(budget, 1);
    running = true;
    uc_err error = uc_emu_start(library.get(), pc, 0, 0, 0);
    while (error == UC_ERR_OK && goes_on())
        error = uc_emu_start(library.get(), core.environment.program_counter(), 0, 0, 0);
    running = false;
    total += executed;
    stop.instructions = executed;
    stop.parts = spent;
    total_parts += spent;
    after_exception = trapped;
    if (bus_exception) std::rethrow_exception(std::exchange(bus_exception, nullptr));
    require(error, "go on");
}

UserEngine::UserEngine(std::unique_ptr<EngineState> state) : state_(std::move(state)) {
    state_->start_memory_timing();
}
UserEngine::~UserEngine() = default;

std::unique_ptr<UserEngine> UserEngine::create(const EngineOptions& options,
                                               std::span<const MemoryBank> banks, Bus& bus,
                                               Counter& counter) {
    return std::unique_ptr<UserEngine>(
        new UserEngine(std::make_unique<EngineState>(options, banks, bus, counter)));
}

Stop UserEngine::run(UserRegisters& registers, std::uint64_t budget) {
    EngineState& state = *state_;
    require_at_rest(state, "run() was called");
    if ((registers.pc & 3) != 0) {
        state.after_exception = true;
        return pc_alignment_stop(registers.pc);
    }
    uc_engine* engine = state.library.get();
    Environment& environment = state.core.environment;

    if (state.after_exception) environment.clear_exclusive();
    environment.load(registers);
    const std::uint32_t pstate = static_cast<std::uint32_t>(registers.pstate & bits::pstate_nzcv);
    uc_reg_write(engine, UC_ARM64_REG_PSTATE, &pstate);
    uc_reg_write(engine, UC_ARM64_REG_TPIDR_EL0, &registers.tpidr);

    state.execute(registers.pc, budget);

    environment.store(registers);
    std::uint32_t reached = 0;
    uc_reg_read(engine, UC_ARM64_REG_PSTATE, &reached);
    registers.pstate = reached & bits::pstate_nzcv;
    uc_reg_read(engine, UC_ARM64_REG_TPIDR_EL0, &registers.tpidr);

    if (!state.trapped) {
        if (state.misaligned) {
            const Stop done = state.stop;
            state.stop = pc_alignment_stop(registers.pc);
            state.stop.instructions = done.instructions;
            state.stop.parts = done.parts;
        } else if (state.refused) {
            state.stop.reason = state.requested ? StopReason::Requested : StopReason::Budget;
        } else {
            // The library returns without a callback only from WFI.
            state.stop.reason = StopReason::WaitForInterrupt;
        }
    }
    state.after_exception = is_exception(state.stop.reason);
    return state.stop;
}

void UserEngine::request_stop() {
    // Not uc_emu_stop(): from a device access that would repeat the beginning of the block.
    state_->requested = true;
    state_->limit = 0;
}

bool UserEngine::running() const {
    return state_->running;
}

void UserEngine::load_vectors(const VectorRegisters& vectors) {
    std::array<int, vector_ids> ids = vector_register_ids();
    std::array<void*, vector_ids> places = places_of(vectors);
    require(uc_reg_write_batch(state_->library.get(), ids.data(), places.data(), vector_ids),
            "write the vector registers");
}

void UserEngine::store_vectors(VectorRegisters& vectors) const {
    engine::store_vectors(state_->library.get(), vectors);
}

void UserEngine::clear_exclusive() {
    if (state_->timing != nullptr) state_->timing->leave_flow();
    state_->core.environment.clear_exclusive();
}

void UserEngine::set_address_space(std::uint64_t ttbr0) {
    EngineState& state = *state_;
    require_at_rest(state, "set_address_space() was called");
    if (ttbr0 == state.ttbr0) return;
    const bool flushed = (ttbr0 ^ state.ttbr0) >> bits::ttbr_asid_shift != 0;
    state.ttbr0 = ttbr0;
    state.forget_low_addresses();
    state.write_system_register(system_register::ttbr0_el1, ttbr0);
    if (!flushed) state.flush_tlb();
}

std::uint64_t UserEngine::address_space() const {
    return state_->ttbr0;
}

std::optional<std::uint64_t> UserEngine::translate(std::uint64_t virtual_address) const {
    PageTranslation translation;
    if (!walk(state_->banks, state_->ttbr0, virtual_address, translation)) return {};
    return translation.physical | (virtual_address & bits::page_mask);
}

void UserEngine::invalidate_tlb_all() {
    if (state_->in_bus_access)
        state_->flush_after_access = true;
    else
        state_->flush_tlb();
}

void UserEngine::invalidate_tlb_page(std::uint64_t virtual_address) {
    if (state_->in_bus_access) {
        state_->flush_after_access = true;
        return;
    }
    state_->forget_low_addresses();
    state_->write_system_register(system_instruction::tlbi_vae1, virtual_address >> 12);
}

void UserEngine::invalidate_tlb_asid(std::uint16_t asid) {
    // Entries of other address spaces went when they were left.
    if (state_->ttbr0 >> bits::ttbr_asid_shift == asid) invalidate_tlb_all();
}

void UserEngine::invalidate_code(std::uint64_t physical, std::uint64_t size) {
    Core& core = state_->core;
    for (const MemoryBank& bank : state_->banks) {
        const std::uint64_t first = std::max(physical, bank.physical_base);
        const std::uint64_t last = std::min(physical + size, bank.physical_base + bank.size);
        if (first < last)
            core.stores.invalidate(core.engine, bank.host + (first - bank.physical_base),
                                   last - first);
    }
}

void UserEngine::invalidate_code_everywhere(const std::byte* host, std::uint64_t size) {
    Core::invalidate_everywhere(host, size);
}

void UserEngine::set_breakpoint(std::uint64_t address, bool set) {
    state_->set_breakpoint(address, set);
}

void UserEngine::on_breakpoint(std::function<void(std::uint64_t)> handler) {
    state_->on_breakpoint = std::move(handler);
}

UserRegisters UserEngine::registers() const {
    UserRegisters registers;
    state_->core.environment.store(registers);
    std::uint32_t pstate = 0;
    require(uc_reg_read(state_->library.get(), UC_ARM64_REG_PSTATE, &pstate), "read PSTATE");
    registers.pstate = pstate & bits::pstate_nzcv;
    uc_reg_read(state_->library.get(), UC_ARM64_REG_TPIDR_EL0, &registers.tpidr);
    return registers;
}

bool UserEngine::at_breakpoint() const {
    return state_->at_breakpoint;
}

void UserEngine::set_registers(const UserRegisters& registers) {
    state_->set_registers(registers);
}

std::uint64_t UserEngine::parts_of_run() const {
    return state_->running ? state_->spent - state_->block_cost : 0;
}

Work UserEngine::work() const {
    return {state_->total, state_->total_parts};
}

unsigned UserEngine::cpu() const {
    return state_->cpu;
}

const StoreCounters& UserEngine::store_counters() const {
    return state_->core.stores.counters();
}

}  // namespace orrery::engine
