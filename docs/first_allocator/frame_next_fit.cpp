// SPDX-License-Identifier: Apache-2.0
// The tutorial's strategy.
#include "docs/first_allocator/frame_next_fit.hpp"

#include "kernel/memory/frames/layout.hpp"

namespace kernel {

Status FrameNextFit::initialise(const FrameMap& map, void* metadata) {
    if (map.frames() == 0) return Status::InvalidArgument;
    begin(map);
    Layout layout(metadata);
    states_ = layout.array<State>(map.span(), State::Hole);
    for (unsigned i = 0; i < map.run_count(); ++i) {
        const FrameMap::Run run = map.run(i);
        for (uint32_t frame = run.begin; frame < run.end; ++frame) states_[frame] = State::Free;
    }
    cursor_ = 0;
    free_ = map.frames();
    count_all_free();
    return Status::Ok;
}

Result<uint32_t> FrameNextFit::take(unsigned, Mobility) {
    if (free_ == 0) return Status::NoMemory;
    while (states_[cursor_] != State::Free) cursor_ = (cursor_ + 1) % map().span();
    const uint32_t index = cursor_;
    cursor_ = (cursor_ + 1) % map().span();
    states_[index] = State::Taken;
    --free_;
    return index;
}

Status FrameNextFit::give(uint32_t index, unsigned) {
    if (states_[index] != State::Taken) return Status::NotFound;
    states_[index] = State::Free;
    ++free_;
    return Status::Ok;
}

FreeHistogram FrameNextFit::histogram() const {
    FreeHistogram result;
    result.blocks[0] = free_;
    return result;
}

bool FrameNextFit::check() const {
    uint32_t free = 0;
    for (uint32_t i = 0; i < map().span(); ++i) free += states_[i] == State::Free ? 1 : 0;
    return free == free_ && cursor_ < map().span();
}

}  // namespace kernel
