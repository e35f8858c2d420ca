// SPDX-License-Identifier: Apache-2.0
// NodeFrames: the strategy of one NUMA node, whichever it is, and the page cache over it.
#pragma once

#include "kernel/memory/frames/page_cache.hpp"
#include "kernel/memory/frames/strategy_choice.hpp"

namespace kernel {

class NodeFrames final {
  public:
    // Bytes of metadata for a strategy over that memory.
    [[nodiscard]] static uint64_t metadata_size(const StrategyKind& kind, const FrameMap& map,
                                                bool page_cache) {
        return aligned(kind.metadata_size(map)) + (page_cache ? PageCache::metadata_size(map) : 0);
    }

    // Null when the strategy cannot use the memory. Precondition: `metadata` has metadata_size()
    // bytes, aligned to 64.
    [[nodiscard]] FrameStrategy* initialise(const StrategyKind& kind, const FrameMap& map,
                                            bool page_cache, void* metadata) {
        FrameStrategy* strategy = kind.create(room_, map, metadata);
        if (strategy == nullptr || !page_cache) return strategy;
        cache_.initialise(*strategy, map,
                          static_cast<char*>(metadata) + aligned(kind.metadata_size(map)));
        return &cache_;
    }

  private:
    static uint64_t aligned(uint64_t size) { return (size + 63) & ~uint64_t{63}; }

    alignas(64) char room_[strategy_room] = {};
    PageCache cache_;
};

}  // namespace kernel
