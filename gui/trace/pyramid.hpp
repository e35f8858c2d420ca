// SPDX-License-Identifier: Apache-2.0
// Pyramid: summaries of blocks of 16, 64, 256, 1024 and 4096 rows of a lane, the level-of-detail
// index. A chunk of rows gets its summaries when it is complete. A range of rows is then a few
// blocks, with fewer than 16 rows at each side; only what is not complete yet is gone through row
// by row, at most one chunk of a lane.
//
// Perfetto's trace processor keeps a segment tree over all rows for the same purpose
// (src/trace_processor/containers/implicit_segment_forest.h); here it ends at the chunk, so that a
// chunk can go with all that belongs to it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "gui/trace/column.hpp"

namespace inspector {

template <typename Summary>
class Pyramid final {
  public:
    static constexpr unsigned levels = 5;
    static constexpr uint64_t leaf_rows = 16;
    static constexpr uint64_t fan_out = 4;
    static_assert(leaf_rows << (2 * (levels - 1)) == chunk_rows);

    static constexpr uint64_t block_rows(unsigned level) { return leaf_rows << (2 * level); }

    // Rows before this one have summaries.
    [[nodiscard]] uint64_t end() const { return (first_chunk_ + chunks_.size()) << chunk_shift; }
    [[nodiscard]] size_t bytes() const { return chunks_.size() * sizeof(Chunk); }

    // Makes the summaries of the chunk that follows: leaf(first row) tells of 16 rows, join(four
    // summaries) of the block they make.
    // Precondition: chunks before `chunk` have been made or will never be asked for.
    template <typename Leaf, typename Join>
    void complete(uint64_t chunk, const Leaf& leaf, const Join& join) {
        if (chunks_.empty()) first_chunk_ = chunk;
        auto made = std::make_unique<Chunk>();
        uint64_t count = chunk_rows / leaf_rows;
        for (uint64_t i = 0; i < count; ++i) {
            (*made)[i] = leaf((chunk << chunk_shift) + i * leaf_rows);
        }
        uint64_t below = 0;
        for (unsigned level = 1; level < levels; ++level) {
            const uint64_t here = below + count;
            count /= fan_out;
            for (uint64_t i = 0; i < count; ++i) {
                (*made)[here + i] = join(&(*made)[below + i * fan_out]);
            }
            below = here;
        }
        chunks_.push_back(std::move(made));
    }

    void drop_before(uint64_t row) {
        while (!chunks_.empty() && (first_chunk_ + 1) << chunk_shift <= row) {
            chunks_.erase(chunks_.begin());
            ++first_chunk_;
        }
    }

    // Goes through [first, last) in order, as whole blocks and as stretches [from, to) of rows,
    // each within one chunk.
    template <typename OnRows, typename OnBlock>
    void visit(uint64_t first, uint64_t last, const OnRows& on_rows,
               const OnBlock& on_block) const {
        const uint64_t made_begin = first_chunk_ << chunk_shift;
        const uint64_t made_end = chunks_.empty() ? 0 : end();
        for (uint64_t row = first; row < last;) {
            const bool made = row >= made_begin && row < made_end;
            if (!made || row % leaf_rows != 0 || last - row < leaf_rows) {
                const uint64_t rest = made ? leaf_rows - 1 : chunk_rows - 1;
                const uint64_t to = std::min(last, (row | rest) + 1);
                on_rows(row, to);
                row = to;
                continue;
            }
            unsigned level = 0;
            while (level + 1 < levels && row % block_rows(level + 1) == 0 &&
                   last - row >= block_rows(level + 1)) {
                ++level;
            }
            on_block(block(level, row));
            row += block_rows(level);
        }
    }

  private:
    // Level by level from the leaves up: 256 + 64 + 16 + 4 + 1.
    static constexpr size_t blocks = 341;
    using Chunk = std::array<Summary, blocks>;

    const Summary& block(unsigned level, uint64_t row) const {
        constexpr std::array<size_t, levels> offsets{0, 256, 320, 336, 340};
        const Chunk& chunk = *chunks_[(row >> chunk_shift) - first_chunk_];
        return chunk[offsets[level] + (row & (chunk_rows - 1)) / block_rows(level)];
    }

    std::vector<std::unique_ptr<Chunk>> chunks_;
    uint64_t first_chunk_ = 0;
};

}  // namespace inspector
