// SPDX-License-Identifier: Apache-2.0
// page_allocator=tree: lock-free, after LLFree (Wrenger, Rommel, Halbuer, Dietrich and Lohmann,
// "LLFree: Scalable and Optionally-Persistent Page-Frame Allocation", USENIX ATC 2023).
//
// Lower level: an area of 2 MiB has a field of 512 bits, one a frame, and a counter of its free
// frames, or a mark that it was given as a whole. Upper level: a tree is 32 areas, whose counters
// fill one cache line. Each CPU reserves a tree and allocates in it, so that CPUs write to
// different lines; frees go where the frame lies. Order 0 to 8 first claim frames by the counter,
// then take a run of bits; 2 MiB change the counter only; 4 MiB change two counters, which share a
// word, at once.
//
// It deviates from LLFree in the upper level: a tree's free frames are summed up from its areas
// when a CPU looks for a tree, and are kept neither in the tree nor in the CPU. That spares each
// allocation and each free one of three atomic operations, and a CPU in search reads a line a tree.
//
// Invariant: the zero bits of a field are at least its counter plus what was claimed and not taken
// yet. A claim comes before its bits, a cleared bit before it is counted.
//
// Bounds: a frame from the CPU's last area takes two atomic operations, a search at most a look at
// every counter. An order above 0 may find no run in areas that were counted for it, and while
// other CPUs search as well it may miss one that is there. Orders are not remembered. Metadata:
// one bit a frame, 2 bytes an area, 4 bytes a tree.
#pragma once

#include <atomic>

#include "kernel/memory/frames/bits.hpp"
#include "kernel/memory/frames/frame_map.hpp"
#include "kernel/memory/frames/layout.hpp"

namespace kernel {

class FrameTree final : public FrameStrategy {
  public:
    [[nodiscard]] static uint64_t metadata_size(const FrameMap& map);
    // All frames are free. Precondition: `metadata` has metadata_size() bytes, aligned to 64.
    [[nodiscard]] Status initialise(const FrameMap& map, void* metadata);

    [[nodiscard]] Result<PhysicalAddress> allocate(const FrameRequest& request) override;
    [[nodiscard]] Status free(PhysicalAddress block, unsigned order, unsigned cpu) override;
    [[nodiscard]] Status split(PhysicalAddress block, unsigned order, unsigned cpu) override;
    [[nodiscard]] unsigned allocate_bulk(PhysicalAddress* frames, unsigned count, Mobility mobility,
                                         unsigned cpu) override;
    [[nodiscard]] unsigned free_bulk(const PhysicalAddress* frames, unsigned count,
                                     unsigned cpu) override;
    [[nodiscard]] uint64_t free_frames() const override;
    [[nodiscard]] FreeHistogram free_histogram() const override;
    [[nodiscard]] uint64_t total_frames() const override { return map_.frames(); }
    [[nodiscard]] uint64_t metadata_bytes() const override { return metadata_size(map_); }
    [[nodiscard]] bool remembers_orders() const override { return false; }
    [[nodiscard]] bool consistent() const override;
    [[nodiscard]] const char* name() const override { return "tree"; }

  private:
    static constexpr uint32_t none = UINT32_MAX;
    static constexpr unsigned tree_sections = 16;
    static constexpr unsigned tree_areas = 2 * tree_sections;

    // An area's entry: its free frames, or how it was given. A section of 4 MiB is a word with the
    // entry of its first area in the lower half.
    using Section = std::atomic<uint32_t>;
    static constexpr uint32_t given_huge = 0x8000;  // as 2 MiB
    static constexpr uint32_t given_half = 0x4000;  // as a half of 4 MiB
    static constexpr uint32_t dividing = 0x2000;    // split() is at it
    static constexpr uint32_t two_whole = area_frames | area_frames << 16;
    static constexpr uint32_t two_halves = given_half | given_half << 16;
    static constexpr uint32_t two_dividing = dividing | dividing << 16;

    // Where a CPU allocates. Others never look at it, so plain loads and stores are enough.
    struct alignas(64) Local {
        std::atomic<uint32_t> area{none};  // where it last found something
        std::atomic<uint32_t> tree{none};  // which it has reserved
    };
    enum class Fill { Partial, Whole };  // of areas and trees: whether anything is taken

    void lay_out(Layout& layout, const FrameMap& map);
    [[nodiscard]] uint32_t area_count() const { return map_.span() / area_frames; }
    [[nodiscard]] uint32_t tree_count() const {
        return (map_.sections() + tree_sections - 1) / tree_sections;
    }
    [[nodiscard]] uint32_t sections_end(uint32_t tree) const {
        const uint32_t end = (tree + 1) * tree_sections;
        return end < map_.sections() ? end : map_.sections();
    }
    [[nodiscard]] std::atomic<uint64_t>* words_of(uint32_t area) const {
        return taken_ + area * area_words;
    }
    static unsigned shift_of(uint32_t area) { return area % 2 * 16; }
    [[nodiscard]] uint32_t entry(uint32_t area) const {
        return sections_[area / 2].load(std::memory_order_relaxed) >> shift_of(area) & 0xffff;
    }
    static uint32_t frames_in(uint32_t entry) { return entry <= area_frames ? entry : 0; }

    // Counters.
    [[nodiscard]] unsigned claim(uint32_t area, unsigned least, unsigned most);
    void give_back(uint32_t area, unsigned frames);
    [[nodiscard]] bool change_entry(uint32_t area, uint32_t from, uint32_t to);

    // Fields.
    [[nodiscard]] unsigned take_frame(uint32_t area);
    [[nodiscard]] unsigned take_run(uint32_t area, unsigned order);
    [[nodiscard]] unsigned take_words(uint32_t area, unsigned order);
    void take_many(uint32_t area, PhysicalAddress* frames, unsigned count);
    [[nodiscard]] unsigned clear(uint32_t index, unsigned order);
    [[nodiscard]] bool taken(uint32_t index, unsigned order) const;
    void fill(uint32_t area);

    // Search: frame numbers, `none` when nothing was found. Not inline: see bits.cpp.
    [[nodiscard]] uint32_t take_in_area(uint32_t area, unsigned order);
    [[nodiscard, gnu::noinline]] uint32_t take_in_tree(uint32_t tree, unsigned order, Local& local);
    [[nodiscard, gnu::noinline]] uint32_t take_small(uint32_t tree, unsigned order, Local& local);
    [[nodiscard, gnu::noinline]] uint32_t take_huge(uint32_t tree);
    [[nodiscard, gnu::noinline]] uint32_t take_two(uint32_t tree);
    [[nodiscard]] uint32_t take_anywhere(unsigned order, unsigned cpu);
    [[nodiscard, gnu::noinline]] uint32_t take_in_new_tree(unsigned order, unsigned cpu, Fill fill);
    [[nodiscard, gnu::noinline]] bool has_fill(uint32_t tree, Fill fill) const;

    FrameMap map_;
    std::atomic<uint64_t>* taken_ = nullptr;  // a bit a frame; holes are taken for ever
    Section* sections_ = nullptr;
    std::atomic<uint32_t>* owners_ = nullptr;  // of trees: index of the CPU plus one, 0 for none
    Local locals_[hal::max_cpus];
};

}  // namespace kernel
