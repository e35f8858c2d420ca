// SPDX-License-Identifier: Apache-2.0
// Performance domains.
#include "kernel/drivers/clocks.hpp"

#include "kernel/kernel.hpp"

namespace kernel {
namespace {

constexpr auto performance = Scmi::Protocol::Performance;

enum Message : uint32_t {
    PROTOCOL_ATTRIBUTES = 0x1,
    PERFORMANCE_DOMAIN_ATTRIBUTES = 0x3,
    PERFORMANCE_DESCRIBE_LEVELS = 0x4,
    PERFORMANCE_LIMITS_GET = 0x6,
    PERFORMANCE_LEVEL_SET = 0x7,
    PERFORMANCE_LEVEL_GET = 0x8,
};

constexpr uint32_t can_set_level = 1U << 30;
constexpr uint32_t words_a_level = 3;  // level, power, latency

}  // namespace

uint32_t choose_level(const abi::PerformanceDomain& domain, const PerformanceWish& wish) {
    using Kind = PerformanceWish::Kind;
    uint64_t least = 0;
    if (wish.kind == Kind::Highest) least = domain.highest;
    if (wish.kind == Kind::Kilohertz) least = wish.value;
    if (wish.kind == Kind::Percent)
        least = wish.value * domain.levels[domain.level_count - 1] / 100;
    for (uint32_t i = 0; i < domain.level_count; ++i) {
        const uint32_t level = domain.levels[i];
        if (level >= least && level >= domain.lowest && level <= domain.highest) return level;
    }
    return domain.highest;
}

uint32_t Clocks::kilohertz_of(const Domain& domain, uint32_t level) {
    const uint64_t kilohertz =
        uint64_t{level} * domain.sustained_kilohertz / domain.sustained_level;
    return kilohertz <= UINT32_MAX ? static_cast<uint32_t>(kilohertz) : 0;
}

Status Clocks::discover(const MachineDescription& machine) {
    const LockGuard guard(lock_);
    TRY_STATUS(scmi_.initialise(machine.scmi));
    uint32_t attributes[1];
    TRY_STATUS(scmi_.call(performance, PROTOCOL_ATTRIBUTES, {}, attributes));
    const uint32_t there = attributes[0] & 0xffff;
    const uint32_t wanted = there < max_domains ? there : max_domains;
    for (uint32_t i = 0; i < wanted; ++i) {
        TRY_STATUS(describe(i));
        for (unsigned cpu = 0; cpu < machine.cpu_count; ++cpu) {
            if (machine.cpu_domains[cpu] == i) domains_[i].found.cpu_mask |= uint64_t{1} << cpu;
        }
    }
    count_ = wanted;
    return Status::Ok;
}

Status Clocks::describe(uint32_t index) {
    Domain& domain = domains_[index];
    uint32_t words[8];  // attributes, rate limit, sustained frequency and level, name
    TRY_STATUS(scmi_.call(performance, PERFORMANCE_DOMAIN_ATTRIBUTES, {{index}}, words));
    if ((words[0] & can_set_level) == 0) return Status::Unsupported;
    domain.sustained_kilohertz = words[2];
    domain.sustained_level = words[3];
    if (domain.sustained_level == 0) return Status::Unsupported;
    for (unsigned i = 0; i + 1 < sizeof domain.found.name; ++i) {
        domain.found.name[i] = static_cast<char>(words[4 + i / 4] >> i % 4 * 8);
    }
    TRY_STATUS(describe_levels(index));

    uint32_t limits[2];  // highest, lowest
    TRY_STATUS(scmi_.call(performance, PERFORMANCE_LIMITS_GET, {{index}}, limits));
    domain.found.highest = kilohertz_of(domain, limits[0]);
    domain.found.lowest = kilohertz_of(domain, limits[1]);
    const Result<uint32_t> now = current(index);
    domain.found.current = now.value();
    return now.status();
}

// Piece by piece, as many levels as an answer holds. The platform must tell them in ascending order
// (DEN 0056, PERFORMANCE_DESCRIBE_LEVELS).
Status Clocks::describe_levels(uint32_t index) {
    constexpr uint32_t at_once = (Scmi::most_words - 2) / words_a_level;
    Domain& domain = domains_[index];
    for (uint32_t count = 0;;) {
        uint32_t words[1 + at_once * words_a_level];
        TRY_STATUS(scmi_.call(performance, PERFORMANCE_DESCRIBE_LEVELS, {{index, count}}, words));
        const uint32_t returned = words[0] & 0xfff;
        const uint32_t remaining = words[0] >> 16;
        if (returned == 0 || returned > at_once) return Status::Unsupported;
        if (count + returned + remaining > abi::max_performance_levels) return Status::LimitReached;
        for (uint32_t i = 0; i < returned; ++i, ++count) {
            domain.values[count] = words[1 + i * words_a_level];
            domain.powers[count] = words[2 + i * words_a_level];
            domain.found.levels[count] = kilohertz_of(domain, domain.values[count]);
            const bool ascends =
                count == 0 || domain.found.levels[count] > domain.found.levels[count - 1];
            if (!ascends) return Status::Unsupported;
        }
        domain.found.level_count = count;
        if (remaining == 0) return Status::Ok;
    }
}

Result<uint32_t> Clocks::current(uint32_t index) {
    uint32_t level[1];
    TRY_STATUS(scmi_.call(performance, PERFORMANCE_LEVEL_GET, {{index}}, level));
    return kilohertz_of(domains_[index], level[0]);
}

Status Clocks::read(uint32_t index, abi::PerformanceDomain& domain) {
    const LockGuard guard(lock_);
    domain = domains_[index].found;
    const Result<uint32_t> now = current(index);
    domain.current = now.value();
    return now.status();
}

Status Clocks::set(uint32_t index, uint32_t kilohertz, uint32_t thread) {
    const LockGuard guard(lock_);
    const Domain& domain = domains_[index];
    for (uint32_t i = 0; i < domain.found.level_count; ++i) {
        if (domain.found.levels[i] != kilohertz) continue;
        TRY_STATUS(scmi_.call(performance, PERFORMANCE_LEVEL_SET, {{index, domain.values[i]}}, {}));
        kernel().trace.put(abi::TraceType::CpuFrequency, thread, kilohertz, domain.found.cpu_mask);
        return Status::Ok;
    }
    return Status::InvalidArgument;
}

}  // namespace kernel
