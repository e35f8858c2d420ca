// SPDX-License-Identifier: Apache-2.0
// page_allocator=segregated: movable and unmovable memory kept apart by a border that moves.
//
// The idea is that of Contiguitas (Zhao et al., ISCA 2023): unmovable frames scattered over memory
// are what makes it impossible to get large blocks back, so they live in a region of their own,
// which grows and shrinks with demand. Here the unmovable region is the sections of 4 MiB below
// the border, each region a binary buddy (BuddyBlocks). Movable blocks come from the highest
// addresses, so that sections at the border are free when it has to move; it moves over sections of
// which every frame is free. Contiguitas also moves pages out of its way; that needs the owner of
// each page and is not the strategy's.
//
// Where the border cannot move, a block comes from the other region rather than from nowhere, and
// is counted in strays(). Costs are the buddy's; a move of the border looks at one section.
#pragma once

#include "kernel/memory/frames/buddy_blocks.hpp"
#include "kernel/memory/frames/locked_strategy.hpp"

namespace kernel {

class FrameSegregated final : public LockedStrategy {
  public:
    [[nodiscard]] static uint64_t metadata_size(const FrameMap& map);
    // All frames are free. Precondition: `metadata` has metadata_size() bytes, aligned to 64.
    [[nodiscard]] Status initialise(const FrameMap& map, void* metadata);

    [[nodiscard]] uint64_t metadata_bytes() const override { return metadata_size(map()); }
    [[nodiscard]] bool uses_mobility() const override { return true; }
    [[nodiscard]] const char* name() const override { return "segregated"; }

    // Sections of the unmovable region, and blocks ever given from the wrong region.
    [[nodiscard]] uint32_t border() const { return blocks_.border(); }
    [[nodiscard]] uint64_t strays() const { return strays_; }

  private:
    // At the start one section in 16 is for unmovable memory (modelled: a phone's kernel has less).
    static constexpr uint32_t unmovable_share = 16;

    [[nodiscard]] Result<uint32_t> take(unsigned order, Mobility mobility) override;
    [[nodiscard]] Status give(uint32_t index, unsigned order) override {
        return blocks_.give(index, order);
    }
    [[nodiscard]] Status divide(uint32_t index, unsigned order) override {
        return blocks_.divide(index, order);
    }
    [[nodiscard]] FreeHistogram histogram() const override { return blocks_.histogram(); }
    [[nodiscard]] bool check() const override { return blocks_.check(); }
    [[nodiscard]] bool move_border(Mobility in_need);

    BuddyBlocks blocks_;
    uint64_t strays_ = 0;
};

}  // namespace kernel
