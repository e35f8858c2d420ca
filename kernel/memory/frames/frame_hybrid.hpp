// SPDX-License-Identifier: Apache-2.0
// page_allocator=hybrid: a buddy for general sizes, bitsets for single frames and for 2 MiB, and a
// reserve of 2 MiB areas that grows and shrinks.
//
// An area of 2 MiB belongs to one of four: the buddy (`General`), single frames (`Frames`, a bit
// each), the reserve of free areas, or whoever was given it whole (`Huge`). All but the first are
// blocks of order 9 to the buddy. Single frames come from the first area that has some; an area
// whose frames are all free goes back. 2 MiB come from the reserve. A demand that the reserve
// cannot meet doubles what it is to hold (from 2 areas to an eighth of the node's) and fills it up;
// a need of anybody else halves that and takes the surplus. So single frames do not cut up the
// buddy's memory, and large blocks are found at once while they are in demand.
//
// Single frames and 2 MiB are found in one step a level of a bitmap, other sizes in the buddy's
// max_order steps. Free frames in areas of single frames serve no other size until their area is
// free. Metadata: the buddy's, one bit a frame and some 30 bits an area.
#pragma once

#include "kernel/memory/frames/buddy_blocks.hpp"
#include "kernel/memory/frames/level_bitmap.hpp"
#include "kernel/memory/frames/locked_strategy.hpp"

namespace kernel {

class FrameHybrid final : public LockedStrategy {
  public:
    [[nodiscard]] static uint64_t metadata_size(const FrameMap& map);
    // All frames are free. Precondition: `metadata` has metadata_size() bytes, aligned to 64.
    [[nodiscard]] Status initialise(const FrameMap& map, void* metadata);

    [[nodiscard]] uint64_t metadata_bytes() const override { return metadata_size(map()); }
    [[nodiscard]] const char* name() const override { return "hybrid"; }

    // Areas in the reserve, and how many it is to hold.
    [[nodiscard]] uint32_t reserved() const { return reserve_.count(); }
    [[nodiscard]] uint32_t reserve_target() const { return target_; }

  private:
    enum class Use : uint8_t { General, Frames, Reserve, Huge };
    static constexpr uint32_t least_target = 2;

    [[nodiscard]] Result<uint32_t> take(unsigned order, Mobility mobility) override;
    [[nodiscard]] Status give(uint32_t index, unsigned order) override;
    [[nodiscard]] Status divide(uint32_t index, unsigned order) override;
    [[nodiscard]] FreeHistogram histogram() const override;
    [[nodiscard]] bool check() const override;

    void lay_out(Layout& layout, const FrameMap& map);
    [[nodiscard]] Result<uint32_t> take_frame();
    [[nodiscard]] Result<uint32_t> take_huge();
    [[nodiscard]] Result<uint32_t> take_general(unsigned order);
    [[nodiscard]] Status give_frame(uint32_t index);
    [[nodiscard]] bool open_area();
    void release_area(uint32_t area);
    void grow_reserve();
    [[nodiscard]] bool shrink_reserve();
    [[nodiscard]] uint64_t* words_of(uint32_t area) const { return taken_ + area * area_words; }

    BuddyBlocks buddy_;
    Use* use_ = nullptr;         // of each area
    uint64_t* taken_ = nullptr;  // a bit a frame, of areas of single frames
    uint16_t* free_ = nullptr;   // free frames of those
    LevelBitmap partial_;        // those that have any
    LevelBitmap reserve_;
    uint32_t target_ = 0;
    uint32_t most_ = 0;  // limit of target_
};

}  // namespace kernel
