// SPDX-License-Identifier: Apache-2.0
// The SCMI performance domain management protocol (DEN 0056).
#include "devices/scmi_performance.hpp"

#include <algorithm>

namespace orrery::devices {

ScmiReply ScmiPerformance::attributes() const {
    constexpr uint32_t power_in_milliwatts = 1U << 16U;
    // Domains and units; then the address and length of statistics, which there are none of.
    return std::vector<uint32_t>{static_cast<uint32_t>(domains_.count()) | power_in_milliwatts, 0,
                                 0, 0};
}

std::span<const ScmiProtocol::Command> ScmiPerformance::commands() const {
    using enum ScmiPerformanceMessage;
    static constexpr Command list[] = {
        {static_cast<uint32_t>(DOMAIN_ATTRIBUTES), 1}, {static_cast<uint32_t>(DESCRIBE_LEVELS), 2},
        {static_cast<uint32_t>(LIMITS_SET), 3},        {static_cast<uint32_t>(LIMITS_GET), 1},
        {static_cast<uint32_t>(LEVEL_SET), 2},         {static_cast<uint32_t>(LEVEL_GET), 1},
    };
    return list;
}

ScmiReply ScmiPerformance::serve(uint32_t message, std::span<const uint32_t> parameters,
                                 size_t room) {
    const size_t index = parameters[0];
    if (index >= domains_.count()) return ScmiStatus::NOT_FOUND;
    switch (static_cast<ScmiPerformanceMessage>(message)) {
        case ScmiPerformanceMessage::DOMAIN_ATTRIBUTES: return domain_attributes(index);
        case ScmiPerformanceMessage::DESCRIBE_LEVELS:
            return describe_levels(index, parameters[1], room);
        case ScmiPerformanceMessage::LIMITS_SET:
            return set_limits(index, parameters[1], parameters[2]);
        case ScmiPerformanceMessage::LIMITS_GET: {
            const PerformanceDomains::Limits limits = domains_.limits(index);
            return std::vector{limits.highest, limits.lowest};
        }
        case ScmiPerformanceMessage::LEVEL_SET: return set_level(index, parameters[1]);
        case ScmiPerformanceMessage::LEVEL_GET: return std::vector{domains_.level(index)};
    }
    return ScmiStatus::NOT_SUPPORTED;
}

ScmiReply ScmiPerformance::domain_attributes(size_t index) const {
    constexpr uint32_t can_set_limits = 1U << 31U;
    constexpr uint32_t can_set_level = 1U << 30U;
    const PerformanceDomains::Domain& domain = domains_.domain(index);
    const uint32_t sustained = domain.levels.back().value;
    // Attributes, rate limit, sustained frequency in kHz, sustained level, name.
    ScmiReply reply{std::vector<uint32_t>{can_set_limits | can_set_level, 0, sustained, sustained}};
    reply.add_name(domain.name);
    return reply;
}

ScmiReply ScmiPerformance::describe_levels(size_t index, uint32_t first, size_t room) const {
    constexpr size_t words_a_level = 3;
    const auto& levels = domains_.domain(index).levels;
    if (first >= levels.size()) return ScmiStatus::OUT_OF_RANGE;
    const size_t count = std::min(levels.size() - first, (room - 1) / words_a_level);
    const size_t remaining = levels.size() - first - count;
    std::vector<uint32_t> words{static_cast<uint32_t>(count | remaining << 16U)};
    for (size_t i = first; i < first + count; ++i) {
        words.insert(words.end(),
                     {levels[i].value, levels[i].milliwatts, levels[i].latency_microseconds});
    }
    return words;
}

bool ScmiPerformance::has_level(size_t index, uint32_t value) const {
    const auto& levels = domains_.domain(index).levels;
    return std::ranges::find(levels, value, &PerformanceDomains::Level::value) != levels.end();
}

ScmiReply ScmiPerformance::set_limits(size_t index, uint32_t highest, uint32_t lowest) {
    if (lowest > highest) return ScmiStatus::INVALID_PARAMETERS;
    if (!has_level(index, lowest) || !has_level(index, highest)) return ScmiStatus::OUT_OF_RANGE;
    domains_.set_limits(index, {.lowest = lowest, .highest = highest});
    return ScmiStatus::SUCCESS;
}

ScmiReply ScmiPerformance::set_level(size_t index, uint32_t value) {
    const PerformanceDomains::Limits limits = domains_.limits(index);
    if (value < limits.lowest || value > limits.highest) return ScmiStatus::OUT_OF_RANGE;
    if (!has_level(index, value)) return ScmiStatus::INVALID_PARAMETERS;
    domains_.set_level(index, value);
    return ScmiStatus::SUCCESS;
}

}  // namespace orrery::devices
