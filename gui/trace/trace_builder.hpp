// SPDX-License-Identifier: Apache-2.0
// TraceBuilder: puts events into the lanes of a TraceStore: runs out of switches, slices out of
// their begins and ends. Each track must get its events in the order of time; one that comes too
// late for its track is left out and counted.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "gui/trace/event_order.hpp"
#include "gui/trace/trace_store.hpp"

namespace inspector {

struct BuildCounts {
    uint64_t events = 0;          // put into the store
    uint64_t late = 0;            // left out: too late for their track
    uint64_t unmatched_ends = 0;  // ends of slices that have no begin
    uint64_t too_deep = 0;        // slices below the deepest level that is kept
    uint64_t mismatches = 0;      // switches from another thread than the one that ran
    uint64_t losses = 0;          // reports of lost records
};

class TraceBuilder final {
  public:
    // Slices of a track nest so deep at most.
    static constexpr size_t most_depth = 64;

    // Precondition: the store outlives the builder.
    explicit TraceBuilder(TraceStore& store) : store_(&store) {}

    void apply(const TraceEvent& event);
    [[nodiscard]] const BuildCounts& counts() const { return counts_; }

  private:
    // The slices of a track that have begun and not ended, from the outermost on.
    struct OpenSlices {
        std::vector<bool> kept;  // whether the store has it
        size_t depth = 0;        // how many it has
        uint64_t beyond = 0;     // below the deepest level
    };

    void apply_switch(const TraceEvent& event);
    void apply_wake(const TraceEvent& event);
    void begin_slice(const TraceEvent& event);
    void end_slice(const TraceEvent& event);
    void mark(const TraceEvent& event);
    void counter(TrackId track, uint64_t time, int64_t value);
    // Ends what runs on a CPU, if anything.
    bool end_run(uint32_t cpu, uint64_t time, RunEnd how);
    void count(bool done) { ++(done ? counts_.events : counts_.late); }

    TraceStore* store_;
    BuildCounts counts_;
    std::unordered_map<TrackId, OpenSlices> open_;
};

}  // namespace inspector
