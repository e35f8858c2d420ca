// SPDX-License-Identifier: Apache-2.0
// page_allocator=tree: requests, and the search for an area.
#include "kernel/memory/frames/frame_tree.hpp"

#include "hal/machine.hpp"
#include "kernel/base/panic.hpp"

namespace kernel {

uint64_t FrameTree::metadata_size(const FrameMap& map) {
    Layout layout(nullptr);
    FrameTree().lay_out(layout, map);
    return layout.used();
}

void FrameTree::lay_out(Layout& layout, const FrameMap& map) {
    map_ = map;
    taken_ = layout.array<std::atomic<uint64_t>>(map.span() / word_bits, ~uint64_t{0});
    sections_ = layout.array<Section>(map.sections(), 0U);
    owners_ = layout.array<std::atomic<uint32_t>>(tree_count(), 0U);
}

Status FrameTree::initialise(const FrameMap& map, void* metadata) {
    if (map.frames() == 0) return Status::InvalidArgument;
    Layout layout(metadata);
    lay_out(layout, map);
    for (Local& local : locals_) {
        local.area.store(none, std::memory_order_relaxed);
        local.tree.store(none, std::memory_order_relaxed);
    }
    map.for_each_block(huge_order - 1, [this](uint32_t index, unsigned order) {
        give_back(index / area_frames, clear(index, order));
    });
    return Status::Ok;
}

Result<PhysicalAddress> FrameTree::allocate(const FrameRequest& request) {
    if (request.order > max_order) return Status::Unsupported;
    const unsigned cpu = request.cpu % hal::max_cpus;
    if (request.order < huge_order) {
        const uint32_t area = locals_[cpu].area.load(std::memory_order_relaxed);
        if (area != none) {
            const uint32_t index = take_in_area(area, request.order);
            if (index != none) return map_.address_of(index);
        }
    }
    uint32_t index = take_anywhere(request.order, cpu);
    // A frame that was free all the time may have been missed: one freed behind the search.
    constexpr unsigned patience = 16;
    for (unsigned i = 0; i < patience && index == none && request.order == 0; ++i) {
        if (free_frames() == 0) break;
        hal::Machine::relax();
        index = take_anywhere(request.order, cpu);
    }
    if (index == none) return Status::NoMemory;
    return map_.address_of(index);
}

Status FrameTree::free(PhysicalAddress block, unsigned order, unsigned) {
    const uint32_t index = TRY(map_.block_of(block, order));
    const uint32_t area = index / area_frames;
    if (order == huge_order) {
        return change_entry(area, given_huge, area_frames) ? Status::Ok : Status::NotFound;
    }
    if (order > huge_order) {
        uint32_t word = two_halves;
        const bool given = sections_[area / 2].compare_exchange_strong(
            word, two_whole, std::memory_order_release, std::memory_order_relaxed);
        return given ? Status::Ok : Status::NotFound;
    }
    const unsigned cleared = clear(index, order);
    if (cleared != 0) give_back(area, cleared);
    return cleared == 1U << order ? Status::Ok : Status::NotFound;
}

// Small blocks are frames already: orders are not remembered. A large one gets its bits first; with
// the mark, nobody else splits or frees it meanwhile.
Status FrameTree::split(PhysicalAddress block, unsigned order, unsigned) {
    if (order == 0) return Status::InvalidArgument;
    const uint32_t index = TRY(map_.block_of(block, order));
    const uint32_t area = index / area_frames;
    if (order < huge_order) return taken(index, order) ? Status::Ok : Status::NotFound;
    if (order == huge_order) {
        if (!change_entry(area, given_huge, dividing)) return Status::NotFound;
        fill(area);
        KERNEL_ASSERT(change_entry(area, dividing, 0));
        return Status::Ok;
    }
    uint32_t word = two_halves;
    if (!sections_[area / 2].compare_exchange_strong(word, two_dividing, std::memory_order_acquire,
                                                     std::memory_order_relaxed)) {
        return Status::NotFound;
    }
    fill(area);
    fill(area + 1);
    sections_[area / 2].store(0, std::memory_order_release);
    return Status::Ok;
}

unsigned FrameTree::allocate_bulk(PhysicalAddress* frames, unsigned count, Mobility mobility,
                                  unsigned cpu) {
    const Local& local = locals_[cpu % hal::max_cpus];
    unsigned found = 0;
    while (found < count) {
        const uint32_t area = local.area.load(std::memory_order_relaxed);
        const unsigned claimed = area == none ? 0 : claim(area, 1, count - found);
        if (claimed != 0) {
            take_many(area, frames + found, claimed);
            found += claimed;
            continue;
        }
        // Finds another area by the way.
        const Result<PhysicalAddress> frame = allocate({0, mobility, cpu});
        if (!frame.ok()) break;
        frames[found++] = frame.value();
    }
    return found;
}

unsigned FrameTree::free_bulk(const PhysicalAddress* frames, unsigned count, unsigned) {
    uint32_t area = none;
    unsigned cleared = 0;  // in `area`, and not counted yet
    unsigned freed = 0;
    for (; freed < count; ++freed) {
        const Result<uint32_t> index = map_.index_of(frames[freed]);
        if (!index.ok()) break;
        if (index.value() / area_frames != area) {
            if (cleared != 0) give_back(area, cleared);
            area = index.value() / area_frames;
            cleared = 0;
        }
        if (clear(index.value(), 0) == 0) break;
        ++cleared;
    }
    if (cleared != 0) give_back(area, cleared);
    return freed;
}

// The CPU's own tree, then a tree nobody has reserved, those in which something is taken first;
// then, together with whoever has reserved it, any other.
uint32_t FrameTree::take_anywhere(unsigned order, unsigned cpu) {
    Local& local = locals_[cpu];
    const uint32_t own = local.tree.load(std::memory_order_relaxed);
    uint32_t index = none;
    if (own != none) index = take_in_tree(own, order, local);
    if (index == none) index = take_in_new_tree(order, cpu, Fill::Partial);
    if (index == none) index = take_in_new_tree(order, cpu, Fill::Whole);
    for (uint32_t tree = 0; tree < tree_count() && index == none; ++tree) {
        index = take_in_tree(tree, order, local);
    }
    return index;
}

uint32_t FrameTree::take_in_new_tree(unsigned order, unsigned cpu, Fill fill) {
    Local& local = locals_[cpu];
    const uint32_t old = local.tree.load(std::memory_order_relaxed);
    for (uint32_t tree = 0; tree < tree_count(); ++tree) {
        if (tree == old || !has_fill(tree, fill)) continue;
        uint32_t owner = 0;
        // A reservation keeps CPUs apart and protects nothing: no order of memory hangs on it.
        if (!owners_[tree].compare_exchange_strong(owner, cpu + 1, std::memory_order_relaxed)) {
            continue;
        }
        const uint32_t index = take_in_tree(tree, order, local);
        // Large blocks leave a CPU where it is.
        const bool keep = index != none && order < huge_order;
        if (keep) local.tree.store(tree, std::memory_order_relaxed);
        const uint32_t released = keep ? old : tree;
        if (released != none) owners_[released].store(0, std::memory_order_relaxed);
        if (index != none) return index;
    }
    return none;
}

// Whether a tree has free frames, and some or none of its areas' frames are taken.
bool FrameTree::has_fill(uint32_t tree, Fill fill) const {
    uint32_t free = 0;
    for (uint32_t section = tree * tree_sections; section < sections_end(tree); ++section) {
        free += frames_in(entry(2 * section)) + frames_in(entry(2 * section + 1));
    }
    if (free == 0) return false;
    return (free == tree_areas * area_frames) == (fill == Fill::Whole);
}

uint32_t FrameTree::take_in_tree(uint32_t tree, unsigned order, Local& local) {
    if (order > huge_order) return take_two(tree);
    if (order == huge_order) return take_huge(tree);
    return take_small(tree, order, local);
}

// Areas of which something is taken come first, so that whole ones last.
uint32_t FrameTree::take_small(uint32_t tree, unsigned order, Local& local) {
    for (const Fill fill : {Fill::Partial, Fill::Whole}) {
        for (uint32_t area = tree * tree_areas; area < 2 * sections_end(tree); ++area) {
            const uint32_t free = frames_in(entry(area));
            if (free < 1U << order || (free == area_frames) != (fill == Fill::Whole)) continue;
            const uint32_t index = take_in_area(area, order);
            if (index == none) continue;
            local.area.store(area, std::memory_order_relaxed);
            return index;
        }
    }
    return none;
}

// The other half of a section that is in use already comes first.
uint32_t FrameTree::take_huge(uint32_t tree) {
    for (const bool alone : {true, false}) {
        for (uint32_t area = tree * tree_areas; area < 2 * sections_end(tree); ++area) {
            if (entry(area) != area_frames) continue;
            if (alone && entry(area ^ 1) == area_frames) continue;
            if (change_entry(area, area_frames, given_huge)) return area * area_frames;
        }
    }
    return none;
}

uint32_t FrameTree::take_two(uint32_t tree) {
    for (uint32_t section = tree * tree_sections; section < sections_end(tree); ++section) {
        uint32_t word = two_whole;
        if (sections_[section].compare_exchange_strong(word, two_halves, std::memory_order_acquire,
                                                       std::memory_order_relaxed)) {
            return section * FrameMap::section_frames;
        }
    }
    return none;
}

uint32_t FrameTree::take_in_area(uint32_t area, unsigned order) {
    const unsigned frames = 1U << order;
    if (claim(area, frames, frames) == 0) return none;
    unsigned frame = 0;
    if (order == 0) {
        frame = take_frame(area);
    } else {
        frame = order <= word_order ? take_run(area, order) : take_words(area, order);
    }
    if (frame != area_frames) return area * area_frames + frame;
    give_back(area, frames);
    return none;
}

uint64_t FrameTree::free_frames() const {
    uint64_t sum = 0;
    for (uint32_t area = 0; area < area_count(); ++area) sum += frames_in(entry(area));
    return sum;
}

FreeHistogram FrameTree::free_histogram() const {
    FreeHistogram result;
    for (uint32_t area = 0; area < area_count(); ++area) {
        const uint32_t free = frames_in(entry(area));
        if (free == area_frames) {
            const bool pair = entry(area ^ 1) == area_frames;
            if (!pair) ++result.blocks[huge_order];
            if (pair && area % 2 == 0) ++result.blocks[max_order];
        } else if (free != 0) {
            uint64_t words[area_words];
            for (unsigned i = 0; i < area_words; ++i) {
                words[i] = words_of(area)[i].load(std::memory_order_relaxed);
            }
            count_free_blocks(words, result);
        }
    }
    return result;
}

bool FrameTree::consistent() const {
    for (uint32_t area = 0; area < area_count(); ++area) {
        unsigned zeroes = 0;
        for (unsigned i = 0; i < area_words; ++i) {
            zeroes += word_bits - count_bits(words_of(area)[i].load(std::memory_order_relaxed));
        }
        const uint32_t now = entry(area);
        if (now == given_half && entry(area ^ 1) != given_half) return false;
        // The field of an area given as a whole stays clear.
        const bool given = now == given_huge || now == given_half;
        if (zeroes != (given ? area_frames : now)) return false;
    }
    for (uint32_t tree = 0; tree < tree_count(); ++tree) {
        if (owners_[tree].load(std::memory_order_relaxed) > hal::max_cpus) return false;
    }
    return true;
}

}  // namespace kernel
