// SPDX-License-Identifier: Apache-2.0
// page_allocator=bitset: a flat bitset of frames, and hierarchical bitmaps of 2 MiB areas.
#include "kernel/memory/frames/frame_bitset.hpp"

namespace kernel {
namespace {

// Whether all bits [begin, begin + 2^order) are equal to `value`. Blocks of a word and more start
// at a word.
bool all_equal(const uint64_t* words, uint32_t begin, unsigned order, bool value) {
    if (order < word_order) {
        const uint64_t bits = words[begin / word_bits] >> begin % word_bits & block_mask(order);
        return bits == (value ? block_mask(order) : 0);
    }
    for (uint32_t i = begin / word_bits; i < (begin + (1U << order)) / word_bits; ++i) {
        if (words[i] != (value ? ~uint64_t{0} : 0)) return false;
    }
    return true;
}

bool test(const uint64_t* words, uint32_t bit) {
    return (words[bit / word_bits] >> bit % word_bits & 1) != 0;
}

}  // namespace

uint64_t FrameBitset::metadata_size(const FrameMap& map) {
    Layout layout(nullptr);
    FrameBitset().lay_out(layout, map);
    return layout.used();
}

void FrameBitset::lay_out(Layout& layout, const FrameMap& map) {
    const uint32_t areas = map.span() / area_frames;
    taken_ = layout.array<uint64_t>(map.span() / word_bits, ~uint64_t{0});
    begins_ = layout.array<uint64_t>(map.span() / word_bits, ~uint64_t{0});
    free_ = layout.array<uint16_t>(areas, uint16_t{0});
    whole_.lay_out(layout, areas);
    partial_.lay_out(layout, areas);
}

Status FrameBitset::initialise(const FrameMap& map, void* metadata) {
    if (map.frames() == 0) return Status::InvalidArgument;
    begin(map);
    Layout layout(metadata);
    lay_out(layout, map);
    map.for_each_block(max_order,
                       [this](uint32_t index, unsigned order) { mark(index, order, false); });
    count_all_free();
    return Status::Ok;
}

Result<uint32_t> FrameBitset::take(unsigned order, Mobility) {
    const uint32_t index = TRY(find(order));
    mark(index, order, true);
    return index;
}

Result<uint32_t> FrameBitset::find(unsigned order) const {
    uint32_t area = LevelBitmap::none;
    if (order > huge_order) {
        area = whole_.first_pair();
    } else {
        if (order < huge_order) area = partial_.first();
        for (; area != LevelBitmap::none; area = partial_.after(area)) {
            if (free_[area] < 1U << order) continue;
            const unsigned frame = find_zero_run(words_of(area), order);
            if (frame != area_frames) return area * area_frames + frame;
        }
        area = whole_.first();
    }
    if (area == LevelBitmap::none) return Status::NoMemory;
    return area * area_frames;
}

Status FrameBitset::give(uint32_t index, unsigned order) {
    if (!is_block(index, order)) return Status::NotFound;
    mark(index, order, false);
    return Status::Ok;
}

Status FrameBitset::divide(uint32_t index, unsigned order) {
    if (!is_block(index, order)) return Status::NotFound;
    if (order < word_order) {
        begins_[index / word_bits] |= block_mask(order) << index % word_bits;
        return Status::Ok;
    }
    for (uint32_t i = index / word_bits; i < (index + (1U << order)) / word_bits; ++i) {
        begins_[i] = ~uint64_t{0};
    }
    return Status::Ok;
}

// All frames taken, one beginning at the start, and what follows is not a part of it.
bool FrameBitset::is_block(uint32_t index, unsigned order) const {
    if (!all_equal(taken_, index, order, true) || !test(begins_, index)) return false;
    for (uint32_t i = 0; i < order; ++i) {
        // The other halves, from the smallest to the largest.
        if (!all_equal(begins_, index + (1U << i), i, false)) return false;
    }
    const uint32_t next = index + (1U << order);
    if (next % FrameMap::section_frames == 0) return true;
    return !test(taken_, next) || test(begins_, next);
}

void FrameBitset::mark(uint32_t index, unsigned order, bool taken) {
    if (order < word_order) {
        const uint64_t mask = block_mask(order) << index % word_bits;
        uint64_t& word = taken_[index / word_bits];
        word = taken ? word | mask : word & ~mask;
        begins_[index / word_bits] &= ~mask;
    } else {
        for (uint32_t i = index / word_bits; i < (index + (1U << order)) / word_bits; ++i) {
            taken_[i] = taken ? ~uint64_t{0} : 0;
            begins_[i] = 0;
        }
    }
    if (taken) begins_[index / word_bits] |= uint64_t{1} << index % word_bits;

    const unsigned frames = order > huge_order ? area_frames : 1U << order;
    for (uint32_t area = index / area_frames; area * area_frames < index + (1U << order); ++area) {
        free_[area] = static_cast<uint16_t>(taken ? free_[area] - frames : free_[area] + frames);
        sort_area(area);
    }
}

void FrameBitset::sort_area(uint32_t area) {
    if (free_[area] == area_frames) {
        whole_.set(area);
        partial_.clear(area);
    } else {
        whole_.clear(area);
        if (free_[area] != 0) partial_.set(area);
        if (free_[area] == 0) partial_.clear(area);
    }
}

FreeHistogram FrameBitset::histogram() const {
    FreeHistogram result;
    for (uint32_t area = partial_.first(); area != LevelBitmap::none; area = partial_.after(area)) {
        count_free_blocks(words_of(area), result);
    }
    result.blocks[max_order] = whole_.pair_count();
    result.blocks[huge_order] = whole_.count() - 2 * whole_.pair_count();
    return result;
}

bool FrameBitset::check() const {
    if (!whole_.check() || !partial_.check()) return false;
    for (uint32_t area = 0; area < map().span() / area_frames; ++area) {
        unsigned taken = 0;
        for (unsigned i = 0; i < area_words; ++i) {
            taken += count_bits(words_of(area)[i]);
            // No block begins where nothing is taken.
            if ((begins_[area * area_words + i] & ~words_of(area)[i]) != 0) return false;
        }
        if (area_frames - taken != free_[area]) return false;
        const bool is_partial = free_[area] != 0 && free_[area] != area_frames;
        if (partial_.test(area) != is_partial) return false;
        if (whole_.test(area) != (free_[area] == area_frames)) return false;
    }
    return true;
}

}  // namespace kernel
