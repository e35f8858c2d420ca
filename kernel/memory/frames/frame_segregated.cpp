// SPDX-License-Identifier: Apache-2.0
// page_allocator=segregated: movable and unmovable memory kept apart by a border that moves.
#include "kernel/memory/frames/frame_segregated.hpp"

namespace kernel {

uint64_t FrameSegregated::metadata_size(const FrameMap& map) {
    Layout layout(nullptr);
    BuddyBlocks().lay_out(layout, map);
    return layout.used();
}

Status FrameSegregated::initialise(const FrameMap& map, void* metadata) {
    if (map.frames() == 0) return Status::InvalidArgument;
    begin(map);
    strays_ = 0;
    Layout layout(metadata);
    blocks_.lay_out(layout, map, map.sections() / unmovable_share);
    blocks_.insert_all(map, true);
    count_all_free();
    return Status::Ok;
}

Result<uint32_t> FrameSegregated::take(unsigned order, Mobility mobility) {
    const unsigned lists =
        mobility == Mobility::Unmovable ? BuddyBlocks::lower : BuddyBlocks::upper;
    Result<uint32_t> block = blocks_.take(order, lists);
    while (!block.ok() && move_border(mobility)) block = blocks_.take(order, lists);
    if (block.ok()) return block;
    block = blocks_.take(order, lists ^ 1);
    if (block.ok()) ++strays_;
    return block;
}

// Gives the region in need another section, when all of that section is free.
bool FrameSegregated::move_border(Mobility in_need) {
    const uint32_t border = blocks_.border();
    if (in_need == Mobility::Unmovable) {
        if (border == map().sections() || !blocks_.section_free(border)) return false;
        blocks_.raise_border();
    } else {
        if (border == 0 || !blocks_.section_free(border - 1)) return false;
        blocks_.lower_border();
    }
    return true;
}

}  // namespace kernel
