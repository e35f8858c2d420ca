// SPDX-License-Identifier: Apache-2.0
// The strategy of the tutorial docs/first-allocator.md: next fit over a byte a frame.
//
// A cursor goes round memory and stops at the next free frame, so that a frame comes back as late
// as possible. Order 0 only. Free takes one step, allocate at most one for each frame of the node.
#pragma once

#include "kernel/memory/frames/locked_strategy.hpp"

namespace kernel {

class FrameNextFit final : public LockedStrategy {
  public:
    [[nodiscard]] static uint64_t metadata_size(const FrameMap& map) { return map.span(); }
    // All frames are free. Precondition: `metadata` has metadata_size() bytes, aligned to 64.
    [[nodiscard]] Status initialise(const FrameMap& map, void* metadata);

    [[nodiscard]] uint64_t metadata_bytes() const override { return metadata_size(map()); }
    [[nodiscard]] unsigned largest_order() const override { return 0; }
    [[nodiscard]] const char* name() const override { return "next_fit"; }

  private:
    enum class State : uint8_t { Hole, Free, Taken };

    [[nodiscard]] Result<uint32_t> take(unsigned order, Mobility mobility) override;
    [[nodiscard]] Status give(uint32_t index, unsigned order) override;
    [[nodiscard]] FreeHistogram histogram() const override;
    [[nodiscard]] bool check() const override;

    State* states_ = nullptr;
    uint32_t cursor_ = 0;
    uint32_t free_ = 0;
};

}  // namespace kernel
