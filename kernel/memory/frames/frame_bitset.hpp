// SPDX-License-Identifier: Apache-2.0
// page_allocator=bitset: a flat bitset of frames, and hierarchical bitmaps of 2 MiB areas.
//
// An area is whole (every frame of it is free), partial or full. Blocks below 2 MiB come from the
// first partial area that has a run for them, then from the first whole one; 2 MiB from the first
// whole area, 4 MiB from the first two beside each other: always the lowest address that will do,
// so that free memory collects at the upper end. A second bit a frame marks where a block begins,
// by which a wrong order is seen.
//
// A frame and 2 MiB are found in one step a level; blocks between them may look at every partial
// area, 4 MiB at every word of the bitmap. Metadata: 2 bits a frame, some 20 bits an area.
#pragma once

#include "kernel/memory/frames/level_bitmap.hpp"
#include "kernel/memory/frames/locked_strategy.hpp"

namespace kernel {

class FrameBitset final : public LockedStrategy {
  public:
    [[nodiscard]] static uint64_t metadata_size(const FrameMap& map);
    // All frames are free. Precondition: `metadata` has metadata_size() bytes, aligned to 64.
    [[nodiscard]] Status initialise(const FrameMap& map, void* metadata);

    [[nodiscard]] uint64_t metadata_bytes() const override { return metadata_size(map()); }
    [[nodiscard]] const char* name() const override { return "bitset"; }

  private:
    [[nodiscard]] Result<uint32_t> take(unsigned order, Mobility mobility) override;
    [[nodiscard]] Status give(uint32_t index, unsigned order) override;
    [[nodiscard]] Status divide(uint32_t index, unsigned order) override;
    [[nodiscard]] FreeHistogram histogram() const override;
    [[nodiscard]] bool check() const override;

    void lay_out(Layout& layout, const FrameMap& map);
    [[nodiscard]] Result<uint32_t> find(unsigned order) const;
    [[nodiscard]] bool is_block(uint32_t index, unsigned order) const;
    void mark(uint32_t index, unsigned order, bool taken);
    void sort_area(uint32_t area);
    [[nodiscard]] const uint64_t* words_of(uint32_t area) const {
        return taken_ + area * area_words;
    }

    uint64_t* taken_ = nullptr;   // a bit a frame; holes are taken for ever
    uint64_t* begins_ = nullptr;  // where a taken block begins; holes are blocks of one frame
    uint16_t* free_ = nullptr;    // free frames of each area
    LevelBitmap whole_;
    LevelBitmap partial_;
};

}  // namespace kernel
