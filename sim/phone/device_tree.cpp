// SPDX-License-Identifier: Apache-2.0
// The device tree of a machine.
#include "sim/phone/device_tree.hpp"

#include <fmt/format.h>
#include <libfdt.h>

#include <array>
#include <functional>
#include <initializer_list>
#include <stdexcept>

#include "sim/power/cluster_parameters.hpp"

namespace orrery::phone {
namespace {

constexpr uint32_t gic_handle = 1;
constexpr uint32_t clock_handle = 2;
constexpr uint32_t mailbox_handle = 3;
constexpr uint32_t scmi_memory_handle = 4;
constexpr uint32_t performance_handle = 5;
constexpr uint32_t first_cpu_handle = 0x100;
constexpr size_t tree_capacity = 64 * 1024;

// GIC interrupt specifiers: type, number, flags.
constexpr uint32_t shared = 0;
constexpr uint32_t private_ = 1;
constexpr uint32_t level_high = 4;

class Writer final {
  public:
    Writer() : blob_(tree_capacity) {
        check(fdt_create(blob_.data(), static_cast<int>(blob_.size())));
        check(fdt_finish_reservemap(blob_.data()));
    }

    void node(const std::string& name, const std::function<void()>& content) {
        check(fdt_begin_node(blob_.data(), name.c_str()));
        content();
        check(fdt_end_node(blob_.data()));
    }

    void text(const char* name, const std::string& value) {
        check(fdt_property_string(blob_.data(), name, value.c_str()));
    }
    void texts(const char* name, std::initializer_list<const char*> values) {
        std::string list;
        for (const char* value : values) list.append(value).push_back('\0');
        bytes(name, list.data(), list.size());
    }
    void cells(const char* name, const std::vector<uint32_t>& values) {
        std::vector<fdt32_t> big_endian;
        for (const uint32_t value : values) big_endian.push_back(cpu_to_fdt32(value));
        bytes(name, big_endian.data(), big_endian.size() * sizeof(fdt32_t));
    }
    void number64(const char* name, uint64_t value) {
        check(fdt_property_u64(blob_.data(), name, value));
    }
    // Address and size pairs of two cells each.
    void reg(std::initializer_list<uint64_t> values) {
        std::vector<fdt64_t> big_endian;
        for (const uint64_t value : values) big_endian.push_back(cpu_to_fdt64(value));
        bytes("reg", big_endian.data(), big_endian.size() * sizeof(fdt64_t));
    }
    void bytes(const char* name, const void* data, size_t size) {
        check(fdt_property(blob_.data(), name, data, static_cast<int>(size)));
    }
    void empty(const char* name) { bytes(name, nullptr, 0); }

    std::vector<std::byte> finish() {
        check(fdt_finish(blob_.data()));
        blob_.resize(fdt_totalsize(blob_.data()));
        return std::move(blob_);
    }

  private:
    static void check(int result) {
        if (result < 0) {
            throw std::runtime_error(
                fmt::format("the device tree cannot be made: {}", fdt_strerror(result)));
        }
    }

