// SPDX-License-Identifier: Apache-2.0
// page_allocator=buddy: the binary buddy system behind one lock.
#include "kernel/memory/frames/frame_buddy.hpp"

namespace kernel {

uint64_t FrameBuddy::metadata_size(const FrameMap& map) {
    Layout layout(nullptr);
    BuddyBlocks().lay_out(layout, map);
    return layout.used();
}

Status FrameBuddy::initialise(const FrameMap& map, void* metadata) {
    if (map.frames() == 0) return Status::InvalidArgument;
    begin(map);
    Layout layout(metadata);
    blocks_.lay_out(layout, map);
    blocks_.insert_all(map);
    count_all_free();
    return Status::Ok;
}

Result<uint32_t> FrameBuddy::take(unsigned order, Mobility) {
    return blocks_.take(order);
}

Status FrameBuddy::give(uint32_t index, unsigned order) {
    return blocks_.give(index, order);
}

Status FrameBuddy::divide(uint32_t index, unsigned order) {
    return blocks_.divide(index, order);
}

}  // namespace kernel
