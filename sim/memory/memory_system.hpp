// SPDX-License-Identifier: Apache-2.0
// MemorySystem: the caches, TLBs, branch predictors and memories of all CPUs together.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/memory/cpu_memory.hpp"

namespace orrery::memory {

struct SharedParameters {
    ClusterParameters cluster;
    MainMemoryParameters memory;
};

class MemorySystem final {
  public:
    struct Cpu {
        CoreParameters core;
        uint64_t hertz = 0;
    };

    // Throws std::runtime_error for impossible geometry and for more than 32 CPUs.
    MemorySystem(const SharedParameters& shared, std::span<const Cpu> cpus);
    ~MemorySystem();
    MemorySystem(const MemorySystem&) = delete;
    MemorySystem& operator=(const MemorySystem&) = delete;

    [[nodiscard]] CpuMemory& cpu(size_t number) { return *cpus_.at(number); }
    [[nodiscard]] size_t cpus() const { return cpus_.size(); }
    [[nodiscard]] const ClusterCounts& cluster_counts() const { return cluster_->counts(); }
    [[nodiscard]] const MainMemory& memory() const { return memory_; }
    // Of every CPU, the shared cache and the memories.
    void reset_counts();

  private:
    MainMemory memory_;
    std::vector<std::unique_ptr<CpuMemory>> cpus_;
    std::unique_ptr<Cluster> cluster_;
};

}  // namespace orrery::memory
