// SPDX-License-Identifier: Apache-2.0
// Workloads that spend their time in the kernel, for comparing what its code costs in different
// ways of executing it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "user/lib/result.hpp"

namespace user {

// Does the same work in every run. Returns a checksum of what came of it.
struct KernelWorkload {
    std::string_view name;
    uint64_t (*run)(uint64_t rounds);
};

// The one CPU that all threads of a workload run on.
extern uint64_t workload_cpu_mask;

// Takes what came of a workload, in order.
class Checksum final {
  public:
    void add(uint64_t value) { value_ = value_ * 31 + value; }
    void add(Status status) { add(static_cast<uint64_t>(-static_cast<int64_t>(status))); }
    uint64_t value() const { return value_; }

  private:
    uint64_t value_ = 1;  // so that zeros count
};

// Those that the method was developed on.
std::span<const KernelWorkload> developed_workloads();
std::span<const KernelWorkload> more_developed_workloads();

// Those written after it was frozen, by topic.
std::span<const KernelWorkload> held_out_memory();
std::span<const KernelWorkload> held_out_calls();
std::span<const KernelWorkload> held_out_threads();
std::span<const KernelWorkload> held_out_tasks();

// What workloads start as tasks of their own; none is measured by itself, and none returns.
std::span<const KernelWorkload> task_parts();

}  // namespace user
