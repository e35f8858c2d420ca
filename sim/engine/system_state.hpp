// SPDX-License-Identifier: Apache-2.0
// The inside of a system engine: what it does on top of an EngineState.
#pragma once

#include "sim/engine/engine_state.hpp"
#include "sim/engine/system_engine.hpp"

namespace orrery::engine {

class SystemState final : public EngineState {
  public:
    SystemState(const SystemOptions& options, std::span<const MemoryBank> memory,
                SystemPlatform& machine);
    ~SystemState() override;

    void reset(std::uint64_t pc, std::uint64_t x0);
    SystemStop run(std::uint64_t budget);
    void set_interrupt(bool level);
    void renew_budget(std::uint64_t parts);
    [[nodiscard]] std::optional<std::uint64_t> translate(std::uint64_t address) const;

  private:
    class FlatMeter;

    // system_callbacks.cpp
    void exception(std::uint32_t number) override;
    void misaligned_block() override;
    void pause() override;
    bool goes_on() override;
    bool read_register(const SystemRegister& which, std::uint64_t& value) override;
    void system_instruction(const SystemRegister& which, std::uint64_t operand) override;
    [[nodiscard]] const std::byte* code_at(std::uint64_t address) const override;
    [[nodiscard]] bool walk_tables(std::uint64_t page, PageTranslation& translation) const override;
    static std::uint32_t on_register_write(uc_engine*, uc_arm64_reg source,
                                           const uc_arm64_cp_reg* which, void* user);
    bool write_register(const SystemRegister& which, std::uint64_t value);
    void call_firmware();
    void enter_undefined(std::uint64_t pc);
    void check_vector_can_be_fetched();
    void charge_exception();
    void end_run_if_spent();
    void broadcast_tlb_invalidation(const SystemRegister& which, std::uint64_t operand);
    void invalidate_tlb_page(std::uint64_t address);
    // memory_maintenance.cpp
    void maintain_timing(const SystemRegister& which, std::uint64_t operand);
    template <typename Call>
    void for_each_timing(bool everywhere, const Call& call);
    static std::vector<SystemState*>& states();
    template <typename Call>
    void call_platform(const Call& call);

    [[nodiscard]] std::uint32_t pstate() const;
    [[nodiscard]] bool at_el0() const { return (pstate() & bits::pstate_level) == 0; }
    void leave_user_level();

    SystemPlatform& platform_;
    std::unique_ptr<Meter> flat_meter_;
    std::uint32_t exception_cost_;
    std::uint32_t pause_;

    // Copies of registers that only the program writes.
    bool translation_ = false;
    std::uint64_t ttbr1_ = 0;
    std::uint64_t kernel_control_ = 0;  // CNTKCTL_EL1

    bool interrupt_ = false;
    // It has risen in the middle of the run: the library is left at the next block, to take it, and
    // the limit is zero until then.
    bool rose_ = false;
    std::uint64_t limit_after_ = 0;
    bool firmware_kept_it_ = false;
};

}  // namespace orrery::engine
