// SPDX-License-Identifier: Apache-2.0
// Arm Generic Interrupt Controller, architecture version 2 (Arm IHI 0048B), in the form of a
// GIC-400 (Arm DDI 0471): a distributor and a CPU interface for each of up to 8 CPUs.
//
//   interrupt IDs    0-15 software-generated (SGI), 16-31 private (PPI), 32 and up shared (SPI)
//   priorities       32 levels (bits 7:3), preemption by group priority, GICC_BPR 2 to 7
//   SGIs             always enabled, edge-triggered, pending by source CPU
//   PPIs             level-sensitive, configuration read-only
//   SPIs             level or edge, to every target CPU; the first that acknowledges has it
//
// Without Security Extensions and with all interrupts in Group 0: IRQ only, no FIQ, no bypass.
// An SGI has one active state a CPU, whatever its source.
//
// The distributor serves words, and bytes where the specification has byte access; the CPU
// interface serves words. Other sizes are TLM_BURST_ERROR_RESPONSE, an unknown CPU is
// TLM_GENERIC_ERROR_RESPONSE. Which CPU accesses is said by the extension Initiator.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <systemc>
#include <vector>

#include "devices/gicv2_registers.hpp"
#include "devices/interrupt_line.hpp"
#include "devices/observer.hpp"
#include "devices/register_bank.hpp"

namespace orrery::devices {

class GicV2 final : public sc_core::sc_module {
  public:
    static constexpr uint32_t distributor_size = 0x1000;
    static constexpr uint32_t cpu_interface_size = 0x2000;
    static constexpr unsigned max_cpus = 8;
    static constexpr unsigned max_spis = 988;
    static constexpr unsigned default_spis = 160;
    static constexpr unsigned first_ppi = 16;
    static constexpr unsigned first_spi = 32;
    static constexpr unsigned spurious = 1023;

    // Numbers out of range are reported as an error ("/orrery/gicv2").
    GicV2(sc_core::sc_module_name name, unsigned cpus, unsigned spis = default_spis,
          Observer* observer = nullptr);

    // Interrupt inputs. `spi` counts from 0, as in a device tree: SPI 0 is interrupt ID 32.
    // Precondition: the SPI, the CPU or the PPI's interrupt ID (16 to 31) exists.
    void set_spi(unsigned spi, bool level);
    void set_ppi(unsigned cpu, unsigned interrupt_id, bool level);

    [[nodiscard]] bool irq(unsigned cpu) const;
    // As the reset input; the interrupt inputs keep their level.
    void reset();

    // Level of a CPU's IRQ line, told on change. To be set before the simulation starts.
    std::function<void(unsigned cpu, bool level)> on_irq;

    RegisterBank distributor;
    RegisterBank cpu_interface;

  private:
    struct Interrupt final {
        bool enabled = false;
        bool active = false;
        bool latched = false;  // pending by an edge or by software
        bool line = false;     // level of the input
        bool edge = false;     // edge-triggered
        uint8_t priority = 0;
        uint8_t targets = 0;  // CPUs, one bit each
        uint8_t sources = 0;  // SGI only: the CPUs that sent it

        [[nodiscard]] bool pending() const { return latched || sources != 0 || (!edge && line); }
        [[nodiscard]] bool ready() const { return enabled && !active && pending(); }
    };

    struct CpuInterface final {
        uint32_t control = 0;
        uint8_t priority_mask = 0;
        uint8_t binary_point = 0;
        uint32_t active_priorities = 0;  // one bit for each active group priority
    };

    struct Cpu final {
        std::array<Interrupt, first_spi> interrupts;  // SGIs and PPIs
        uint32_t ready = 0;                           // interrupts to consider, by ID
        CpuInterface interface;
        InterruptLine line;
    };

    struct Candidate final {
        unsigned interrupt_id = spurious;
        unsigned source = 0;      // SGI only
        unsigned priority = 256;  // lower than any
    };

    // State: gicv2.cpp.
    [[nodiscard]] InterruptLine make_line(unsigned cpu);
    [[nodiscard]] unsigned interrupts() const;
    [[nodiscard]] Interrupt& interrupt(unsigned cpu, unsigned id);
    [[nodiscard]] uint32_t& ready_word(unsigned cpu, unsigned id);
    void refresh(unsigned cpu, unsigned id);
    void set_line(unsigned cpu, unsigned id, bool level);
    [[nodiscard]] tlm::tlm_response_status check(const Access& access, bool bytes) const;
    void consider(Candidate& best, const Interrupt& interrupt, unsigned cpu, unsigned id) const;
    [[nodiscard]] Candidate highest_pending(unsigned cpu) const;
    [[nodiscard]] Candidate signalled(unsigned cpu) const;
    void observe(std::string_view event, uint64_t value) const;
    void update();

    // Distributor: gicv2_distributor.cpp.
    struct Field;
    [[nodiscard]] static std::optional<Field> field_at(uint32_t offset);
    [[nodiscard]] static bool serves_bytes(uint32_t offset);
    template <typename Get>
    [[nodiscard]] uint32_t gather(const Access& access, const Field& field, Get get);
    template <typename Set>
    void scatter(const Access& access, const Field& field, uint32_t value, Set set);
    [[nodiscard]] uint32_t read_distributor(const Access& access);
    [[nodiscard]] uint32_t read_field(const Access& access, const Field& field);
    [[nodiscard]] uint32_t type() const;
    void write_distributor(const Access& access, uint32_t value);
    void write_field(const Access& access, const Field& field, uint32_t value);
    void send_software_interrupt(unsigned cpu, uint32_t value);

    // CPU interface: gicv2_cpu_interface.cpp.
    [[nodiscard]] uint32_t read_cpu_interface(const Access& access);
    void write_cpu_interface(const Access& access, uint32_t value);
    [[nodiscard]] static unsigned group_priority(const CpuInterface& interface, unsigned priority);
    [[nodiscard]] static unsigned running_priority(const CpuInterface& interface);
    [[nodiscard]] uint32_t acknowledge(const Access& access);
    void end_of_interrupt(unsigned cpu, uint32_t value);
    void deactivate(unsigned cpu, uint32_t value);

    Observer* const observer_;
    const unsigned spis_;
    bool enabled_ = false;
    std::vector<Cpu> cpus_;
    std::vector<Interrupt> shared_;       // SPIs
    std::vector<uint32_t> shared_ready_;  // SPIs to consider, 32 a word
};

}  // namespace orrery::devices
