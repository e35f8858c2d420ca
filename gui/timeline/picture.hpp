// SPDX-License-Identifier: Apache-2.0
// Picture: the timeline's rows over a stretch of time as pixels, without texts. It is made on a
// thread that does not paint; the window shows the newest one, moved and scaled to where the view
// is by then. Texts are kept beside the pixels, so that they are never scaled.
#pragma once

#include <QImage>
#include <QString>
#include <atomic>
#include <cstdint>
#include <vector>

#include "gui/timeline/colours.hpp"
#include "gui/timeline/rows.hpp"
#include "gui/trace/trace_loader.hpp"

namespace inspector {

// Heights are those of the window, of which an image has `scale` pixels each.
struct PictureRequest {
    uint64_t begin = 0;
    uint64_t end = 0;
    int width = 0;  // pixels of the image
    double scale = 1;
    std::vector<Row> pinned;
    std::vector<Row> rows;  // of the scrolled ones those in [top, bottom), whole
    int pinned_height = 0;
    int top = 0;
    int bottom = 0;
    Colours colours;
    uint64_t rows_version = 0;

    [[nodiscard]] int height() const { return pinned_height + bottom - top; }
};

// A text that belongs to a stretch of time in a lane. `top` counts from the image's.
struct PictureText {
    uint64_t begin = 0;
    uint64_t end = 0;
    int top = 0;
    int height = 0;
    bool filled = false;  // it stands on a coloured ground
    bool fixed = false;   // it stands at the left edge, whatever is seen: a counter's greatest
    QString text;
};

// The image begins with the pinned rows; below them it shows [top, bottom) of the others.
struct Picture {
    QImage image;
    PictureRequest made_for;
    std::vector<PictureText> texts;
};

// Empty if it was cancelled. The loader's lock is taken for one row at a time.
// Precondition: request.begin < request.end, width > 0, height() > 0.
[[nodiscard]] Picture make_picture(const TraceLoader& loader, const PictureRequest& request,
                                   const std::atomic<bool>& cancelled);

}  // namespace inspector
