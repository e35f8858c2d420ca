// SPDX-License-Identifier: Apache-2.0
// EnergyModel: what domains of CPUs can do and what that costs, after Linux's energy model
// (Documentation/power/energy-model.rst).
//
// A domain is the CPUs that change their clock together. Each of its operating points has a
// capacity, on a scale where the fastest CPU at its highest clock has 1024, and the power of one
// busy CPU, in any unit that is the same for all domains. Idle CPUs cost nothing here.
#pragma once

#include <stdint.h>

#include "hal/types.hpp"
#include "kernel/abi/syscall.hpp"

namespace kernel {

struct OperatingPoint {
    uint32_t kilohertz;
    uint32_t capacity;
    uint32_t power;
};

struct EnergyDomain {
    uint64_t cpus = 0;
    uint32_t count = 0;
    OperatingPoint points[abi::max_performance_levels] = {};  // ascending

    // Precondition of all: there is a point.
    [[nodiscard]] const OperatingPoint& highest() const { return points[count - 1]; }
    [[nodiscard]] uint32_t capacity() const { return highest().capacity; }
    // The lowest point with that capacity, or the highest there is.
    [[nodiscard]] const OperatingPoint& point_for(uint32_t capacity) const;
    // Of the lowest point with that clock, or of the highest.
    [[nodiscard]] uint32_t capacity_at(uint32_t kilohertz) const;
};

class EnergyModel final {
  public:
    static constexpr uint32_t max_domains = 4;
    static constexpr uint32_t full_capacity = 1024;
    // A clock is chosen so that a quarter of what is used stays free, as schedutil does.
    static constexpr uint32_t schedutil_headroom = 25;

    // Utilisations are taken to be higher by so many per cent when an operating point is chosen.
    explicit EnergyModel(uint32_t headroom_percent = schedutil_headroom)
        : headroom_(headroom_percent) {}

    // Precondition: fewer than max_domains; the domain has CPUs and points.
    void add(const EnergyDomain& domain);
    void clear() { count_ = 0; }

    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] uint32_t count() const { return count_; }
    [[nodiscard]] const EnergyDomain& domain(uint32_t index) const { return domains_[index]; }
    // Of a CPU. Precondition: one of the domains has it.
    [[nodiscard]] uint32_t domain_of(unsigned cpu) const { return domain_of_[cpu]; }
    [[nodiscard]] uint32_t capacity(unsigned cpu) const {
        return domains_[domain_of_[cpu]].capacity();
    }

    // Power of a domain whose CPUs are used to `sum` together and `most` each at most, times 1024:
    // at the point that `most` asks for, each CPU is busy for its utilisation's share of the
    // point's capacity.
    [[nodiscard]] uint64_t power(const EnergyDomain& domain, uint32_t most, uint64_t sum) const;

  private:
    EnergyDomain domains_[max_domains];
    uint32_t count_ = 0;
    uint32_t headroom_;
    uint32_t domain_of_[hal::max_cpus] = {};
};

}  // namespace kernel
