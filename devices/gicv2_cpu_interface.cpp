// SPDX-License-Identifier: Apache-2.0
// Arm GICv2: the registers of a CPU interface (Arm IHI 0048B, section 4.4).
#include <algorithm>
#include <bit>

#include "devices/gicv2.hpp"

namespace orrery::devices {

using Register = GicCpuInterface;

namespace {

constexpr uint32_t control_bits = GicCpuControl::ENABLE | GicCpuControl::EOIMODE;
constexpr uint32_t priority_bits = 0xF8;
constexpr uint32_t lowest_binary_point = 2;
constexpr unsigned idle_priority = 0xFF;

// Interrupt ID in bits 9:0, source CPU of an SGI in bits 12:10.
constexpr uint32_t interrupt_id(uint32_t value) {
    return value & 0x3FFU;
}

constexpr uint64_t with_cpu(unsigned cpu, uint32_t value) {
    return uint64_t{cpu} << 32U | value;
}

}  // namespace

// The binary point BPR leaves bits 7 to BPR + 1 of a priority to decide about preemption.
unsigned GicV2::group_priority(const CpuInterface& interface, unsigned priority) {
    return priority >> (interface.binary_point + 1U) << (interface.binary_point + 1U);
}

unsigned GicV2::running_priority(const CpuInterface& interface) {
    if (interface.active_priorities == 0) return idle_priority;
    return static_cast<unsigned>(std::countr_zero(interface.active_priorities)) * 8;
}

uint32_t GicV2::read_cpu_interface(const Access& access) {
    const CpuInterface& interface = cpus_[access.cpu].interface;
    switch (static_cast<Register>(access.offset)) {
        case Register::GICC_CTLR: return interface.control;
        case Register::GICC_PMR: return interface.priority_mask;
        case Register::GICC_BPR: return interface.binary_point;
        case Register::GICC_IAR: return acknowledge(access);
        case Register::GICC_RPR: return running_priority(interface);
        case Register::GICC_HPPIR: {
            const Candidate highest = highest_pending(access.cpu);
            return highest.interrupt_id | highest.source << 10U;
        }
        case Register::GICC_APR0: return interface.active_priorities;
        case Register::GICC_IIDR: return GicIdentification::GICC_IIDR;
        default: return 0;
    }
}

void GicV2::write_cpu_interface(const Access& access, uint32_t value) {
    CpuInterface& interface = cpus_[access.cpu].interface;
    switch (static_cast<Register>(access.offset)) {
        case Register::GICC_CTLR: interface.control = value & control_bits; break;
        case Register::GICC_PMR:
            interface.priority_mask = static_cast<uint8_t>(value & priority_bits);
            break;
        case Register::GICC_BPR:
            interface.binary_point =
                static_cast<uint8_t>(std::max(value & 7U, lowest_binary_point));
            break;
        case Register::GICC_EOIR: end_of_interrupt(access.cpu, value); break;
        case Register::GICC_APR0: interface.active_priorities = value; break;
        case Register::GICC_DIR:
            if ((interface.control & GicCpuControl::EOIMODE) != 0) deactivate(access.cpu, value);
            break;
        default: return;
    }
    update();
}

uint32_t GicV2::acknowledge(const Access& access) {
    const Candidate next = signalled(access.cpu);
    const uint32_t value = next.interrupt_id | next.source << 10U;
    if (next.interrupt_id == spurious || access.debug) return value;

    Interrupt& taken = interrupt(access.cpu, next.interrupt_id);
    taken.active = true;
    taken.latched = false;
    taken.sources = static_cast<uint8_t>(taken.sources & ~(1U << next.source));
    refresh(access.cpu, next.interrupt_id);

    CpuInterface& interface = cpus_[access.cpu].interface;
    interface.active_priorities |= 1U << group_priority(interface, next.priority) / 8;
    observe("acknowledge", with_cpu(access.cpu, value));
    update();
    return value;
}

// Drops the highest active priority; which interrupt had it is for software to get right.
void GicV2::end_of_interrupt(unsigned cpu, uint32_t value) {
    if (interrupt_id(value) >= interrupts()) return;
    CpuInterface& interface = cpus_[cpu].interface;
    interface.active_priorities &= interface.active_priorities - 1;
    observe("end_of_interrupt", with_cpu(cpu, value));
    if ((interface.control & GicCpuControl::EOIMODE) == 0) deactivate(cpu, value);
}

void GicV2::deactivate(unsigned cpu, uint32_t value) {
    const unsigned id = interrupt_id(value);
    if (id >= interrupts()) return;
    interrupt(cpu, id).active = false;
    refresh(cpu, id);
}

}  // namespace orrery::devices
