// SPDX-License-Identifier: Apache-2.0
// NativeCpu: one CPU of the phone as a SystemC process. Kernel code runs natively in the process,
// EL0 code on the engine; traps go from the engine to the kernel's entry, and back with the frame
// of the thread to run next.
//
// Time. EL0 runs ahead of the simulation in quanta, one cycle an instruction, and the process then
// waits for as long as it took. Before every entry into the kernel and every device access the CPU
// is in step again, so the kernel sees true time; only EL0 code of different CPUs is loosely
// ordered, within a quantum. A quantum ends at the CPU's own timer deadline, so that ticks are
// exact, and may be longer while nothing else is due in the whole phone.
#pragma once

#include <functional>
#include <memory>
#include <systemc>

#include "devices/generic_timer.hpp"
#include "devices/router.hpp"
#include "hal/contract.hpp"
#include "sim/engine/user_engine.hpp"
#include "sim/phone/kernel_timing.hpp"
#include "sim/phone/machine.hpp"

namespace orrery::phone {

class NativeCpu final : public sc_core::sc_module, public engine::Bus, public engine::Counter {
  public:
    struct Parts {
        unsigned index;
        CpuCore core;
        std::span<const engine::MemoryBank> memory;
        devices::Router* router;
        const KernelTiming* timing;
        uint64_t timer_frequency;
        devices::Observer* observer;
    };

    NativeCpu(sc_core::sc_module_name name, const Parts& parts);

    devices::GenericTimer timer;

    // Called in the process after each return from the kernel.
    std::function<void()> on_kernel_exit;

    // Starts the CPU, which enters the kernel through `enter`. False if it runs already.
    bool start(std::function<hal::UserFrame*()> enter);
    // The interrupt line from the controller.
    void set_irq(bool level);

    // The CPU whose process is running. Precondition: called from kernel code.
    [[nodiscard]] static NativeCpu& current() { return *current_; }

    // What the HAL asks of the CPU, from its own process.
    [[nodiscard]] unsigned index() const { return index_; }
    [[nodiscard]] bool irq() const { return irq_; }
    void wait_for_interrupt();
    void relax();
    [[noreturn]] void stop_forever();
    [[nodiscard]] uint32_t read32(uint64_t address);
    void write32(uint64_t address, uint32_t value);
    [[nodiscard]] uint64_t count() { return timer.count(now()); }
    void set_deadline(uint64_t ticks);
    void clear_deadline();
    [[nodiscard]] engine::UserEngine& user_engine() { return *engine_; }

    // engine::Bus and engine::Counter: what EL0 reaches outside RAM.
    [[nodiscard]] bool read(uint64_t physical, unsigned size, uint64_t& value) override;
    [[nodiscard]] bool write(uint64_t physical, unsigned size, uint64_t value) override;
    uint64_t physical_count() override;
    uint64_t virtual_count() override { return physical_count(); }
    uint64_t frequency() override { return timer.frequency(); }

    [[nodiscard]] uint64_t user_instructions() const { return engine_->instructions(); }

  private:
    void process();
    [[nodiscard]] hal::Trap run_user(hal::UserFrame& frame);
    [[nodiscard]] uint64_t budget();
    void spend_cycles(uint64_t cycles);
    void synchronise();
    [[nodiscard]] sc_core::sc_time now() const { return sc_core::sc_time_stamp() + ahead_; }
    bool access(bool write, uint64_t physical, void* data, unsigned size);

    static NativeCpu* current_;

    unsigned index_;
    uint64_t frequency_;  // Hz
    const KernelTiming& timing_;
    devices::Router& router_;
    std::unique_ptr<engine::UserEngine> engine_;

    sc_core::sc_time ahead_;        // how far this CPU is ahead of the simulation
    uint64_t cycle_remainder_ = 0;  // of the last conversion of cycles to picoseconds
    bool irq_ = false;
    bool deadline_set_ = false;
    uint64_t deadline_ = 0;
    std::function<hal::UserFrame*()> enter_;
    sc_core::sc_event started_;
    sc_core::sc_event irq_rose_;
};

}  // namespace orrery::phone
