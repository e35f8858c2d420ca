// SPDX-License-Identifier: Apache-2.0
// Arm GICv2: the registers of the distributor (Arm IHI 0048B, section 4.3). Most of them hold one
// field an interrupt, of 1, 2 or 8 bits, in the order of the interrupt IDs.
#include <algorithm>

#include "devices/gicv2.hpp"
#include "devices/primecell.hpp"

namespace orrery::devices {

using Register = GicDistributor;

namespace {

constexpr unsigned sgis = GicV2::first_ppi;
constexpr uint8_t priority_bits = 0xF8;

constexpr uint32_t offset_of(Register which) {
    return static_cast<uint32_t>(which);
}

}  // namespace

// An array of fields, one an interrupt.
struct GicV2::Field final {
    Register which;
    uint32_t end;   // offset after the last register
    unsigned bits;  // of a field

    [[nodiscard]] unsigned first_id(const Access& access) const {
        return (access.offset - offset_of(which)) * 8 / bits;
    }
    [[nodiscard]] unsigned count(const Access& access) const { return access.size * 8 / bits; }
    [[nodiscard]] uint32_t mask() const { return (1U << bits) - 1; }
};

std::optional<GicV2::Field> GicV2::field_at(uint32_t offset) {
    static constexpr std::array fields{
        Field{Register::GICD_ISENABLER, 0x180, 1},  Field{Register::GICD_ICENABLER, 0x200, 1},
        Field{Register::GICD_ISPENDR, 0x280, 1},    Field{Register::GICD_ICPENDR, 0x300, 1},
        Field{Register::GICD_ISACTIVER, 0x380, 1},  Field{Register::GICD_ICACTIVER, 0x400, 1},
        Field{Register::GICD_IPRIORITYR, 0x7FC, 8}, Field{Register::GICD_ITARGETSR, 0xBFC, 8},
        Field{Register::GICD_ICFGR, 0xD00, 2},      Field{Register::GICD_CPENDSGIR, 0xF20, 8},
        Field{Register::GICD_SPENDSGIR, 0xF30, 8},
    };
    for (const Field& field : fields)
        if (offset >= offset_of(field.which) && offset < field.end) return field;
    return std::nullopt;
}

bool GicV2::serves_bytes(uint32_t offset) {
    const auto field = field_at(offset);
    return field && field->bits == 8;
}

template <typename Get>
uint32_t GicV2::gather(const Access& access, const Field& field, Get get) {
    const unsigned first = field.first_id(access);
    uint32_t value = 0;
    for (unsigned i = 0; i < field.count(access) && first + i < interrupts(); ++i)
        value |= static_cast<uint32_t>(get(interrupt(access.cpu, first + i))) << i * field.bits;
    return value;
}

template <typename Set>
void GicV2::scatter(const Access& access, const Field& field, uint32_t value, Set set) {
    const unsigned first = field.first_id(access);
    for (unsigned i = 0; i < field.count(access) && first + i < interrupts(); ++i) {
        set(interrupt(access.cpu, first + i), first + i, value >> i * field.bits & field.mask());
        refresh(access.cpu, first + i);
    }
}

uint32_t GicV2::read_distributor(const Access& access) {
    if (const auto field = field_at(access.offset)) return read_field(access, *field);
    if (access.offset >= primecell_identification_start)
        return primecell_identification(GicIdentification::PIDR, access.offset);
    switch (static_cast<Register>(access.offset)) {
        case Register::GICD_CTLR: return enabled_ ? GicDistributorControl::ENABLE : 0;
        case Register::GICD_TYPER: return type();
        case Register::GICD_IIDR: return GicIdentification::GICD_IIDR;
        case Register::GICD_PIDR4: return GicIdentification::PIDR4;
        default: return 0;
    }
}

// ITLinesNumber in bits 4:0, CPUNumber in bits 7:5.
uint32_t GicV2::type() const {
    const auto lines = static_cast<uint32_t>(shared_ready_.size());
    const auto others = static_cast<uint32_t>(cpus_.size()) - 1;
    return lines | others << 5U;
}

uint32_t GicV2::read_field(const Access& access, const Field& field) {
    switch (field.which) {
        case Register::GICD_ISENABLER:
        case Register::GICD_ICENABLER:
            return gather(access, field, [](const Interrupt& of) { return of.enabled; });
        case Register::GICD_ISPENDR:
        case Register::GICD_ICPENDR:
            return gather(access, field, [](const Interrupt& of) { return of.pending(); });
        case Register::GICD_ISACTIVER:
        case Register::GICD_ICACTIVER:
            return gather(access, field, [](const Interrupt& of) { return of.active; });
        case Register::GICD_IPRIORITYR:
            return gather(access, field, [](const Interrupt& of) { return of.priority; });
        case Register::GICD_ITARGETSR:
            if (cpus_.size() == 1) return 0;
            return gather(access, field, [](const Interrupt& of) { return of.targets; });
        case Register::GICD_ICFGR:
            return gather(access, field, [](const Interrupt& of) { return of.edge ? 2U : 0U; });
        case Register::GICD_CPENDSGIR:
        case Register::GICD_SPENDSGIR:
            return gather(access, field, [](const Interrupt& of) { return of.sources; });
        default: return 0;
    }
}

void GicV2::write_distributor(const Access& access, uint32_t value) {
    if (const auto field = field_at(access.offset)) {
        write_field(access, *field, value);
    } else if (access.offset == offset_of(Register::GICD_CTLR)) {
        enabled_ = (value & GicDistributorControl::ENABLE) != 0;
    } else if (access.offset == offset_of(Register::GICD_SGIR)) {
        send_software_interrupt(access.cpu, value);
    }
    update();
}

void GicV2::write_field(const Access& access, const Field& field, uint32_t value) {
    const auto each = [&](auto set) { scatter(access, field, value, set); };
    // All but a few fields of SGIs, and the targets and configuration of PPIs, can be written.
    const auto not_software = [](unsigned id) { return id >= sgis; };
    const auto shared = [](unsigned id) { return id >= first_spi; };
    const auto existing = static_cast<uint8_t>((1U << cpus_.size()) - 1);

    switch (field.which) {
        case Register::GICD_ISENABLER:
            return each([&](Interrupt& of, unsigned id, uint32_t set) {
                if (set != 0 && not_software(id)) of.enabled = true;
            });
        case Register::GICD_ICENABLER:
            return each([&](Interrupt& of, unsigned id, uint32_t clear) {
                if (clear != 0 && not_software(id)) of.enabled = false;
            });
        case Register::GICD_ISPENDR:
            return each([&](Interrupt& of, unsigned id, uint32_t set) {
                if (set != 0 && not_software(id)) of.latched = true;
            });
        case Register::GICD_ICPENDR:
            return each([&](Interrupt& of, unsigned id, uint32_t clear) {
                if (clear != 0 && not_software(id)) of.latched = false;
            });
        case Register::GICD_ISACTIVER:
            return each([](Interrupt& of, unsigned, uint32_t set) {
                if (set != 0) of.active = true;
            });
        case Register::GICD_ICACTIVER:
            return each([](Interrupt& of, unsigned, uint32_t clear) {
                if (clear != 0) of.active = false;
            });
        case Register::GICD_IPRIORITYR:
            return each([](Interrupt& of, unsigned, uint32_t priority) {
                of.priority = static_cast<uint8_t>(priority & priority_bits);
            });
        case Register::GICD_ITARGETSR:
            if (cpus_.size() == 1) return;
            return each([&](Interrupt& of, unsigned id, uint32_t targets) {
                if (shared(id)) of.targets = static_cast<uint8_t>(targets & existing);
            });
        case Register::GICD_ICFGR:
            return each([&](Interrupt& of, unsigned id, uint32_t configuration) {
                if (shared(id)) of.edge = (configuration & 2U) != 0;
            });
        case Register::GICD_SPENDSGIR:
            return each([&](Interrupt& of, unsigned, uint32_t sources) {
                of.sources = static_cast<uint8_t>(of.sources | (sources & existing));
            });
        case Register::GICD_CPENDSGIR:
            return each([](Interrupt& of, unsigned, uint32_t sources) {
                of.sources = static_cast<uint8_t>(of.sources & ~sources);
            });
        default: return;
    }
}

// TargetListFilter in bits 25:24, CPUTargetList in bits 23:16, SGIINTID in bits 3:0.
void GicV2::send_software_interrupt(unsigned cpu, uint32_t value) {
    const uint32_t self = 1U << cpu;
    const std::array<uint32_t, 4> targets{value >> 16U & 0xFFU, ~self, self, 0};
    const uint32_t chosen = targets[value >> 24U & 3U];
    const unsigned id = value & 0xFU;
    for (unsigned target = 0; target < cpus_.size(); ++target) {
        if ((chosen >> target & 1U) == 0) continue;
        Interrupt& sent = interrupt(target, id);
        sent.sources = static_cast<uint8_t>(sent.sources | self);
        refresh(target, id);
    }
}

}  // namespace orrery::devices
