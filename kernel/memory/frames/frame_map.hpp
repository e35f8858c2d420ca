// SPDX-License-Identifier: Apache-2.0
// FrameMap: numbers for the frames of a node, dense enough to index tables by them.
//
// Memory is cut into sections of 4 MiB, aligned to their size. Those that hold any frame are
// numbered in the order of addresses, so that an aligned block has an aligned number, and blocks
// never cross a section. Numbers of frames that do not exist are holes: a section of which only
// some frames belong to the node has them.
#pragma once

#include "kernel/memory/frames/frame_strategy.hpp"

namespace kernel {

class FrameMap final {
  public:
    static constexpr unsigned max_ranges = 16;
    static constexpr uint32_t section_frames = 1U << max_order;
    // Numbers fit into 28 bits: at most 1 TiB in a node.
    static constexpr uint64_t max_span = uint64_t{1} << 28;

    // Frames by number, [begin, end).
    struct Run {
        uint32_t begin = 0;
        uint32_t end = 0;
    };

    // `ranges` in any order. InvalidArgument for none, too many, empty, misaligned or overlapping
    // ones, and for more memory than can be numbered.
    [[nodiscard]] Status initialise(const FrameRange* ranges, unsigned count);

    // All numbers are below span(), a multiple of section_frames.
    [[nodiscard]] uint32_t span() const { return span_; }
    [[nodiscard]] uint32_t sections() const { return span_ / section_frames; }
    [[nodiscard]] uint32_t frames() const { return frames_; }

    [[nodiscard]] unsigned run_count() const { return count_; }
    [[nodiscard]] Run run(unsigned i) const {
        return {first_[i], first_[i] + static_cast<uint32_t>(ranges_[i].frames())};
    }

    // Calls visit(index, order) for the largest aligned blocks, at most of order `largest`, that
    // memory can be cut into, from the lowest to the highest.
    template <class Visit>
    void for_each_block(unsigned largest, Visit visit) const {
        for (unsigned i = 0; i < count_; ++i) {
            unsigned order = 0;
            for (uint32_t at = run(i).begin; at < run(i).end; at += 1U << order) {
                order = largest;
                while (at % (1U << order) != 0 || run(i).end - at < 1U << order) --order;
                visit(at, order);
            }
        }
    }
    // The same from the highest to the lowest.
    template <class Visit>
    void for_each_block_down(unsigned largest, Visit visit) const {
        for (unsigned i = count_; i-- > 0;) {
            unsigned order = 0;
            for (uint32_t end = run(i).end; end > run(i).begin; end -= 1U << order) {
                order = largest;
                while (end % (1U << order) != 0 || end - run(i).begin < 1U << order) --order;
                visit(end - (1U << order), order);
            }
        }
    }

    // InvalidArgument for a misaligned address and for one that is no frame of the node.
    [[nodiscard]] Result<uint32_t> index_of(PhysicalAddress frame) const {
        if (frame % hal::page_size != 0) return Status::InvalidArgument;
        for (unsigned i = 0; i < count_; ++i) {
            if (frame >= ranges_[i].begin && frame < ranges_[i].end) {
                return first_[i] +
                       static_cast<uint32_t>((frame - ranges_[i].begin) / hal::page_size);
            }
        }
        return Status::InvalidArgument;
    }
    // The number of a block's first frame. InvalidArgument also for a misaligned block and one that
    // does not lie in the node altogether.
    [[nodiscard]] Result<uint32_t> block_of(PhysicalAddress block, unsigned order) const {
        if (order > max_order) return Status::InvalidArgument;
        const uint32_t index = TRY(index_of(block));
        if (index % (1U << order) != 0) return Status::InvalidArgument;
        // A range ends where memory does, so a block lies in one.
        return run_end(index) - index >= 1U << order ? Result<uint32_t>(index)
                                                     : Status::InvalidArgument;
    }
    // Precondition: `index` is no hole.
    [[nodiscard]] PhysicalAddress address_of(uint32_t index) const {
        unsigned i = count_ - 1;
        while (first_[i] > index) --i;
        return ranges_[i].begin + uint64_t{index - first_[i]} * hal::page_size;
    }

  private:
    [[nodiscard]] bool sort(const FrameRange* ranges, unsigned count);
    [[nodiscard]] unsigned join(unsigned count);
    // Where the range of a frame that exists ends.
    [[nodiscard]] uint32_t run_end(uint32_t index) const {
        unsigned i = count_ - 1;
        while (first_[i] > index) --i;
        return run(i).end;
    }

    FrameRange ranges_[max_ranges] = {};  // by address, no two adjacent
    uint32_t first_[max_ranges] = {};     // number of each range's first frame
    unsigned count_ = 0;
    uint32_t span_ = 0;
    uint32_t frames_ = 0;
};

}  // namespace kernel
