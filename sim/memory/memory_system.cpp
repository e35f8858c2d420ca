// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/memory_system.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace orrery::memory {
namespace {

constexpr size_t most_cpus = 32;  // the bits of Directory::Holders::cpus

}  // namespace

MemorySystem::MemorySystem(const SharedParameters& shared, std::span<const Cpu> cpus)
    : memory_(shared.memory) {
    if (cpus.size() > most_cpus) {
        throw std::runtime_error(
            fmt::format("{} CPUs, a cluster has at most {}", cpus.size(), most_cpus));
    }
    std::vector<PrivateCaches*> caches;
    for (const Cpu& cpu : cpus) {
        const auto number = static_cast<uint32_t>(cpus_.size());
        cpus_.push_back(std::make_unique<CpuMemory>(cpu.core, number, cpu.hertz));
        caches.push_back(&cpus_.back()->caches_);
    }
    cluster_ = std::make_unique<Cluster>(shared.cluster, std::move(caches), memory_);
    for (const auto& cpu : cpus_) cpu->cluster_ = cluster_.get();
}

MemorySystem::~MemorySystem() = default;

void MemorySystem::reset_counts() {
    for (const auto& cpu : cpus_) cpu->reset_counts();
    cluster_->reset_counts();
    memory_.reset_counts();
}

}  // namespace orrery::memory
