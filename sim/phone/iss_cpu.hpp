// SPDX-License-Identifier: Apache-2.0
// IssCpu: a CPU that executes the AArch64 image instruction by instruction, kernel and programs
// alike, on the system engine.
//
// Code of different CPUs is loosely ordered, within a quantum; before every access to a device or
// timer the CPU is in step. A CPU that waits for another one (YIELD, WFE) ends its quantum early.
#pragma once

#include <functional>
#include <memory>

#include "sim/engine/system_engine.hpp"
#include "sim/phone/core_memory.hpp"
#include "sim/phone/cpu.hpp"

namespace orrery::phone {

class IssCpu final : public Cpu, public engine::SystemPlatform {
  public:
    IssCpu(sc_core::sc_module_name name, const Parts& parts,
           std::span<const engine::MemoryBank> memory);

    enum class Power : uint8_t { Off, Pending, On };
    [[nodiscard]] Power power() const { return power_; }
    [[nodiscard]] uint64_t affinity() const { return affinity_; }

    // Starts the CPU at a physical address with X0. Precondition: it is off.
    void start(uint64_t entry, uint64_t context);

    // HVC, in the process of the CPU that calls. Nothing: the CPU is to be off.
    std::function<std::optional<uint64_t>(const FirmwareArguments&)> on_firmware_call;
    // In the process, before the CPU waits for an interrupt.
    std::function<void()> on_wait;
    // What went wrong in the process, which then stops for good.
    std::function<void(std::exception_ptr)> on_failure;

    // engine::SystemPlatform
    [[nodiscard]] bool read(uint64_t physical, unsigned size, uint64_t& value) override;
    [[nodiscard]] bool write(uint64_t physical, unsigned size, uint64_t value) override;
    uint64_t physical_count() override { return timer.count(time_of_run()); }
    uint64_t virtual_count() override { return physical_count(); }
    uint64_t frequency() override { return timer.frequency(); }
    uint64_t read_timer(engine::TimerAccess which) override;
    void write_timer(engine::TimerAccess which, uint64_t value) override;
    std::optional<uint64_t> call_firmware(const FirmwareArguments& arguments) override;

    [[nodiscard]] engine::Work user_work() const override;
    [[nodiscard]] engine::Work kernel_work() const override { return engine_->kernel_work(); }
    [[nodiscard]] engine::UserRegisters registers() const override { return engine_->registers(); }
    [[nodiscard]] std::optional<uint64_t> translate(uint64_t address) const override {
        return engine_->translate(address);
    }
    [[nodiscard]] engine::VectorRegisters vectors() const override;
    [[nodiscard]] bool set_registers(const engine::UserRegisters& registers) override;
    void set_breakpoint(uint64_t address, bool set) override {
        engine_->set_breakpoint(address, set);
    }
    [[nodiscard]] uint64_t address_space() const override;
    [[nodiscard]] std::optional<std::pair<uint64_t, uint64_t>> exception_return() const override;

  private:
    void live() override;
    void execute();
    void catch_up();
    void go_on();
    void settle(uint64_t parts);
    [[nodiscard]] sc_core::sc_time time_of_run() const;

    uint64_t affinity_;
    std::unique_ptr<CoreMemory> memory_;
    std::unique_ptr<engine::SystemEngine> engine_;
    uint64_t charged_ = 0;  // parts of the present run that have become time already
    Power power_ = Power::Off;
    uint64_t entry_ = 0;
    uint64_t context_ = 0;
};

}  // namespace orrery::phone
