// SPDX-License-Identifier: Apache-2.0
// page_allocator=freelist: the naive baseline.
#include "kernel/memory/frames/frame_freelist.hpp"

#include "kernel/memory/frames/layout.hpp"

namespace kernel {

Status FrameFreelist::initialise(const FrameMap& map, void* metadata) {
    if (map.frames() == 0) return Status::InvalidArgument;
    begin(map);
    Layout layout(metadata);
    next_ = layout.raw<uint32_t>(map.span());
    head_ = end_of_list;
    // From the last to the first: lowest addresses are given first.
    uint32_t holes_end = map.span();
    for (unsigned i = map.run_count(); i-- > 0;) {
        const FrameMap::Run run = map.run(i);
        fill_holes(run.end, holes_end);
        holes_end = run.begin;
        for (uint32_t frame = run.end; frame-- > run.begin;) {
            next_[frame] = head_;
            head_ = frame;
        }
    }
    fill_holes(0, holes_end);
    listed_ = map.frames();
    count_all_free();
    return Status::Ok;
}

// Not inline: see bits.cpp.
[[gnu::noinline]] void FrameFreelist::fill_holes(uint32_t begin, uint32_t end) {
    for (uint32_t frame = begin; frame < end; ++frame) next_[frame] = hole;
}

Result<uint32_t> FrameFreelist::take(unsigned, Mobility) {
    if (head_ == end_of_list) return Status::NoMemory;
    const uint32_t index = head_;
    head_ = next_[index];
    next_[index] = allocated;
    --listed_;
    return index;
}

Status FrameFreelist::give(uint32_t index, unsigned) {
    if (next_[index] != allocated) return Status::NotFound;
    next_[index] = head_;
    head_ = index;
    ++listed_;
    return Status::Ok;
}

// Neighbours are not looked for: to this strategy every free frame is a block of its own.
FreeHistogram FrameFreelist::histogram() const {
    FreeHistogram result;
    result.blocks[0] = listed_;
    return result;
}

bool FrameFreelist::check() const {
    uint64_t marked = 0;
    for (uint64_t i = 0; i < map().span(); ++i)
        marked += next_[i] < hole || next_[i] == end_of_list;
    uint64_t listed = 0;
    for (uint32_t i = head_; i != end_of_list && listed <= map().span(); i = next_[i]) {
        if (i >= map().span() || next_[i] == allocated || next_[i] == hole) return false;
        ++listed;
    }
    return marked == listed_ && listed == listed_;
}

}  // namespace kernel
