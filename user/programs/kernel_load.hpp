// SPDX-License-Identifier: Apache-2.0
// Workloads that spend their time in the kernel, for comparing what its code costs in different
// ways of executing it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace user {

// Does the same work in every run. Returns a checksum of what came of it.
struct KernelWorkload {
    std::string_view name;
    uint64_t (*run)(uint64_t rounds);
};

// The one CPU that all threads of a workload run on.
extern uint64_t workload_cpu_mask;

// Those that the method was developed on, and those written after it was finished.
std::span<const KernelWorkload> developed_workloads();
std::span<const KernelWorkload> held_out_workloads();

}  // namespace user
