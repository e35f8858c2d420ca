// SPDX-License-Identifier: Apache-2.0
// What native kernel code costs.
#include "sim/phone/kernel_timing.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

#include "hal/host/clock.hpp"
#include "sim/engine/system_engine.hpp"
#include "sim/phone/path_costs.hpp"

// Written by the build for a kernel that tells of memory (sim/compiler/path_costs.cpp).
extern "C" {
extern const uint32_t orrery_function_count __attribute__((weak));
}

namespace orrery::phone {
namespace {

using timing::parts_per_cycle;

class FlatTiming final : public KernelTiming {
  public:
    engine::Work taken() override {
        // Code counts all the same, but its loops have nobody to ask whether others want to run:
        // how far they have counted means nothing here.
        constexpr uint32_t far_away = 0x7fff'ffff;
        hal_host_clock.poll_at = hal_host_clock.parts[0] + far_away;
        return {};
    }
    [[nodiscard]] uint64_t waiting() const override { return 0; }
    [[nodiscard]] engine::Work path(KernelPath path) const override {
        constexpr uint64_t trap_cycles = 600;
        if (path != KernelPath::TrapEntry) return {};
        return {0, trap_cycles * parts_per_cycle};
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

    engine::Work taken() override {
        // Within this many parts a loop asks whether others want to run.
        constexpr uint32_t poll_distance = 2000 * parts_per_cycle;
        const hal::host::Clock& now = hal_host_clock;
        const uint64_t parts = waiting();
        const uint32_t instructions =
            now.parts[hal::host::instruction_lane] - charged_.parts[hal::host::instruction_lane];
        counted_instructions_ += instructions;
        charged_ = now;
        hal_host_clock.poll_at = now.parts[0] + poll_distance;
        // Whole instructions; what remains is counted the next time.
        const uint64_t whole = counted_instructions_ / parts_per_cycle;
        counted_instructions_ %= parts_per_cycle;
        return {whole, parts};
    }
    [[nodiscard]] uint64_t waiting() const override {
        const uint32_t parts = hal_host_clock.parts[lane_] - charged_.parts[lane_];
        return parts;
    }
    [[nodiscard]] engine::Work path(KernelPath path) const override {
        const auto& cost = path_costs[static_cast<size_t>(path)].parts;
        const bool exception = path == KernelPath::TrapEntry || path == KernelPath::KernelInterrupt;
        return {cost[hal::host::instruction_lane] / parts_per_cycle,
                cost[lane_] + (exception ? engine::default_exception_cost : 0)};
    }
    [[nodiscard]] uint64_t relax() const override { return 0; }

  private:
    static hal::host::Clock charged_;
    unsigned lane_;
    uint64_t counted_instructions_ = 0;  // in parts, less than one
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

bool kernel_tells_of_memory() {
    return &orrery_function_count != nullptr;
}

}  // namespace orrery::phone
