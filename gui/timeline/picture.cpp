// SPDX-License-Identifier: Apache-2.0
// Picture: row by row.
#include "gui/timeline/picture.hpp"

#include <cmath>

#include "gui/timeline/lane_painter.hpp"

namespace inspector {

Picture make_picture(const TraceLoader& loader, const PictureRequest& request,
                     const std::atomic<bool>& cancelled) {
    Picture picture;
    picture.made_for = request;
    const int height = static_cast<int>(std::ceil(request.height() * request.scale));
    picture.image = QImage(request.width, height, QImage::Format_RGB32);
    picture.image.fill(request.colours.background);
    LanePainter painter(picture);
    const auto paint = [&](const std::vector<Row>& rows, int offset) {
        for (const Row& row : rows) {
            if (cancelled) return;
            const int top = row.top + offset;
            painter.ground(row, top);
            if (row.lanes.empty()) continue;
            loader.read([&](const TraceStore& store) {
                // Another trace may have come meanwhile; then another picture is asked for, too.
                if (row.track < store.track_count()) painter.lanes(store, row, top);
            });
        }
    };
    paint(request.pinned, 0);
    paint(request.rows, request.pinned_height - request.top);
    if (cancelled) return {};
    return picture;
}

}  // namespace inspector
