// SPDX-License-Identifier: Apache-2.0
// Processors: the CPUs of a phone, and what joins them to the kernel. One kind for each way to
// execute the kernel.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/engine/memory_bank.hpp"
#include "sim/memory/memory_system.hpp"
#include "sim/phone/arena.hpp"
#include "sim/phone/boot_loader.hpp"
#include "sim/phone/core_meter.hpp"
#include "sim/phone/cpu.hpp"
#include "sim/phone/kernel_timing.hpp"

namespace orrery::phone {

class Processors {
  public:
    struct Surroundings {
        const Machine& machine;
        const Arena& arena;
        std::span<const engine::MemoryBank> memory;
        devices::Router& router;
        devices::Observer* observer;
        Loaded loaded;
        Fidelity fidelity;
    };

    explicit Processors(const Surroundings& around);
    virtual ~Processors() = default;

    // Switches the first CPU on.
    virtual void boot() = 0;

    [[nodiscard]] std::span<const std::unique_ptr<Cpu>> cpus() const { return cpus_; }
    // Null but for Fidelity::Memory.
    [[nodiscard]] memory::MemorySystem* memory() const { return memory_.get(); }

    // All from a CPU's process, which then stops for good: the kernel switched the phone off or
    // panicked; the kernel has words for which there is no console; the simulation cannot go on.
    std::function<void()> on_end;
    std::function<void(std::string)> on_emergency_text;
    std::function<void(std::exception_ptr)> on_failure;
    // For CPUs that wait: has the kernel come to its end?
    std::function<bool()> kernel_ended;

  protected:
    // What every kind of CPU is made with. The meter lives as long as this.
    [[nodiscard]] Cpu::Parts parts_of(const Surroundings& around, unsigned index);

    std::unique_ptr<memory::MemorySystem> memory_;
    std::vector<std::unique_ptr<CoreMeter>> meters_;
    std::vector<std::unique_ptr<Cpu>> cpus_;
};

// The kernel's host build, natively.
[[nodiscard]] std::unique_ptr<Processors> make_native_processors(
    const Processors::Surroundings& around);

// The kernel's image, instruction by instruction.
[[nodiscard]] std::unique_ptr<Processors> make_iss_processors(
    const Processors::Surroundings& around);

}  // namespace orrery::phone
