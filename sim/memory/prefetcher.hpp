// SPDX-License-Identifier: Apache-2.0
// Prefetcher: finds streams of lines at a constant distance among the misses of a level 1 cache.
//
// As T.-F. Chen and J.-L. Baer, "Effective hardware-based data prefetching for high-performance
// processors", IEEE Transactions on Computers 44(5), 1995, with streams told apart by their 4 KiB
// page instead of the load's address, which callers need not know. It never crosses a page.
#pragma once

#include <cstdint>
#include <vector>

namespace orrery::memory {

struct PrefetcherGeometry {
    uint32_t streams = 0;  // 0: there is none
    uint32_t ahead = 0;    // how many lines a stream is kept ahead of its user
};

class Prefetcher final {
  public:
    explicit Prefetcher(const PrefetcherGeometry& geometry) : geometry_(geometry) {
        streams_.resize(geometry.streams);
    }

    // Tells of a miss, or of a first hit of a prefetched line. The lines that are now worth
    // fetching are in lines() until the next call.
    void observe(uint64_t line);
    [[nodiscard]] const std::vector<uint64_t>& lines() const { return lines_; }

  private:
    struct Stream {
        uint64_t page = ~uint64_t{0};
        uint64_t last = 0;     // line
        uint64_t fetched = 0;  // the farthest line that was asked for
        int64_t stride = 0;    // in lines
        uint32_t confidence = 0;
        uint64_t used = 0;
    };
    Stream& stream_of(uint64_t page);

    PrefetcherGeometry geometry_;
    std::vector<Stream> streams_;
    std::vector<uint64_t> lines_;
    uint64_t clock_ = 0;
};

}  // namespace orrery::memory
