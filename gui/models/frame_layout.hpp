// SPDX-License-Identifier: Apache-2.0
// FrameLayout: where page frames are in a picture of cells. A cell stands for 2^zoom frames, rows
// follow addresses, and each block of memory begins in a row of its own behind rows for its
// heading.
#pragma once

#include <QString>
#include <cstdint>
#include <optional>
#include <vector>

#include "gui/models/frame_map.hpp"

namespace inspector {

class FrameLayout final {
  public:
    // Frames that are missing in a row and do not end a block: 64 MiB.
    static constexpr uint64_t largest_gap = 16384;
    static constexpr uint64_t heading_rows = 2;

    struct Block {
        uint64_t first;  // frame of its first cell
        uint64_t end;    // behind its last frame
        uint64_t row;    // of its first cell, below its heading
        uint64_t rows;
    };

    FrameLayout() = default;
    // Precondition: columns > 0, zoom < 32.
    FrameLayout(const FrameMap& map, uint64_t columns, unsigned zoom);

    [[nodiscard]] const std::vector<Block>& blocks() const { return blocks_; }
    [[nodiscard]] uint64_t columns() const { return columns_; }
    [[nodiscard]] uint64_t rows() const;
    [[nodiscard]] uint64_t frames_per_cell() const { return uint64_t{1} << zoom_; }

    // The first frame of a cell; nothing in headings and behind the ends of blocks.
    [[nodiscard]] std::optional<uint64_t> frame_at(uint64_t column, uint64_t row) const;
    struct Cell {
        uint64_t column;
        uint64_t row;
    };
    [[nodiscard]] std::optional<Cell> cell_of(uint64_t frame) const;

    // The smallest zoom at which all rows fit into so many.
    [[nodiscard]] static unsigned fitting_zoom(const FrameMap& map, uint64_t columns,
                                               uint64_t rows);

  private:
    std::vector<Block> blocks_;
    uint64_t columns_ = 1;
    unsigned zoom_ = 0;
};

}  // namespace inspector
