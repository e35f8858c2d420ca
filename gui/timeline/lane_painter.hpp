// SPDX-License-Identifier: Apache-2.0
// LanePainter: paints single lanes of a picture. A lane is a line of colours, copied to as many
// lines of the image as it is high; only counters differ from line to line.
#pragma once

#include <unordered_map>
#include <vector>

#include "gui/timeline/picture.hpp"
#include "gui/trace/visible.hpp"

namespace inspector {

class LanePainter final {
  public:
    // Precondition: the picture outlives this, and its image is there.
    explicit LanePainter(Picture& picture);

    // A row's ground, at a height of the image.
    void ground(const Row& row, int top);
    // All lanes of a row.
    void lanes(const TraceStore& store, const Row& row, int top);

  private:
    enum class Key { Thread, Cpu, Name };

    void intervals(const TraceStore& store, const std::vector<IntervalPixel>& pixels, Key key,
                   const LanePlace& place, int top);
    void marks(const TraceStore& store, const PointLane& lane, const LanePlace& place, int top);
    void counter(const TraceStore& store, const Track& track, const LanePlace& place, int top);
    [[nodiscard]] QRgb colour(const TraceStore& store, Key key, uint32_t number);
    [[nodiscard]] static QString text_of(const TraceStore& store, Key key, uint32_t number);
    void add_text(uint32_t first, uint32_t last, const LanePlace& place, int top, bool filled,
                  QString text);

    [[nodiscard]] int line(double height) const;
    // The pixels of one line; `nothing` leaves what is there.
    void copy_line(const std::vector<QRgb>& colours, int from, int to);

    Picture* picture_;
    View view_;
    std::vector<QRgb> line_;
    std::unordered_map<uint64_t, QRgb> colours_;  // only looked up
};

}  // namespace inspector
