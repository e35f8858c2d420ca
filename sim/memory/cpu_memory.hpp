// SPDX-License-Identifier: Apache-2.0
// CpuMemory: the memory system as one CPU sees it.
//
// Times are in picoseconds of simulated time, the results are stalls in parts of a cycle
// (stall_parts_per_cycle) beyond what the pipeline model has charged already: a load that hits
// level 1 costs nothing here. Physical addresses must be those of memory, not of devices. A time
// may be anything that turns into one; it is asked for where something is missed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/memory/branch_predictor.hpp"
#include "sim/memory/cluster.hpp"
#include "sim/memory/exposure.hpp"
#include "sim/memory/prefetcher.hpp"
#include "sim/memory/private_caches.hpp"
#include "sim/memory/translation.hpp"

namespace orrery::memory {

// What is private to a CPU, by its core type.
struct CoreParameters {
    CacheGeometry l1i;
    CacheGeometry l1d;
    CacheGeometry l2;
    TranslationParameters translation;
    BranchPredictorGeometry branches;
    uint32_t misprediction_cycles = 0;
    uint32_t late_target_cycles = 0;  // a taken branch whose target is known only when decoded
    ExposureParameters exposure;
    PrefetcherGeometry prefetcher;
    uint32_t store_buffer = 1;        // stores that miss and wait, before the pipeline does
    uint32_t fetch_ahead_cycles = 0;  // of an instruction miss, hidden by fetching ahead
};

// A table walk that the caller did: where the descriptors that it read are, from the first level
// to the last.
struct Walk {
    uint64_t address = 0;  // virtual
    uint16_t asid = 0;
    Side side = Side::data;
    std::span<const uint64_t> descriptors;  // physical; one to four
    uint32_t shift = page_4k;               // the page's or block's size, in address bits
    bool global = false;
};

struct CpuCounts {
    CacheCounts l1i;
    CacheCounts l1d;
    CacheCounts l2;  // write-backs: modified lines that left for level 3
    TranslationCounts translation;
    BranchCounts branches;
    uint64_t upgrades = 0;     // stores that had to ask for a shared line
    uint64_t prefetches = 0;   // lines fetched ahead
    uint64_t from_level3 = 0;  // where lines came from that level 2 did not have,
    uint64_t from_another_cpu = 0;
    uint64_t from_memory = 0;  // prefetches included
};

class CpuMemory final {
  public:
    // Asked for by translate(): no TLB has the page, the caller walks the tables and tells of it.
    static constexpr uint32_t needs_walk = ~uint32_t{0};

    CpuMemory(const CoreParameters& parameters, uint32_t number, uint64_t hertz);

    // A load, of the bytes from `address` on; more than a line counts as so many loads.
    template <typename Time>
    uint32_t load(uint64_t address, uint32_t size, const Time& now,
                  Dependence dependence = Dependence::unknown) {
        const uint64_t line = address >> line_shift;
        if ((address + size - 1) >> line_shift == line && caches_.l1d.newest(line)) {
            ++counts_.l1d.accesses;
            return 0;
        }
        return load_slow(address, size, static_cast<uint64_t>(now), dependence);
    }
    // A store; it waits in the store buffer, the pipeline only if that is full.
    template <typename Time>
    uint32_t store(uint64_t address, uint32_t size, const Time& now) {
        const uint64_t line = address >> line_shift;
        if ((address + size - 1) >> line_shift == line && caches_.l1d.newest_modified(line)) {
            ++counts_.l1d.accesses;
            return 0;
        }
        return store_slow(address, size, static_cast<uint64_t>(now));
    }
    // An atomic or exclusive access, which needs the line for itself and waits for it.
    uint32_t atomic(uint64_t address, uint64_t now);
    // Instructions from `address` on, within one line.
    template <typename Time>
    uint32_t fetch(uint64_t address, const Time& now) {
        const uint64_t line = address >> line_shift;
        ++counts_.l1i.accesses;
        if (caches_.l1i.newest(line)) return 0;
        return fetch_slow(line, static_cast<uint64_t>(now));
    }

    // A translation; needs_walk if there is none.
    template <typename Time>
    uint32_t translate(Side side, uint64_t address, uint16_t asid, const Time& now,
                       Dependence dependence = Dependence::unknown) {
        if (translation_.level1(side, address, asid)) return 0;
        return translate_slow(side, address, asid, static_cast<uint64_t>(now), dependence);
    }
    // After translate() asked for it.
    uint32_t walk(const Walk& walk, uint64_t now);
    // Invalidations.
    [[nodiscard]] Translation& translation() { return translation_; }
    // IC IVAU, IC IALLU: instruction caches are not coherent.
    void invalidate_instructions(uint64_t address) { caches_.l1i.remove(address >> line_shift); }
    void invalidate_all_instructions() { caches_.l1i.clear(); }

    // A branch that has been executed.
    uint32_t branch(const Branch& branch) {
        const Prediction prediction = branches_.predict(branch);
        if (prediction == Prediction::right) return 0;
        const uint32_t cycles = prediction == Prediction::mispredicted
                                    ? parameters_.misprediction_cycles
                                    : parameters_.late_target_cycles;
        return cycles * stall_parts_per_cycle;
    }
    [[nodiscard]] BranchPredictor& branches() { return branches_; }

    // The clock of the core and of its private caches, from the next call on.
    void set_frequency(uint64_t hertz);

    [[nodiscard]] CpuCounts counts() const;
    void reset_counts();

  private:
    friend class MemorySystem;
    struct Pending {
        uint64_t line = ~uint64_t{0};
        uint64_t ready = 0;
    };

    uint32_t load_slow(uint64_t address, uint32_t size, uint64_t now, Dependence dependence);
    uint32_t store_slow(uint64_t address, uint32_t size, uint64_t now);
    uint32_t fetch_slow(uint64_t line, uint64_t now);
    uint32_t translate_slow(Side side, uint64_t address, uint16_t asid, uint64_t now,
                            Dependence dependence);
    uint64_t read_line(uint64_t line, uint64_t now);
    uint64_t own_line(uint64_t line, uint64_t now);
    uint64_t fill(uint64_t line, Intent intent, uint64_t now, LineState& state);
    uint64_t store_line(uint64_t line, uint64_t now);
    uint64_t through_l2(uint64_t line, Intent intent, uint64_t now, LineState& state);
    void put_l1d(uint64_t line, LineState state);
    void prefetch(uint64_t line, uint64_t now);
    void prefetch_line(uint64_t line, uint64_t now);
    [[nodiscard]] uint64_t pending_until(uint64_t line, uint64_t now) const;

    CoreParameters parameters_;
    uint32_t number_;
    PrivateCaches caches_;
    Translation translation_;
    BranchPredictor branches_;
    Exposure exposure_;
    Prefetcher prefetcher_;
    Cluster* cluster_ = nullptr;  // set by MemorySystem
    uint64_t l1d_time_ = 0;
    uint64_t l1i_time_ = 0;
    uint64_t l2_time_ = 0;
    std::vector<uint64_t> stores_;  // when each place in the store buffer is free, as a ring
    uint32_t next_store_ = 0;
    std::array<Pending, 32> pending_{};  // the latest prefetches, as a ring
    uint32_t next_pending_ = 0;
    uint64_t last_pending_ = 0;  // when the last of them is there
    CpuCounts counts_;
};

}  // namespace orrery::memory
