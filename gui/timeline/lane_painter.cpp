// SPDX-License-Identifier: Apache-2.0
// LanePainter: see the header.
#include "gui/timeline/lane_painter.hpp"

#include <algorithm>
#include <cmath>

#include "gui/trace/lookup.hpp"

namespace inspector {

namespace {

constexpr QRgb nothing = 0;              // transparent: no colour of ours is
constexpr uint32_t faintest = 96;        // of 256: what little is busy is still seen
constexpr double least_text_width = 30;  // of the window's pixels
constexpr uint32_t least_edge_width = 4;

QString qt(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

}  // namespace

LanePainter::LanePainter(Picture& picture)
    : picture_(&picture),
      view_{picture.made_for.begin, picture.made_for.end,
            static_cast<uint32_t>(picture.made_for.width)},
      line_(static_cast<size_t>(picture.made_for.width)) {}

int LanePainter::line(double height) const {
    const int line = static_cast<int>(std::lround(height * picture_->made_for.scale));
    return std::clamp(line, 0, picture_->image.height());
}

void LanePainter::copy_line(const std::vector<QRgb>& colours, int from, int to) {
    for (int y = from; y < to; ++y) {
        auto* pixels = reinterpret_cast<QRgb*>(picture_->image.scanLine(y));
        for (size_t x = 0; x < colours.size(); ++x) {
            if (colours[x] != nothing) pixels[x] = colours[x];
        }
    }
}

void LanePainter::ground(const Row& row, int top) {
    const Colours& colours = picture_->made_for.colours;
    const QRgb ground = row.lanes.empty() ? colours.heading : colours.background;
    const int end = line(top + row.height);
    for (int y = line(top); y < end; ++y) {
        auto* pixels = reinterpret_cast<QRgb*>(picture_->image.scanLine(y));
        std::fill_n(pixels, picture_->image.width(), y + 1 == end ? colours.line : ground);
    }
}

void LanePainter::lanes(const TraceStore& store, const Row& row, int top) {
    if (row.track >= store.track_count()) return;
    const Track& track = store.track(row.track);
    const uint64_t now = store.end_time();
    for (const LanePlace& place : row.lanes) {
        const int at = top + place.top;
        if (place.lane == LaneKind::Runs && row.kind == TrackKind::Task) {
            intervals(store, visible_task(store, row.track, view_), Key::Thread, place, at);
        } else if (place.lane == LaneKind::Runs && track.runs) {
            const Key key = row.kind == TrackKind::Cpu ? Key::Thread : Key::Cpu;
            intervals(store, visible(*track.runs, view_, now), key, place, at);
        } else if (place.lane == LaneKind::Slices && place.depth < track.slices.size()) {
            intervals(store, visible(*track.slices[place.depth], view_, now), Key::Name, place, at);
        } else if (place.lane == LaneKind::Marks && track.marks) {
            marks(store, *track.marks, place, at);
        } else if (place.lane == LaneKind::Counter && track.counter) {
            counter(store, track, place, at);
        }
    }
}

QRgb LanePainter::colour(const TraceStore& store, Key key, uint32_t number) {
    const uint64_t known = uint64_t{static_cast<uint32_t>(key)} << 32 | number;
    const auto [place, fresh] = colours_.try_emplace(known, nothing);
    if (!fresh) return place->second;
    const Colours& colours = picture_->made_for.colours;
    switch (key) {
        case Key::Thread: place->second = colours.thread(store.threads()[number].tid); break;
        case Key::Cpu: place->second = colours.cpu(number); break;
        case Key::Name: place->second = colours.name(store.strings().view(number)); break;
    }
    return place->second;
}

QString LanePainter::text_of(const TraceStore& store, Key key, uint32_t number) {
    switch (key) {
        case Key::Thread: {
            const ThreadInfo& thread = store.threads()[number];
            return qt(store.strings().view(thread.name)) + u' ' + QString::number(thread.tid);
        }
        case Key::Cpu: return QStringLiteral("CPU %1").arg(number);
        case Key::Name: break;
    }
    return qt(store.strings().view(number));
}

void LanePainter::add_text(uint32_t first, uint32_t last, const LanePlace& place, int top,
                           bool filled, QString text) {
    picture_->texts.push_back({view_.pixel_begin(first), view_.pixel_end(last), top, place.height,
                               filled, false, std::move(text)});
}

void LanePainter::intervals(const TraceStore& store, const std::vector<IntervalPixel>& pixels,
                            Key key, const LanePlace& place, int top) {
    const QRgb ground = picture_->made_for.colours.background;
    const auto least_text = static_cast<uint32_t>(least_text_width * picture_->made_for.scale);
    const bool texts = place.height >= 14 && !(key == Key::Thread && place.height == 16);
    uint32_t begin = 0;  // of a stretch of pixels with the same single interval
    for (uint32_t i = 0; i < pixels.size(); ++i) {
        const IntervalPixel& pixel = pixels[i];
        if (pixel.count == 0 || pixel.dominant == no_key) {
            line_[i] = nothing;
            continue;
        }
        const QRgb full = colour(store, key, pixel.dominant);
        const uint64_t length = view_.pixel_end(i) - view_.pixel_begin(i);
        const auto share = static_cast<uint32_t>(
            std::min<uint64_t>(256, pixel.busy * 256 / std::max<uint64_t>(length, 1)));
        line_[i] = share >= 250 ? full : mix(ground, full, std::max(share, faintest));

        const bool single = pixel.count == 1;
        const bool goes_on =
            i > 0 && single && pixels[i - 1].count == 1 && pixels[i - 1].first == pixel.first;
        if (!goes_on) begin = i;
        const bool ends = i + 1 == pixels.size() || pixels[i + 1].count != 1 ||
                          pixels[i + 1].first != pixel.first;
        if (!single || !ends || i < begin + least_edge_width) continue;
        line_[begin] = mix(line_[begin], ground, 140);
        if (texts && i - begin >= least_text) {
            add_text(begin, i, place, top, true, text_of(store, key, pixel.dominant));
        }
    }
    copy_line(line_, line(top), line(top + place.height));
}

void LanePainter::marks(const TraceStore& store, const PointLane& lane, const LanePlace& place,
                        int top) {
    const std::vector<PointPixel> pixels = visible(lane, view_);
    const QRgb colour = picture_->made_for.colours.mark;
    const auto least_text = static_cast<uint32_t>(2 * least_text_width * picture_->made_for.scale);
    std::fill(line_.begin(), line_.end(), nothing);
    uint32_t last = UINT32_MAX;  // the last mark
    const auto tell = [&](uint32_t until) {
        if (last == UINT32_MAX || pixels[last].count != 1 || until - last < least_text) return;
        add_text(last, until - 1, place, top, false,
                 qt(store.strings().view(lane.key(pixels[last].first))));
    };
    for (uint32_t i = 0; i < pixels.size(); ++i) {
        if (pixels[i].count == 0) continue;
        line_[i] = colour;
        tell(i);
        last = i;
    }
    tell(static_cast<uint32_t>(pixels.size()));
    copy_line(line_, line(top), line(top + place.height));
}

void LanePainter::counter(const TraceStore& store, const Track& track, const LanePlace& place,
                          int top) {
    const CounterLane& lane = *track.counter;
    if (lane.empty()) return;
    ValueRange all = lane.range(lane.begin_row(), lane.end_row() - 1);
    all.add(lane.value(lane.end_row() - 1));
    // Areas stand on zero, or reach down to the least value where that is below.
    const auto least = static_cast<double>(std::min<int64_t>(all.least, 0));
    const double span = std::max(static_cast<double>(all.greatest) - least, 1.0);
    const int from = line(top);
    const int to = line(top + place.height);
    const auto height_of = [&](int64_t value) {
        const double part = (static_cast<double>(value) - least) / span;
        return to - 1 - static_cast<int>(std::lround(part * (to - from - 1)));
    };
    const std::vector<CounterPixel> pixels = visible(lane, view_);
    const Colours& colours = picture_->made_for.colours;
    // Column by column, on lines that are looked up once.
    std::vector<QRgb*> lines;
    for (int y = from; y < to; ++y) {
        lines.push_back(reinterpret_cast<QRgb*>(picture_->image.scanLine(y)));
    }
    for (uint32_t i = 0; i < pixels.size(); ++i) {
        if (!pixels[i].known) continue;
        const int high = height_of(pixels[i].greatest);
        const int low = height_of(pixels[i].least);
        for (int y = std::max(high, from); y < to; ++y) {
            lines[static_cast<size_t>(y - from)][i] =
                y <= low ? colours.counter_edge : colours.counter;
        }
    }
    const QString unit = track.kind == TrackKind::Frequency ? QStringLiteral(" kHz") : QString();
    picture_->texts.push_back({store.begin_time(), store.end_time(), top, 14, false, true,
                               QStringLiteral("max %1%2").arg(all.greatest).arg(unit)});
}

}  // namespace inspector
