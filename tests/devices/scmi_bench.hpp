// SPDX-License-Identifier: Apache-2.0
// What an SCMI platform manages, for tests: two performance domains and three sensors.
#pragma once

#include <array>
#include <vector>

#include "devices/scmi_performance.hpp"
#include "devices/scmi_sensor.hpp"

namespace orrery::devices {

struct FakeDomains final : PerformanceDomains {
    FakeDomains() {
        for (uint32_t i = 1; i <= 9; ++i) domains[1].levels.push_back({i * 200'000, i * 100, 40});
    }
    [[nodiscard]] size_t count() const override { return domains.size(); }
    [[nodiscard]] const Domain& domain(size_t index) const override { return domains.at(index); }
    [[nodiscard]] uint32_t level(size_t index) const override { return levels.at(index); }
    [[nodiscard]] Limits limits(size_t index) const override { return bounds.at(index); }
    void set_level(size_t index, uint32_t value) override { levels.at(index) = value; }
    void set_limits(size_t index, Limits limits) override { bounds.at(index) = limits; }

    std::array<Domain, 2> domains{Domain{"little", {{500'000, 50, 40}, {1'000'000, 200, 40}}},
                                  Domain{"big", {}}};
    std::array<uint32_t, 2> levels{1'000'000, 1'800'000};
    std::array<Limits, 2> bounds{Limits{500'000, 1'000'000}, Limits{200'000, 1'800'000}};
};

struct FakeSensors final : TemperatureSensors {
    [[nodiscard]] size_t count() const override { return values.size(); }
    [[nodiscard]] std::string name(size_t index) const override {
        return "sensor" + std::to_string(index);
    }
    [[nodiscard]] int64_t millicelsius(size_t index) const override { return values.at(index); }

    std::vector<int64_t> values{25'000, 31'250, -4'500, 40'000};
};

}  // namespace orrery::devices
