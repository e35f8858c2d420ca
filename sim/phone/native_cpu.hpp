// SPDX-License-Identifier: Apache-2.0
// NativeCpu: a CPU whose kernel code runs natively in its process and whose EL0 code runs on the
// engine; traps go from the engine to the kernel's entry, and back with the frame of the thread to
// run next.
//
// Before every entry into the kernel the CPU is in step, so the kernel sees true time; only EL0
// code of different CPUs is loosely ordered, within a quantum. An access of EL0 code to a device
// brings the CPU in step too, and ends its quantum.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "hal/contract.hpp"
#include "sim/engine/user_engine.hpp"
#include "sim/phone/core_memory.hpp"
#include "sim/phone/cpu.hpp"
#include "sim/phone/kernel_memory.hpp"
#include "sim/phone/kernel_timing.hpp"

namespace orrery::phone {

class NativeCpu final : public Cpu, public engine::Bus, public engine::Counter {
  public:
    NativeCpu(sc_core::sc_module_name name, const Parts& parts,
              std::span<const engine::MemoryBank> memory, std::unique_ptr<KernelTiming> timing);

    // Starts the CPU, which enters the kernel through `enter`. False if it runs already.
    bool start(std::function<hal::UserFrame*()> enter);

    // What the HAL asks of the CPU, from its own process.
    void relax();
    [[nodiscard]] uint32_t read32(uint64_t address);
    void write32(uint64_t address, uint32_t value);
    [[nodiscard]] uint64_t count();
    [[nodiscard]] bool irq_now();
    void catch_up() { keep_in_step(); }
    void settle() { synchronise(); }
    // The code of a path was executed, which loads or stores the object.
    void take(KernelPath path, const void* object = nullptr);
    // After KernelPath::KernelInterrupt and the kernel's own code.
    void returned_from_interrupt() {
        if (kernel_memory_) kernel_memory_->return_from_interrupt();
    }
    void run_above(hal::UserFrame& frame);
    void set_deadline(uint64_t ticks);
    void clear_deadline();
    [[nodiscard]] engine::UserEngine& user_engine() { return *engine_; }
    // Null but for Fidelity::Memory.
    [[nodiscard]] CoreMemory* memory() { return memory_.get(); }

    // Kernel code is charged for memory from now on. Precondition: memory() is not null.
    void charge_kernel_memory(const KernelMemory::Place& place) {
        kernel_memory_.emplace(index(), *memory_, place);
    }
    // Precondition: charge_kernel_memory() was called.
    [[nodiscard]] KernelMemory& kernel_memory() { return *kernel_memory_; }

    // engine::Bus and engine::Counter: what EL0 reaches outside RAM.
    [[nodiscard]] bool read(uint64_t physical, unsigned size, uint64_t& value) override;
    [[nodiscard]] bool write(uint64_t physical, unsigned size, uint64_t value) override;
    uint64_t physical_count() override;
    uint64_t virtual_count() override { return physical_count(); }
    uint64_t frequency() override { return timer.frequency(); }

    [[nodiscard]] engine::Work user_work() const override { return engine_->work(); }
    [[nodiscard]] engine::Work kernel_work() const override { return kernel_work_; }
    [[nodiscard]] engine::UserRegisters registers() const override {
        return engine_->running() ? engine_->registers() : registers_;
    }
    [[nodiscard]] engine::VectorRegisters vectors() const override;
    [[nodiscard]] bool set_registers(const engine::UserRegisters& registers) override;
    void set_breakpoint(uint64_t address, bool set) override {
        engine_->set_breakpoint(address, set);
    }
    [[nodiscard]] uint64_t address_space() const override;
    // Kernel addresses are those of the direct map.
    [[nodiscard]] std::optional<uint64_t> translate(uint64_t address) const override;

  private:
    void live() override;
    // Until a trap returns no frame.
    void run_threads(hal::UserFrame* frame);
    [[nodiscard]] hal::Trap run_user(hal::UserFrame& frame);
    void spend_run(uint64_t parts);
    void charge_run(uint64_t parts);

    uint64_t taken() override;
    [[nodiscard]] uint64_t waiting() const override { return kernel_timing_->waiting(); }

    std::unique_ptr<KernelTiming> kernel_timing_;
    engine::Work kernel_work_;
    std::unique_ptr<CoreMemory> memory_;
    std::optional<KernelMemory> kernel_memory_;
    std::unique_ptr<engine::UserEngine> engine_;
    std::span<const engine::MemoryBank> banks_;
    engine::UserRegisters registers_;  // of EL0
    bool at_user_level_ = false;       // they are what EL0 goes on with
    uint64_t charged_ = 0;             // parts of the present run that have become time already
    std::function<hal::UserFrame*()> enter_;
};

}  // namespace orrery::phone
