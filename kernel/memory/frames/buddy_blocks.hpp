// SPDX-License-Identifier: Apache-2.0
// BuddyBlocks: the binary buddy system without a lock, by frame numbers. It is `buddy` itself, and
// what `hybrid` and `segregated` are built on.
//
// After Knuth, The Art of Computer Programming, volume 1, section 2.5, with pair bitmaps as Linux
// had them: one bit for each two buddies, set while exactly one of them is a free block. Free
// blocks of an order are on a list, the last freed first, linked through an array beside the
// frames. The same array tells heads of free blocks, heads of allocated blocks with their order,
// and all other frames, so that a wrong order is seen. There are two sets of lists: sections below
// the border are on the second one. Allocate and free take at most max_order steps. Metadata: 8
// bytes and one bit a frame.
#pragma once

#include "kernel/memory/frames/frame_map.hpp"
#include "kernel/memory/frames/layout.hpp"

namespace kernel {

class BuddyBlocks final {
  public:
    static constexpr unsigned upper = 0;  // the lists of sections from the border on
    static constexpr unsigned lower = 1;

    // Nothing is free yet: insert() the runs. Sections below `border` belong to the lower lists.
    void lay_out(Layout& layout, const FrameMap& map, uint32_t border = 0);
    // Frees the frames of the map, so that the upper lists give the lowest address first; or the
    // highest.
    void insert_all(const FrameMap& map, bool highest_first = false);

    // NoMemory.
    [[nodiscard]] Result<uint32_t> take(unsigned order, unsigned lists = upper);
    // NotFound when no block of that order is allocated there.
    [[nodiscard]] Status give(uint32_t index, unsigned order);
    // Makes an allocated block allocated frames; NotFound as give().
    [[nodiscard]] Status divide(uint32_t index, unsigned order);

    [[nodiscard]] uint32_t border() const { return border_; }
    // True when every frame of the section that exists is free.
    [[nodiscard]] bool section_free(uint32_t section) const {
        return section_free_[section] == section_frames_[section];
    }
    // Moves the border by one section, with the free blocks in it. Precondition: there is one.
    void raise_border();
    void lower_border();

    [[nodiscard]] uint64_t free_frames() const { return free_; }
    [[nodiscard]] uint64_t free_frames(unsigned lists) const;
    [[nodiscard]] FreeHistogram histogram() const;
    [[nodiscard]] bool check() const;

  private:
    // A frame is the head of a free block (its links), the head of an allocated one, or neither.
    struct Record {
        uint32_t next = neither;
        uint32_t previous = 0;  // of a free block: order in the upper 4 bits, then its number
    };
    static constexpr uint32_t none = 0x0fff'ffff;
    static constexpr uint32_t neither = 0xffff'ffff;
    static constexpr uint32_t allocated = 0x8000'0000;  // with the order
    static_assert(FrameMap::max_span - 1 <= none);

    struct List {
        uint32_t head = none;
        uint64_t length = 0;
    };

    [[nodiscard]] unsigned lists_of(uint32_t index) const {
        return index / FrameMap::section_frames < border_ ? lower : upper;
    }
    [[nodiscard]] bool is_free_head(uint32_t index) const { return records_[index].next <= none; }
    [[nodiscard]] unsigned order_of_free(uint32_t index) const {
        return records_[index].previous >> 28;
    }
    void push(uint32_t index, unsigned order);
    void remove(uint32_t index, unsigned order);
    [[nodiscard]] bool flip_pair(uint32_t index, unsigned order);
    void put_back(uint32_t index, unsigned order);
    void move_section(uint32_t section, uint32_t new_border);
    [[nodiscard]] bool check_lists() const;
    [[nodiscard]] bool check_pairs() const;

    Record* records_ = nullptr;
    uint64_t* pairs_[max_order] = {};
    uint16_t* section_free_ = nullptr;
    uint16_t* section_frames_ = nullptr;
    List lists_[2][order_count];
    uint32_t filled_[2] = {};  // a bit for each order whose list is not empty
    uint32_t span_ = 0;
    uint32_t border_ = 0;
    uint64_t free_ = 0;
};

}  // namespace kernel
