// SPDX-License-Identifier: Apache-2.0
// FrameLayout: see the header.
#include "gui/models/frame_layout.hpp"

namespace inspector {

FrameLayout::FrameLayout(const FrameMap& map, uint64_t columns, unsigned zoom)
    : columns_(columns), zoom_(zoom) {
    for (const FrameMap::Run& run : map.runs()) {
        if (blocks_.empty() || run.first > blocks_.back().end + largest_gap) {
            const uint64_t first = run.first & ~(frames_per_cell() - 1);
            blocks_.push_back({first, run.end(), 0, 0});
        }
        blocks_.back().end = run.end();
    }
    uint64_t row = 0;
    const uint64_t row_frames = columns_ * frames_per_cell();
    for (Block& block : blocks_) {
        block.row = row + heading_rows;
        block.rows = (block.end - block.first + row_frames - 1) / row_frames;
        row = block.row + block.rows;
    }
}

uint64_t FrameLayout::rows() const {
    return blocks_.empty() ? 0 : blocks_.back().row + blocks_.back().rows;
}

std::optional<uint64_t> FrameLayout::frame_at(uint64_t column, uint64_t row) const {
    if (column >= columns_) return {};
    for (const Block& block : blocks_) {
        if (row < block.row || row >= block.row + block.rows) continue;
        const uint64_t cell = (row - block.row) * columns_ + column;
        const uint64_t frame = block.first + cell * frames_per_cell();
        return frame < block.end ? std::optional(frame) : std::nullopt;
    }
    return {};
}

std::optional<FrameLayout::Cell> FrameLayout::cell_of(uint64_t frame) const {
    for (const Block& block : blocks_) {
        if (frame < block.first || frame >= block.end) continue;
        const uint64_t cell = (frame - block.first) / frames_per_cell();
        return Cell{cell % columns_, block.row + cell / columns_};
    }
    return {};
}

unsigned FrameLayout::fitting_zoom(const FrameMap& map, uint64_t columns, uint64_t rows) {
    constexpr unsigned most = 20;
    unsigned zoom = 0;
    while (zoom < most && FrameLayout(map, columns, zoom).rows() > rows) ++zoom;
    return zoom;
}

}  // namespace inspector
