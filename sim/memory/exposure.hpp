// SPDX-License-Identifier: Apache-2.0
// Exposure: how much of a miss a core's pipeline cannot hide.
//
// The first-order model of S. Eyerman et al., "A mechanistic performance model for superscalar
// out-of-order processors", ACM TOCS 27(2), 2009. A load that depends on one that missed waits for
// all of its latency. An independent one is hidden while the reorder buffer fills up, and misses
// that fall into one reorder buffer are under way together, up to a core's limit, so that together
// they cost about one latency. Callers who do not know whether a load depends on another get the
// mean of the two, weighted by a modelled share. A core that works in order hides nothing.
#pragma once

#include <algorithm>
#include <cstdint>

namespace orrery::memory {

enum class Dependence : uint8_t { unknown, dependent, independent };

struct ExposureParameters {
    uint32_t reorder_cycles = 0;      // to fill the reorder buffer; 0: the core works in order
    uint32_t outstanding_misses = 1;  // of level 1 data
    uint32_t dependent_percent = 100;
};

class Exposure final {
  public:
    explicit Exposure(const ExposureParameters& parameters) : parameters_(parameters) {}

    // The clock has changed: how long it takes to fill the reorder buffer now.
    void set_reorder_time(uint64_t picoseconds) { reorder_time_ = picoseconds; }

    // How long the pipeline stands still for a load at `now` whose data comes so much later than
    // the pipeline had expected.
    uint64_t charge(uint64_t now, uint64_t late, Dependence dependence) {
        const uint64_t independent = late - std::min(late, hidden(now));
        uint64_t stall = late;
        if (dependence == Dependence::independent) {
            stall = independent;
        } else if (dependence == Dependence::unknown) {
            const uint64_t share = parameters_.dependent_percent;
            stall = (late * share + independent * (100 - share)) / 100;
        }
        stalled_ += stall;
        return stall;
    }

  private:
    // What of a miss at `now` would pass by unnoticed if it depends on nothing.
    uint64_t hidden(uint64_t now) {
        if (reorder_time_ == 0) return 0;
        // Time without stalls stands for the distance in instructions.
        const uint64_t progress = now - std::min(now, stalled_);
        const bool together = progress >= first_ && progress - first_ <= reorder_time_ &&
                              misses_ < parameters_.outstanding_misses;
        if (together) {
            ++misses_;
            return std::max(reorder_time_, stalled_ - stalled_at_first_);
        }
        first_ = progress;
        stalled_at_first_ = stalled_;
        misses_ = 1;
        return reorder_time_;
    }

    ExposureParameters parameters_;
    uint64_t reorder_time_ = 0;
    uint64_t stalled_ = 0;           // all stalls so far
    uint64_t first_ = 0;             // progress at the first of the misses under way,
    uint64_t stalled_at_first_ = 0;  // and the stalls until then
    uint32_t misses_ = 0;
};

}  // namespace orrery::memory