    std::vector<std::byte> blob_;
};

void write_chosen(Writer& w, const Machine& machine, const BootChoices& choices) {
    w.node("chosen", [&] {
        w.text("bootargs", choices.command_line);
        w.text("stdout-path", fmt::format("/serial@{:x}", machine.uart));
        w.number64("linux,initrd-start", choices.archive_begin);
        w.number64("linux,initrd-end", choices.archive_end);
        w.number64("rng-seed", choices.seed);
    });
}

// In uW/MHz/V^2, from the parameters of its power model.
uint32_t dynamic_power_coefficient(const CpuCore& cpu) {
    const auto parameters = data::Parameters::open("power/" + cpu.type());
    return power::ClusterParameters::read(parameters).dynamic_power_coefficient();
}

uint32_t handle_of(const Machine& machine, const CpuCore& cpu) {
    return first_cpu_handle + static_cast<uint32_t>(&cpu - machine.cpus.data());
}

void write_cpu_map(Writer& w, const Machine& machine) {
    w.node("cpu-map", [&] {
        for (size_t cluster = 0; cluster <= machine.cpus.back().cluster(); ++cluster) {
            w.node(fmt::format("cluster{}", cluster), [&] {
                size_t core = 0;
                for (const CpuCore& cpu : machine.cpus) {
                    if (cpu.cluster() != cluster) continue;
                    w.node(fmt::format("core{}", core++),
                           [&] { w.cells("cpu", {handle_of(machine, cpu)}); });
                }
            });
        }
    });
}

void write_cpus(Writer& w, const Machine& machine) {
    w.node("cpus", [&] {
        w.cells("#address-cells", {1});
        w.cells("#size-cells", {0});
        for (const CpuCore& cpu : machine.cpus) {
            w.node(fmt::format("cpu@{:x}", cpu.mpidr), [&] {
                w.text("device_type", "cpu");
                w.text("compatible", cpu.compatible);
                w.cells("reg", {static_cast<uint32_t>(cpu.mpidr)});
                w.text("enable-method", "psci");
                w.cells("capacity-dmips-mhz", {cpu.capacity});
                w.cells("dynamic-power-coefficient", {dynamic_power_coefficient(cpu)});
                w.cells("clocks", {performance_handle, static_cast<uint32_t>(cpu.cluster())});
                w.cells("numa-node-id", {0});
                w.cells("phandle", {handle_of(machine, cpu)});
            });
        }
        write_cpu_map(w, machine);
    });
    w.node("psci", [&] {
        w.text("compatible", "arm,psci-1.0");
        w.text("method", "hvc");
    });
}

void write_memory(Writer& w, const Machine& machine) {
    for (uint32_t node = 0; node < machine.memory.size(); ++node) {
        const MemoryNode& bank = machine.memory[node];
        w.node(fmt::format("memory@{:x}", bank.base), [&] {
            w.text("device_type", "memory");
            w.reg({bank.base, bank.size});
            w.cells("numa-node-id", {node});
        });
    }
    // All CPUs are near the first node. Times of access on the Cortex-A76, in tenths of the near
    // one's: 125 ns there, 40 ns more elsewhere (sim/data/memory).
    std::vector<uint32_t> matrix;
    for (uint32_t from = 0; from < machine.memory.size(); ++from) {
        for (uint32_t to = 0; to < machine.memory.size(); ++to) {
            matrix.insert(matrix.end(), {from, to, from == to ? 10U : 13U});
        }
    }
    w.node("distance-map", [&] {
        w.text("compatible", "numa-distance-map-v1");
        w.cells("distance-matrix", matrix);
    });
}

void write_primecell(Writer& w, const std::string& name, const char* compatible, uint64_t base,
                     uint32_t spi, const char* clock_names) {
    w.node(fmt::format("{}@{:x}", name, base), [&] {
        const std::string list = std::string(compatible) + '\0' + "arm,primecell" + '\0';
        w.bytes("compatible", list.data(), list.size());
        w.reg({base, 0x1000});
        w.cells("interrupts", {shared, spi, level_high});
        w.cells("clocks", {clock_handle, clock_handle});
        w.text("clock-names", clock_names);
    });
}

void write_devices(Writer& w, const Machine& machine) {
    w.node(fmt::format("interrupt-controller@{:x}", machine.gic_distributor), [&] {
        w.text("compatible", "arm,gic-400");
        w.cells("#interrupt-cells", {3});
        w.empty("interrupt-controller");
        w.reg({machine.gic_distributor, 0x1000, machine.gic_cpu_interface, 0x2000});
        w.cells("phandle", {gic_handle});
    });
    w.node("timer", [&] {
        w.text("compatible", "arm,armv8-timer");
        // Secure physical, physical, virtual, hypervisor.
        w.cells("interrupts",
                {private_, 13, level_high, private_, physical_timer_interrupt - 16, level_high,
                 private_, virtual_timer_interrupt - 16, level_high, private_, 10, level_high});
    });
    w.node("clock", [&] {
        w.text("compatible", "fixed-clock");
        w.cells("#clock-cells", {0});
        w.cells("clock-frequency", {static_cast<uint32_t>(machine.uart_clock)});
        w.cells("phandle", {clock_handle});
    });
    write_primecell(w, "serial", "arm,pl011", machine.uart, machine.uart_spi, "uartclk");
    write_primecell(w, "rtc", "arm,pl031", machine.rtc, machine.rtc_spi, "apb_pclk");
}

// The mailbox, and the memory behind its doorbell (bindings arm,mhu-doorbell, mmio-sram).
void write_mailbox(Writer& w, const Machine& machine) {
    w.node(fmt::format("mailbox@{:x}", machine.mailbox), [&] {
        w.texts("compatible", {"arm,mhu-doorbell", "arm,primecell"});
        w.reg({machine.mailbox, 0x1000});
        w.cells("interrupts", {shared, machine.mailbox_low_spi, level_high, shared,
                               machine.mailbox_high_spi, level_high});
        w.cells("clocks", {clock_handle});
        w.text("clock-names", "apb_pclk");
        w.cells("#mbox-cells", {2});
        w.cells("phandle", {mailbox_handle});
    });
    w.node(fmt::format("sram@{:x}", machine.shared_memory), [&] {
        w.text("compatible", "mmio-sram");
        w.reg({machine.shared_memory, machine.shared_memory_size});
        w.cells("#address-cells", {1});
        w.cells("#size-cells", {1});
        w.cells("ranges", {0, static_cast<uint32_t>(machine.shared_memory >> 32),
                           static_cast<uint32_t>(machine.shared_memory),
                           static_cast<uint32_t>(machine.shared_memory_size)});
        w.node("scp-sram-section@0", [&] {
            w.text("compatible", "arm,scmi-shmem");
            w.cells("reg", {0, 0x80});
            w.cells("phandle", {scmi_memory_handle});
        });
    });
}

// Binding arm,scmi: one channel, from agent to platform, low priority, doorbell 0.
void write_firmware(Writer& w) {
    w.node("firmware", [&] {
        w.node("scmi", [&] {
            w.text("compatible", "arm,scmi");
            w.cells("mboxes", {mailbox_handle, 0, 0});
            w.text("mbox-names", "tx");
            w.cells("shmem", {scmi_memory_handle});
            w.cells("#address-cells", {1});
            w.cells("#size-cells", {0});
            w.node("protocol@13", [&] {
                w.cells("reg", {0x13});
                w.cells("#clock-cells", {1});
                w.cells("phandle", {performance_handle});
            });
            w.node("protocol@15", [&] {
                w.cells("reg", {0x15});
                w.cells("#thermal-sensor-cells", {1});
            });
        });
    });
}

}  // namespace

std::vector<std::byte> make_device_tree(const Machine& machine, const BootChoices& choices) {
    Writer w;
    w.node("", [&] {
        w.text("compatible", "orrery," + machine.name);
        w.text("model", machine.model);
        w.cells("#address-cells", {2});
        w.cells("#size-cells", {2});
        w.cells("interrupt-parent", {gic_handle});
        write_chosen(w, machine, choices);
        write_cpus(w, machine);
        write_memory(w, machine);
        write_devices(w, machine);
        write_mailbox(w, machine);
        write_firmware(w);
    });
    return w.finish();
}

}  // namespace orrery::phone
