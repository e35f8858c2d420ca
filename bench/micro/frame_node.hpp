// SPDX-License-Identifier: Apache-2.0
// The memory of a node that a strategy manages and nobody ever touches.
#pragma once

#include <cstdlib>
#include <memory>
#include <new>

#include "kernel/memory/frames/node_frames.hpp"

namespace bench {

class Node {
  public:
    // Precondition: `size` is a power of two of at least 4 MiB.
    Node(const kernel::StrategyKind& kind, bool page_cache, uint64_t size = uint64_t{1} << 30) {
        const kernel::FrameRange range{size, 2 * size};
        kernel::FrameMap map;
        if (map.initialise(&range, 1) != kernel::Status::Ok) std::abort();
        const uint64_t bytes = kernel::NodeFrames::metadata_size(kind, map, page_cache);
        metadata_ = operator new (bytes, std::align_val_t{4096});
        strategy = frames_->initialise(kind, map, page_cache, metadata_);
    }
    ~Node() { operator delete (metadata_, std::align_val_t{4096}); }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    kernel::FrameStrategy* strategy;

  private:
    void* metadata_ = nullptr;
    std::unique_ptr<kernel::NodeFrames> frames_ = std::make_unique<kernel::NodeFrames>();
};

}  // namespace bench
