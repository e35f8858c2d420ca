// SPDX-License-Identifier: Apache-2.0
// page_allocator=hybrid: a buddy, areas of single frames, and a reserve of 2 MiB areas.
#include "kernel/memory/frames/frame_hybrid.hpp"

#include "kernel/base/panic.hpp"

namespace kernel {

uint64_t FrameHybrid::metadata_size(const FrameMap& map) {
    Layout layout(nullptr);
    FrameHybrid().lay_out(layout, map);
    return layout.used();
}

void FrameHybrid::lay_out(Layout& layout, const FrameMap& map) {
    const uint32_t areas = map.span() / area_frames;
    buddy_.lay_out(layout, map);
    use_ = layout.array<Use>(areas, Use::General);
    taken_ = layout.array<uint64_t>(map.span() / word_bits, uint64_t{0});
    free_ = layout.array<uint16_t>(areas, uint16_t{0});
    partial_.lay_out(layout, areas);
    reserve_.lay_out(layout, areas);
}

Status FrameHybrid::initialise(const FrameMap& map, void* metadata) {
    if (map.frames() == 0) return Status::InvalidArgument;
    begin(map);
    Layout layout(metadata);
    lay_out(layout, map);
    buddy_.insert_all(map);
    target_ = 0;
    most_ = map.frames() / area_frames / 8;
    if (most_ < least_target) most_ = least_target;
    count_all_free();
    return Status::Ok;
}

Result<uint32_t> FrameHybrid::take(unsigned order, Mobility) {
    if (order == 0) return take_frame();
    if (order == huge_order) return take_huge();
    return take_general(order);
}

Status FrameHybrid::give(uint32_t index, unsigned order) {
    const uint32_t area = index / area_frames;
    if (order == huge_order) {
        if (use_[area] != Use::Huge) return Status::NotFound;
        release_area(area);
        return Status::Ok;
    }
    if (order == 0 && use_[area] == Use::Frames) return give_frame(index);
    if (use_[area] != Use::General) return Status::NotFound;
    return buddy_.give(index, order);
}

// An area given as a whole becomes one of single frames, all of them taken.
Status FrameHybrid::divide(uint32_t index, unsigned order) {
    const uint32_t area = index / area_frames;
    if (order != huge_order) {
        return use_[area] == Use::General ? buddy_.divide(index, order) : Status::NotFound;
    }
    if (use_[area] != Use::Huge) return Status::NotFound;
    use_[area] = Use::Frames;
    free_[area] = 0;
    for (unsigned i = 0; i < area_words; ++i) words_of(area)[i] = ~uint64_t{0};
    return Status::Ok;
}

Result<uint32_t> FrameHybrid::take_frame() {
    if (partial_.count() == 0 && !open_area()) return take_general(0);
    const uint32_t area = partial_.first();
    const unsigned frame = find_zero_run(words_of(area), 0);
    words_of(area)[frame / word_bits] |= uint64_t{1} << frame % word_bits;
    if (--free_[area] == 0) partial_.clear(area);
    return area * area_frames + frame;
}

Status FrameHybrid::give_frame(uint32_t index) {
    const uint32_t area = index / area_frames;
    uint64_t& word = words_of(area)[index % area_frames / word_bits];
    const uint64_t bit = uint64_t{1} << index % word_bits;
    if ((word & bit) == 0) return Status::NotFound;
    word &= ~bit;
    partial_.set(area);
    if (++free_[area] == area_frames) {
        partial_.clear(area);
        release_area(area);
    }
    return Status::Ok;
}

// A new area of single frames, from the buddy or else from the reserve.
bool FrameHybrid::open_area() {
    const Result<uint32_t> index = take_general(huge_order);
    if (!index.ok()) return false;
    const uint32_t area = index.value() / area_frames;
    use_[area] = Use::Frames;
    free_[area] = area_frames;
    for (unsigned i = 0; i < area_words; ++i) words_of(area)[i] = 0;
    partial_.set(area);
    return true;
}

Result<uint32_t> FrameHybrid::take_huge() {
    if (reserve_.count() == 0) grow_reserve();
    const uint32_t area = reserve_.first();
    if (area == LevelBitmap::none) return Status::NoMemory;
    reserve_.clear(area);
    use_[area] = Use::Huge;
    return area * area_frames;
}

Result<uint32_t> FrameHybrid::take_general(unsigned order) {
    Result<uint32_t> block = buddy_.take(order);
    while (!block.ok() && shrink_reserve()) block = buddy_.take(order);
    return block;
}

// Where an area goes that is free again.
void FrameHybrid::release_area(uint32_t area) {
    if (reserve_.count() < target_) {
        use_[area] = Use::Reserve;
        reserve_.set(area);
    } else {
        use_[area] = Use::General;
        KERNEL_ASSERT(buddy_.give(area * area_frames, huge_order) == Status::Ok);
    }
}

void FrameHybrid::grow_reserve() {
    target_ = target_ * 2 < least_target ? least_target : target_ * 2;
    if (target_ > most_) target_ = most_;
    while (reserve_.count() < target_) {
        const Result<uint32_t> index = buddy_.take(huge_order);
        if (!index.ok()) return;
        use_[index.value() / area_frames] = Use::Reserve;
        reserve_.set(index.value() / area_frames);
    }
}

// Somebody else is in need: at least one area goes back to the buddy. False when there is none.
bool FrameHybrid::shrink_reserve() {
    if (reserve_.count() == 0) return false;
    target_ /= 2;
    do {
        const uint32_t area = reserve_.first();
        reserve_.clear(area);
        use_[area] = Use::General;
        KERNEL_ASSERT(buddy_.give(area * area_frames, huge_order) == Status::Ok);
    } while (reserve_.count() > target_);
    return true;
}

FreeHistogram FrameHybrid::histogram() const {
    FreeHistogram result = buddy_.histogram();
    result.blocks[huge_order] += reserve_.count();
    for (uint32_t area = partial_.first(); area != LevelBitmap::none; area = partial_.after(area)) {
        count_free_blocks(words_of(area), result);
    }
    return result;
}

bool FrameHybrid::check() const {
    if (!buddy_.check() || !partial_.check() || !reserve_.check()) return false;
    for (uint32_t area = 0; area < map().span() / area_frames; ++area) {
        if (reserve_.test(area) != (use_[area] == Use::Reserve)) return false;
        if (use_[area] != Use::Frames) {
            if (partial_.test(area)) return false;
            continue;
        }
        unsigned taken = 0;
        for (unsigned i = 0; i < area_words; ++i) taken += count_bits(words_of(area)[i]);
        if (area_frames - taken != free_[area]) return false;
        if (partial_.test(area) != (free_[area] != 0)) return false;
        if (taken == 0) return false;  // an area that is free goes back
    }
    return true;
}

}  // namespace kernel
