// SPDX-License-Identifier: Apache-2.0
// The colours of page frames: by owner, by the order of free blocks, by mobility, or those of one
// task.
#pragma once

#include <QColor>
#include <QImage>
#include <QList>
#include <QString>

#include "gui/models/frame_layout.hpp"
#include "gui/models/frame_map.hpp"

namespace inspector {

enum class FrameColouring { Owner, Order, Mobility, Task };

struct FrameColours {
    FrameColouring by = FrameColouring::Owner;
    uint32_t task = 0;     // of FrameColouring::Task
    bool is_dark = false;  // what is drawn on

    [[nodiscard]] QColor of(const FrameMap::Run& run) const;
    // What the colours mean, as they are listed.
    [[nodiscard]] QList<QPair<QString, QColor>> legend() const;
};

// A pixel for each cell of some rows: the mixture of the colours of its frames by their number, in
// which frames in use count for a good part even where they are few; transparent where there are
// no frames.
[[nodiscard]] QImage frame_picture(const FrameMap& map, const FrameLayout& layout,
                                   const FrameColours& colours, uint64_t first_row, uint64_t rows);

}  // namespace inspector
