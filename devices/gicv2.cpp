// SPDX-License-Identifier: Apache-2.0
// Arm GICv2: the state of every interrupt, and which of them a CPU is to see.
#include "devices/gicv2.hpp"

#include <bit>

namespace orrery::devices {

namespace {

constexpr unsigned sgis = GicV2::first_ppi;
constexpr uint8_t lowest_binary_point = 2;

unsigned checked(unsigned value, unsigned least, unsigned most, const char* complaint) {
    if (value < least || value > most) SC_REPORT_ERROR("/orrery/gicv2", complaint);
    return value;
}

}  // namespace

GicV2::GicV2(sc_core::sc_module_name name, unsigned cpus, unsigned spis, Observer* observer)
    : sc_module{name},
      distributor{
          "distributor",
          distributor_size,
          {.check =
               [this](const Access& access) { return check(access, serves_bytes(access.offset)); },
           .read = [this](const Access& access) { return read_distributor(access); },
           .write = [this](const Access& access,
                           uint32_t value) { write_distributor(access, value); }}},
      cpu_interface{"cpu_interface",
                    cpu_interface_size,
                    {.check = [this](const Access& access) { return check(access, false); },
                     .read = [this](const Access& access) { return read_cpu_interface(access); },
                     .write = [this](const Access& access,
                                     uint32_t value) { write_cpu_interface(access, value); }}},
      observer_{observer},
      spis_{checked(spis, 0, max_spis, "a GICv2 has at most 988 SPIs")},
      shared_(spis_),
      shared_ready_((spis_ + 31) / 32) {
    checked(cpus, 1, max_cpus, "a GICv2 has 1 to 8 CPU interfaces");
    for (unsigned cpu = 0; cpu < cpus; ++cpu)
        cpus_.push_back({.interrupts = {}, .interface = {}, .line = make_line(cpu)});
    reset();
}

InterruptLine GicV2::make_line(unsigned cpu) {
    return InterruptLine{[this, cpu](bool level) {
        observe(level ? "irq_raised" : "irq_lowered", cpu);
        if (on_irq) on_irq(cpu, level);
    }};
}

void GicV2::reset() {
    const auto initial = [](bool line) {
        Interrupt interrupt;
        interrupt.line = line;
        return interrupt;
    };
    enabled_ = false;
    for (unsigned cpu = 0; cpu < cpus_.size(); ++cpu) {
        cpus_[cpu].interface = {.binary_point = lowest_binary_point};
        for (unsigned id = 0; id < first_spi; ++id) {
            Interrupt& own = cpus_[cpu].interrupts[id];
            own = initial(own.line);
            own.enabled = own.edge = id < sgis;
            own.targets = static_cast<uint8_t>(1U << cpu);
            refresh(cpu, id);
        }
    }
    for (unsigned spi = 0; spi < spis_; ++spi) {
        shared_[spi] = initial(shared_[spi].line);
        // With a single CPU, the targets are fixed.
        if (cpus_.size() == 1) shared_[spi].targets = 1;
        refresh(0, first_spi + spi);
    }
    update();
}

unsigned GicV2::interrupts() const {
    return first_spi + spis_;
}

GicV2::Interrupt& GicV2::interrupt(unsigned cpu, unsigned id) {
    return id < first_spi ? cpus_[cpu].interrupts[id] : shared_[id - first_spi];
}

uint32_t& GicV2::ready_word(unsigned cpu, unsigned id) {
    return id < first_spi ? cpus_[cpu].ready : shared_ready_[(id - first_spi) / 32];
}

// Invariant: a ready bit says what its interrupt's ready() says. Every change to an interrupt ends
// here, so that update() looks only at the few interrupts that matter.
void GicV2::refresh(unsigned cpu, unsigned id) {
    const uint32_t bit = 1U << id % 32;
    uint32_t& word = ready_word(cpu, id);
    word = interrupt(cpu, id).ready() ? word | bit : word & ~bit;
}

void GicV2::set_line(unsigned cpu, unsigned id, bool level) {
    Interrupt& changed = interrupt(cpu, id);
    if (changed.line == level) return;
    changed.line = level;
    if (changed.edge && level) changed.latched = true;
    refresh(cpu, id);
    update();
}

void GicV2::set_spi(unsigned spi, bool level) {
    sc_assert(spi < spis_);
    set_line(0, first_spi + spi, level);
}

void GicV2::set_ppi(unsigned cpu, unsigned interrupt_id, bool level) {
    sc_assert(cpu < cpus_.size() && interrupt_id >= first_ppi && interrupt_id < first_spi);
    set_line(cpu, interrupt_id, level);
}

bool GicV2::irq(unsigned cpu) const {
    return cpus_[cpu].line.level();
}

tlm::tlm_response_status GicV2::check(const Access& access, bool bytes) const {
    if (access.cpu >= cpus_.size()) return tlm::TLM_GENERIC_ERROR_RESPONSE;
    if (access.size == 4 || (bytes && access.size == 1)) return tlm::TLM_OK_RESPONSE;
    return tlm::TLM_BURST_ERROR_RESPONSE;
}

// Of equal priorities the lowest ID wins, and of equal IDs the lowest source CPU: candidates come
// in ascending order.
void GicV2::consider(Candidate& best, const Interrupt& interrupt, unsigned cpu, unsigned id) const {
    if ((interrupt.targets >> cpu & 1U) == 0 || interrupt.priority >= best.priority) return;
    const bool software = id < sgis && interrupt.sources != 0;
    best = {.interrupt_id = id,
            .source = software ? static_cast<unsigned>(std::countr_zero(interrupt.sources)) : 0,
            .priority = interrupt.priority};
}

// What the distributor forwards to a CPU, whatever the CPU's priorities.
GicV2::Candidate GicV2::highest_pending(unsigned cpu) const {
    Candidate best;
    const Cpu& target = cpus_[cpu];
    if (!enabled_ || (target.interface.control & GicCpuControl::ENABLE) == 0) return best;
    for (uint32_t word = target.ready; word != 0; word &= word - 1) {
        const auto id = static_cast<unsigned>(std::countr_zero(word));
        consider(best, target.interrupts[id], cpu, id);
    }
    for (unsigned i = 0; i < shared_ready_.size(); ++i) {
        for (uint32_t word = shared_ready_[i]; word != 0; word &= word - 1) {
            const unsigned spi = i * 32 + static_cast<unsigned>(std::countr_zero(word));
            consider(best, shared_[spi], cpu, first_spi + spi);
        }
    }
    return best;
}

// What the CPU interface signals: of sufficient priority for the mask, and to preempt what runs.
GicV2::Candidate GicV2::signalled(unsigned cpu) const {
    const CpuInterface& interface = cpus_[cpu].interface;
    const Candidate best = highest_pending(cpu);
    if (best.interrupt_id == spurious || best.priority >= interface.priority_mask) return {};
    if (group_priority(interface, best.priority) >= running_priority(interface)) return {};
    return best;
}

void GicV2::observe(std::string_view event, uint64_t value) const {
    if (observer_ != nullptr) observer_->device_event(name(), event, value);
}

void GicV2::update() {
    for (unsigned cpu = 0; cpu < cpus_.size(); ++cpu)
        cpus_[cpu].line.drive(signalled(cpu).interrupt_id != spurious);
}

}  // namespace orrery::devices
