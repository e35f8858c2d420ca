// SPDX-License-Identifier: Apache-2.0
// The bench of the interrupt controller: one of four CPUs, one of a single CPU.
#pragma once

#include "devices/gicv2.hpp"
#include "tests/devices/bench.hpp"

namespace orrery::devices {

using D = GicDistributor;
using C = GicCpuInterface;

inline constexpr unsigned cpus = 4;
inline constexpr unsigned few_spis = 40;
inline constexpr uint32_t spurious = GicV2::spurious;

struct Bench final {
    Recorder recorder;
    GicV2 gic{"gic", cpus, GicV2::default_spis, &recorder};
    GicV2 single{"single", 1, few_spis};
    Probe distributor{"distributor"};
    Probe cpu_interface{"cpu_interface"};
    Probe single_distributor{"single_distributor"};
    Probe single_interface{"single_interface"};
    std::vector<std::pair<unsigned, bool>> changes;
    std::string complaint;

    Bench() {
        distributor.socket.bind(gic.distributor.socket);
        cpu_interface.socket.bind(gic.cpu_interface.socket);
        single_distributor.socket.bind(single.distributor.socket);
        single_interface.socket.bind(single.cpu_interface.socket);
        gic.on_irq = [this](unsigned cpu, bool level) { changes.emplace_back(cpu, level); };
        try {
            const GicV2 impossible{"impossible", GicV2::max_cpus + 1};
        } catch (const sc_core::sc_report& report) {
            complaint = report.get_msg();
        }
    }
};

inline Bench* bench = nullptr;

// Everything enabled and open, every SPI for CPU 0 at priority 0x80.
class GicV2Test : public testing::Test {
  protected:
    void SetUp() override {
        for (unsigned spi = 0; spi < GicV2::default_spis; ++spi) gic.set_spi(spi, false);
        for (unsigned cpu = 0; cpu < cpus; ++cpu)
            for (unsigned ppi = 16; ppi < 32; ++ppi) gic.set_ppi(cpu, ppi, false);
        gic.reset();
        d.write(D::GICD_CTLR, 1);
        for (unsigned cpu = 0; cpu < cpus; ++cpu) {
            c.write(C::GICC_PMR, 0xFF, cpu);
            c.write(C::GICC_CTLR, 1, cpu);
            for (unsigned id = 0; id < 32; ++id) set_priority(id, 0x80, cpu);
        }
        for (unsigned id = 32; id < 64; ++id) {
            set_priority(id, 0x80);
            set_targets(id, 1);
        }
        bench->changes.clear();
        bench->recorder.events.clear();
    }

    static uint64_t at(D which, uint64_t offset) { return static_cast<uint64_t>(which) + offset; }
    // The register of an array with one bit an interrupt, and the bit.
    void write_bit(D which, unsigned id, unsigned cpu = 0) {
        d.write(at(which, id / 32 * 4), 1U << id % 32, cpu);
    }
    bool read_bit(D which, unsigned id, unsigned cpu = 0) {
        return (d.read(at(which, id / 32 * 4), cpu) >> id % 32 & 1U) != 0;
    }
    void enable(unsigned id, unsigned cpu = 0) { write_bit(D::GICD_ISENABLER, id, cpu); }
    void set_priority(unsigned id, uint32_t priority, unsigned cpu = 0) {
        d.write(at(D::GICD_IPRIORITYR, id), priority, cpu, 1);
    }
    void set_targets(unsigned id, uint32_t targets) {
        d.write(at(D::GICD_ITARGETSR, id), targets, 0, 1);
    }
    void set_edge(unsigned id) {
        const uint64_t offset = at(D::GICD_ICFGR, id / 16 * 4);
        d.write(offset, d.read(offset) | 2U << id % 16 * 2);
    }
    void pulse(unsigned id) {
        gic.set_spi(id - 32, true);
        gic.set_spi(id - 32, false);
    }
    void raise(unsigned id) { gic.set_spi(id - 32, true); }
    void lower(unsigned id) { gic.set_spi(id - 32, false); }
    uint32_t acknowledge(unsigned cpu = 0) { return c.read(C::GICC_IAR, cpu); }
    void end(uint32_t value, unsigned cpu = 0) { c.write(C::GICC_EOIR, value, cpu); }

    GicV2& gic = bench->gic;
    Probe& d = bench->distributor;
    Probe& c = bench->cpu_interface;
};

}  // namespace orrery::devices
