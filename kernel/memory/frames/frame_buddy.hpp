// SPDX-License-Identifier: Apache-2.0
// page_allocator=buddy: the binary buddy system, orders 0 to 10, behind one lock. See BuddyBlocks.
#pragma once

#include "kernel/memory/frames/buddy_blocks.hpp"
#include "kernel/memory/frames/locked_strategy.hpp"

namespace kernel {

class FrameBuddy final : public LockedStrategy {
  public:
    [[nodiscard]] static uint64_t metadata_size(const FrameMap& map);
    // All frames are free. Precondition: `metadata` has metadata_size() bytes, aligned to 64.
    [[nodiscard]] Status initialise(const FrameMap& map, void* metadata);

    [[nodiscard]] uint64_t metadata_bytes() const override { return metadata_size(map()); }
    [[nodiscard]] const char* name() const override { return "buddy"; }

  private:
    [[nodiscard]] Result<uint32_t> take(unsigned order, Mobility mobility) override;
    [[nodiscard]] Status give(uint32_t index, unsigned order) override;
    [[nodiscard]] Status divide(uint32_t index, unsigned order) override;
    [[nodiscard]] FreeHistogram histogram() const override { return blocks_.histogram(); }
    [[nodiscard]] bool check() const override { return blocks_.check(); }

    BuddyBlocks blocks_;
};

}  // namespace kernel
