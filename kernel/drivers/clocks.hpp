// SPDX-License-Identifier: Apache-2.0
// Clocks: the performance domains of the CPUs, by SCMI's performance protocol (DEN 0056). The table
// of domains is filled once, at boot; what is in force is asked for each time.
#pragma once

#include "kernel/abi/syscall.hpp"
#include "kernel/base/lock.hpp"
#include "kernel/boot/command_line.hpp"
#include "kernel/drivers/scmi.hpp"

namespace kernel {

// The lowest level within the limits that meets the wish, or else the highest.
[[nodiscard]] uint32_t choose_level(const abi::PerformanceDomain& domain,
                                    const PerformanceWish& wish);

class Clocks final {
  public:
    static constexpr uint32_t max_domains = 4;

    // Finds domains and levels. NotFound when there is no SCMI; Unsupported when its platform does
    // not answer, or answers what cannot be. Boot CPU, once; CPU indices are those of `machine`.
    [[nodiscard]] Status discover(const MachineDescription& machine);

    [[nodiscard]] uint32_t count() const { return count_; }
    // As found at boot. Precondition of all below: index < count().
    [[nodiscard]] const abi::PerformanceDomain& domain(uint32_t index) const {
        return domains_[index].found;
    }
    // Of one busy CPU at a level, in the platform's unit; 0 where it tells none.
    [[nodiscard]] uint32_t power(uint32_t index, uint32_t level) const {
        return domains_[index].powers[level];
    }
    // With the frequency in force.
    [[nodiscard]] Status read(uint32_t index, abi::PerformanceDomain& domain);
    // Asks for a level, for a thread (0: the kernel). InvalidArgument unless it is one.
    [[nodiscard]] Status set(uint32_t index, uint32_t kilohertz, uint32_t thread);

  private:
    struct Domain {
        abi::PerformanceDomain found{};
        uint32_t values[abi::max_performance_levels] = {};  // the platform's names of the levels
        uint32_t powers[abi::max_performance_levels] = {};
        uint32_t sustained_kilohertz = 0;
        uint32_t sustained_level = 0;
    };

    [[nodiscard]] Status describe(uint32_t index);
    [[nodiscard]] Status describe_levels(uint32_t index);
    [[nodiscard]] Result<uint32_t> current(uint32_t index);
    // Of a level; 0 when it is beyond 32 bits.
    [[nodiscard]] static uint32_t kilohertz_of(const Domain& domain, uint32_t level);

    SpinLock lock_{LockRank::Clocks};
    Scmi scmi_;
    Domain domains_[max_domains];
    uint32_t count_ = 0;
};

}  // namespace kernel
