// SPDX-License-Identifier: Apache-2.0
// Cluster: the shared level 3 cache with its directory, and what keeps private caches coherent.
//
// The protocol is MESI over a full directory. Level 3 takes lines as the DynamIQ Shared Unit does
// (Intel, Agilex 5 hard processor system TRM 814346, section 3.7.3.2.1, "Cache Allocation
// Policy"): data that one CPU uses is in level 3 only after its private caches gave it up, and
// leaves level 3 when that CPU takes it back; data that several CPUs use is in both. Instructions
// are treated as shared.
//
// Each request is done with at once, in the order of the calls: two requests are never under way
// for the same line, and level 3 has no limit of bandwidth.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/memory/cache.hpp"
#include "sim/memory/clock.hpp"
#include "sim/memory/directory.hpp"
#include "sim/memory/main_memory.hpp"
#include "sim/memory/private_caches.hpp"

namespace orrery::memory {

struct ClusterParameters {
    CacheGeometry l3;  // its latency is from leaving a CPU's level 2 to the data's arrival there
    Replacement replacement = Replacement::lru;  // of level 3
    uint64_t hertz = 0;
    uint32_t snoop_cycles = 0;  // more, when another CPU's caches have to be asked
};

enum class Intent : uint8_t { read, fetch, own };
enum class Source : uint8_t { level3, another_cpu, memory };

struct Supply {
    uint64_t ready = 0;  // when the data is at the CPU's level 2
    LineState state = LineState::invalid;
    Source source = Source::level3;
};

// What the shared part did since the last reset; each count is also an energy event.
struct ClusterCounts {
    CacheCounts l3;
    uint64_t snoops = 0;         // private caches that were asked
    uint64_t invalidations = 0;  // lines that had to go because another CPU writes
    uint64_t supplied = 0;       // lines that came out of another CPU's caches
};

class Cluster final {
  public:
    // The CPUs' caches must live as long as this; their order is the CPUs' numbers.
    Cluster(const ClusterParameters& parameters, std::vector<PrivateCaches*> cpus,
            MainMemory& memory);

    // A CPU that does not have a line asks for it.
    Supply request(uint32_t cpu, uint64_t line, Intent intent, uint64_t now);
    // A CPU that shares a line wants to write it; when it may.
    uint64_t upgrade(uint32_t cpu, uint64_t line, uint64_t now);
    // A CPU's private caches gave up a line.
    void evict(uint32_t cpu, const CacheLine& victim, uint64_t now);

    [[nodiscard]] const ClusterCounts& counts() const { return counts_; }
    void reset_counts() { counts_ = {}; }

  private:
    Supply own(uint32_t cpu, uint64_t line, uint64_t now);
    Supply share(uint32_t cpu, uint64_t line, Directory::Holders holders, uint64_t now);
    Supply take(uint32_t cpu, uint64_t line, Intent intent, uint64_t now);
    bool invalidate_others(uint32_t others, uint64_t line, uint64_t& ready);
    [[nodiscard]] uint64_t snoop_time(uint32_t cpu) const;
    void put(uint64_t line, LineState state, uint64_t now);

    std::vector<PrivateCaches*> cpus_;
    MainMemory& memory_;
    Cache l3_;
    uint64_t l3_time_;
    uint64_t snoop_time_;
    Directory directory_;
    ClusterCounts counts_;
};

}  // namespace orrery::memory
