// SPDX-License-Identifier: Apache-2.0
// BuddyBlocks: splitting and merging.
#include "kernel/memory/frames/buddy_blocks.hpp"

namespace kernel {

void BuddyBlocks::lay_out(Layout& layout, const FrameMap& map, uint32_t border) {
    span_ = map.span();
    border_ = border;
    free_ = 0;
    for (unsigned lists = 0; lists < 2; ++lists) {
        filled_[lists] = 0;
        for (List& list : lists_[lists]) list = {};
    }
    records_ = layout.array<Record>(span_);
    for (unsigned order = 0; order < max_order; ++order) {
        pairs_[order] = layout.array<uint64_t>(((span_ >> (order + 1)) + 63) / 64, 0U);
    }
    section_free_ = layout.array<uint16_t>(map.sections(), uint16_t{0});
    section_frames_ = layout.array<uint16_t>(map.sections(), uint16_t{0});
}

void BuddyBlocks::insert_all(const FrameMap& map, bool highest_first) {
    const auto insert = [this](uint32_t index, unsigned order) {
        section_frames_[index / FrameMap::section_frames] += static_cast<uint16_t>(1U << order);
        put_back(index, order);
    };
    // A list gives first what was put in last.
    if (highest_first) {
        map.for_each_block(max_order, insert);
    } else {
        map.for_each_block_down(max_order, insert);
    }
}

Result<uint32_t> BuddyBlocks::take(unsigned order, unsigned lists) {
    const uint32_t fitting = filled_[lists] >> order;
    if (fitting == 0) return Status::NoMemory;
    unsigned from = order + static_cast<unsigned>(__builtin_ctz(fitting));
    const uint32_t index = lists_[lists][from].head;
    remove(index, from);
    if (from < max_order) (void)flip_pair(index, from);
    while (from > order) {
        --from;
        push(index + (1U << from), from);
        (void)flip_pair(index, from);
    }
    records_[index].next = allocated | order;
    section_free_[index / FrameMap::section_frames] -= static_cast<uint16_t>(1U << order);
    free_ -= 1U << order;
    return index;
}

Status BuddyBlocks::give(uint32_t index, unsigned order) {
    if (records_[index].next != (allocated | order)) return Status::NotFound;
    put_back(index, order);
    return Status::Ok;
}

Status BuddyBlocks::divide(uint32_t index, unsigned order) {
    if (records_[index].next != (allocated | order)) return Status::NotFound;
    // No pair within an allocated block holds a free one, whatever the block's order.
    for (uint32_t i = index; i < index + (1U << order); ++i) records_[i].next = allocated;
    return Status::Ok;
}

void BuddyBlocks::put_back(uint32_t index, unsigned order) {
    section_free_[index / FrameMap::section_frames] += static_cast<uint16_t>(1U << order);
    free_ += 1U << order;
    records_[index].next = neither;
    // A pair's bit that falls says that both are free now.
    while (order < max_order && !flip_pair(index, order)) {
        remove(index ^ (1U << order), order);
        index &= ~(1U << order);
        ++order;
    }
    push(index, order);
}

void BuddyBlocks::raise_border() {
    move_section(border_, border_ + 1);
}

void BuddyBlocks::lower_border() {
    move_section(border_ - 1, border_ - 1);
}

// Takes the free blocks of a section off the lists it was on and puts them on those it is on then.
void BuddyBlocks::move_section(uint32_t section, uint32_t new_border) {
    const uint32_t begin = section * FrameMap::section_frames;
    uint32_t first = none;
    for (uint32_t i = begin; i < begin + FrameMap::section_frames; ++i) {
        if (!is_free_head(i)) continue;
        const unsigned order = order_of_free(i);
        remove(i, order);
        records_[i] = {neither, order << 28 | first};
        first = i;
        i += (1U << order) - 1;
    }
    border_ = new_border;
    while (first != none) {
        const uint32_t index = first;
        const unsigned order = order_of_free(index);
        first = records_[index].previous & none;
        push(index, order);
    }
}

void BuddyBlocks::push(uint32_t index, unsigned order) {
    const unsigned lists = lists_of(index);
    List& list = lists_[lists][order];
    records_[index] = {list.head, order << 28 | none};
    if (list.head != none) records_[list.head].previous = order << 28 | index;
    list.head = index;
    ++list.length;
    filled_[lists] |= 1U << order;
}

void BuddyBlocks::remove(uint32_t index, unsigned order) {
    const unsigned lists = lists_of(index);
    List& list = lists_[lists][order];
    Record& record = records_[index];
    const uint32_t previous = record.previous & none;
    if (previous == none) {
        list.head = record.next;
    } else {
        records_[previous].next = record.next;
    }
    if (record.next != none) records_[record.next].previous = record.previous;
    record.next = neither;
    if (--list.length == 0) filled_[lists] &= ~(1U << order);
}

bool BuddyBlocks::flip_pair(uint32_t index, unsigned order) {
    const uint32_t pair = index >> (order + 1);
    const uint64_t bit = uint64_t{1} << pair % 64;
    return ((pairs_[order][pair / 64] ^= bit) & bit) != 0;
}

uint64_t BuddyBlocks::free_frames(unsigned lists) const {
    uint64_t sum = 0;
    for (unsigned order = 0; order < order_count; ++order) {
        sum += lists_[lists][order].length << order;
    }
    return sum;
}

FreeHistogram BuddyBlocks::histogram() const {
    FreeHistogram result;
    for (unsigned order = 0; order < order_count; ++order) {
        result.blocks[order] = lists_[0][order].length + lists_[1][order].length;
    }
    return result;
}

bool BuddyBlocks::check() const {
    return histogram().frames() == free_ && check_lists() && check_pairs();
}

// Lists hold free heads of their order, linked both ways, as many as counted; every free head of
// the array is one of them; blocks do not overlap; sections count what is free in them.
bool BuddyBlocks::check_lists() const {
    for (unsigned lists = 0; lists < 2; ++lists) {
        for (unsigned order = 0; order < order_count; ++order) {
            const List& list = lists_[lists][order];
            uint64_t length = 0;
            uint32_t previous = none;
            for (uint32_t i = list.head; i != none; i = records_[i].next) {
                if (i >= span_ || !is_free_head(i) || lists_of(i) != lists) return false;
                if (records_[i].previous != (order << 28 | previous)) return false;
                if (i % (1U << order) != 0 || ++length > list.length) return false;
                previous = i;
            }
            if (length != list.length || ((filled_[lists] >> order & 1) != 0) != (length != 0)) {
                return false;
            }
        }
    }
    FreeHistogram heads;
    uint32_t covered = 0;  // frames below belong to a block seen already
    uint16_t free_here = 0;
    for (uint32_t i = 0; i < span_; ++i) {
        const bool is_free = is_free_head(i);
        const bool is_allocated = (records_[i].next & ~0xfU) == allocated;
        if ((is_free || is_allocated) && i < covered) return false;
        const unsigned order = is_free ? order_of_free(i) : records_[i].next & 0xf;
        if (is_free || is_allocated) covered = i + (1U << order);
        if (is_free) {
            ++heads.blocks[order];
            free_here = static_cast<uint16_t>(free_here + (1U << order));
        }
        if (i % FrameMap::section_frames != FrameMap::section_frames - 1) continue;
        if (free_here != section_free_[i / FrameMap::section_frames]) return false;
        free_here = 0;
    }
    const FreeHistogram listed = histogram();
    for (unsigned order = 0; order < order_count; ++order) {
        if (heads.blocks[order] != listed.blocks[order]) return false;
    }
    return true;
}

// A pair's bit is set exactly when one of the two is a free block of that order; never both are.
bool BuddyBlocks::check_pairs() const {
    for (unsigned order = 0; order < max_order; ++order) {
        const auto is_block = [this, order](uint32_t index) {
            return is_free_head(index) && order_of_free(index) == order;
        };
        for (uint32_t i = 0; i < span_; i += 2U << order) {
            const bool left = is_block(i);
            const bool right = is_block(i + (1U << order));
            const uint32_t pair = i >> (order + 1);
            const bool bit = (pairs_[order][pair / 64] >> pair % 64 & 1) != 0;
            if ((left && right) || bit != (left || right)) return false;
        }
    }
    return true;
}

}  // namespace kernel
