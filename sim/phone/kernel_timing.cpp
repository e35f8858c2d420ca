// SPDX-License-Identifier: Apache-2.0
// What native kernel code costs.
#include "sim/phone/kernel_timing.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

#include "hal/host/clock.hpp"
#include "sim/phone/path_costs.hpp"

namespace orrery::phone {
namespace {

using timing::parts_per_cycle;

class FlatTiming final : public KernelTiming {
  public:
    uint64_t taken() override { return 0; }
    [[nodiscard]] uint64_t path(KernelPath path) const override {
        constexpr uint64_t trap_cycles = 600;
        return path == KernelPath::TrapEntry ? trap_cycles * parts_per_cycle : 0;
    }
    [[nodiscard]] uint64_t relax() const override {
        constexpr uint64_t cycles = 240;
        return cycles * parts_per_cycle;
    }
};

// Reads the one clock of the process. Each CPU looks at its own lane, and all of them have the same
// idea of what has been charged.
class CountedTiming final : public KernelTiming {
  public:
    explicit CountedTiming(unsigned lane) : lane_(lane) {}

    uint64_t taken() override {
        // Within this many parts a loop asks whether others want to run.
        constexpr uint32_t poll_distance = 2000 * parts_per_cycle;
        const hal::host::Clock& now = hal_host_clock;
        const uint32_t parts = now.parts[lane_] - charged_.parts[lane_];
        charged_ = now;
        hal_host_clock.poll_at = now.parts[0] + poll_distance;
        return parts;
    }
    [[nodiscard]] uint64_t path(KernelPath path) const override {
        return path_costs[static_cast<size_t>(path)].parts[lane_];
    }
    [[nodiscard]] uint64_t relax() const override { return 0; }

  private:
    static hal::host::Clock charged_;
    unsigned lane_;
};

hal::host::Clock CountedTiming::charged_{};

}  // namespace

std::unique_ptr<KernelTiming> make_flat_timing() {
    return std::make_unique<FlatTiming>();
}

std::unique_ptr<KernelTiming> make_counted_timing(const std::string& core) {
    const char* const* names = hal::host::core_types();
    if (names[0] == nullptr) {
        throw std::runtime_error(
            "this build's kernel does not count cycles (ORRERY_TIMING is off): "
            "use --fidelity functional, or --cpu iss");
    }
    for (unsigned lane = 0; names[lane] != nullptr; ++lane) {
        if (names[lane] == std::string_view(core)) return std::make_unique<CountedTiming>(lane);
    }
    throw std::runtime_error(fmt::format(
        "this build's kernel does not count the cycles of {}: add it to ORRERY_CORE_TYPES in "
        "cmake/OrreryTiming.cmake",
        core));
}

}  // namespace orrery::phone
