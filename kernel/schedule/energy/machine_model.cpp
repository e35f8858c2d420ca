// SPDX-License-Identifier: Apache-2.0
// The machine's energy model, from two sources: `capacity-dmips-mhz` of the device tree tells CPUs
// apart (Linux, Documentation/devicetree/bindings/cpu/cpu-capacity.txt: work for each MHz, which
// times the highest clock is scaled so that the largest is 1024), SCMI has the operating points.
#include "kernel/drivers/clocks.hpp"
#include "kernel/schedule/energy/energy.hpp"

namespace kernel {
namespace {

// Of the domain's first CPU; all of them are alike. Without a word in the tree all are.
uint64_t work_of(const MachineDescription& machine, const abi::PerformanceDomain& domain) {
    const auto cpu = static_cast<unsigned>(__builtin_ctzll(domain.cpu_mask));
    const uint32_t capacity = machine.cpu_capacities[cpu];
    return uint64_t{capacity == 0 ? 1 : capacity} * domain.levels[domain.level_count - 1];
}

bool read_domain(const Clocks& clocks, uint32_t index, uint32_t capacity, EnergyDomain& result) {
    const abi::PerformanceDomain& found = clocks.domain(index);
    result.cpus = found.cpu_mask;
    const uint64_t top = found.levels[found.level_count - 1];
    for (uint32_t i = 0; i < found.level_count; ++i) {
        const uint32_t level = found.levels[i];
        if (level < found.lowest || level > found.highest) continue;
        const auto share = static_cast<uint32_t>(uint64_t{capacity} * level / top);
        if (share == 0 || clocks.power(index, i) == 0) return false;
        result.points[result.count++] = {level, share, clocks.power(index, i)};
    }
    return result.count != 0;
}

}  // namespace

bool make_energy_model(const MachineDescription& machine, const Clocks& clocks,
                       EnergyModel& model) {
    uint64_t covered = 0;
    uint64_t most = 0;
    for (uint32_t i = 0; i < clocks.count(); ++i) {
        const abi::PerformanceDomain& domain = clocks.domain(i);
        covered |= domain.cpu_mask;
        if (domain.cpu_mask == 0) continue;
        const uint64_t work = work_of(machine, domain);
        if (work > most) most = work;
    }
    if (covered != (uint64_t{1} << machine.cpu_count) - 1) return false;
    for (uint32_t i = 0; i < clocks.count(); ++i) {
        const abi::PerformanceDomain& found = clocks.domain(i);
        EnergyDomain domain;
        const auto capacity = static_cast<uint32_t>(
            found.cpu_mask == 0 ? EnergyModel::full_capacity
                                : work_of(machine, found) * EnergyModel::full_capacity / most);
        if (!read_domain(clocks, i, capacity, domain)) return false;
        model.add(domain);
    }
    return true;
}

PerformanceWish boot_clocks(const CommandLine& options) {
    if (options.governor == Governor::Performance) return {};
    if (options.governor == Governor::Powersave) {
        return {.kind = PerformanceWish::Kind::Lowest, .value = 0};
    }
    return options.cpu_performance;
}

}  // namespace kernel
