// SPDX-License-Identifier: Apache-2.0
// KernelPort: the simulator's answer to the kernel's HAL. Each call is about the CPU whose process
// is running, but for starting CPUs and what goes to all of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hal/host/port.hpp"
#include "sim/phone/arena.hpp"
#include "sim/phone/native_cpu.hpp"

namespace orrery::phone {

class KernelPort final : public hal::host::Port {
  public:
    // The kernel's own data lies at `storage`, inside the arena.
    KernelPort(const Arena& arena, uint64_t storage);

    void add_cpu(NativeCpu& cpu) { cpus_.push_back(&cpu); }

    // Powers CPU 0 on, which enters the kernel through `enter`.
    void start_first(std::function<hal::UserFrame*()> enter) { cpus_[0]->start(std::move(enter)); }

    std::function<void(std::string)> on_emergency_text;
    std::function<void(uint64_t begin, uint64_t size)> on_map_memory = [](uint64_t, uint64_t) {};
    std::function<void()> on_end;  // power-off or panic; the calling CPU then stops for good

    bool start_cpu(unsigned cpu, uint64_t hardware_id) override;
    void vector_save(hal::VectorState& out) override;
    void vector_restore(const hal::VectorState& in) override;
    void run_above(hal::UserFrame& frame) override { current().run_above(frame); }
    void set_user_space(hal::PhysicalAddress root, uint32_t asid) override;
    // See set_user_space().
    void clear_user_space() override { current().take(KernelPath::ClearUserSpace); }
    void invalidate_page(hal::VirtualAddress va, uint32_t asid) override;
    void invalidate_space(uint32_t asid) override;
    void synchronise_code(hal::PhysicalAddress code, size_t size) override;
    bool interrupt_pending() override { return current().irq_now(); }
    void interrupt_in_kernel() override;
    void wait_for_interrupt() override { current().wait_for_interrupt(); }
    uint32_t read32(hal::PhysicalAddress address) override;
    void write32(hal::PhysicalAddress address, uint32_t value) override;
    uint64_t counter() override { return current().count(); }
    uint64_t counter_frequency() override { return current().timer.frequency(); }
    void set_deadline(uint64_t ticks) override { current().set_deadline(ticks); }
    void clear_deadline() override { current().clear_deadline(); }
    void relax() override { current().relax(); }
    void poll() override { current().catch_up(); }
    void load(const void* address, uint32_t size) override {
        current().kernel_memory().access(address, size, engine::AccessKind::Load);
    }
    void store(const void* address, uint32_t size) override {
        current().kernel_memory().access(address, size, engine::AccessKind::Store);
    }
    void atomic(const void* address, uint32_t size) override {
        current().kernel_memory().access(address, size, engine::AccessKind::Atomic);
    }
    void look_up_cpu() override { current().kernel_memory().load_index(); }
    void walk(const hal::host::CodeWalk& walk) override {
        if (walk.function != nullptr)
            current().kernel_memory().execute(*walk.function, {walk.pieces(), walk.count});
    }
    bool map_memory(hal::PhysicalAddress begin, size_t size) override;
    void emergency_write(const char* text, size_t size) override;
    void power_off() override { end(); }
    void halt() override { end(); }

  private:
    [[nodiscard]] static NativeCpu& current() { return static_cast<NativeCpu&>(Cpu::current()); }
    void end();

    const Arena& arena_;
    std::vector<NativeCpu*> cpus_;
};

}  // namespace orrery::phone
