// SPDX-License-Identifier: Apache-2.0
// The colours of page frames: see the header.
#include "gui/models/frame_colours.hpp"

#include <algorithm>

namespace inspector {
namespace {

constexpr int largest_order = 10;

// Of owners, apart for most people with a weakness in seeing colours: after the palette of Okabe
// and Ito ("Color Universal Design", 2008).
QColor owner_colour(FrameOwner owner, bool is_dark) {
    switch (owner) {
        case FrameOwner::Free: return is_dark ? QColor(58, 62, 68) : QColor(222, 225, 230);
        case FrameOwner::Kernel: return {213, 94, 0};
        case FrameOwner::Tables: return {230, 159, 0};
        case FrameOwner::Anonymous: return {0, 114, 178};
        case FrameOwner::Shared: return {204, 121, 167};
        case FrameOwner::File: return {0, 158, 115};
        case FrameOwner::Swap: return {86, 180, 233};
        case FrameOwner::Held: return {240, 228, 66};
        case FrameOwner::Unknown: break;
    }
    return {128, 128, 128};
}

QColor used_colour(bool is_dark) {
    return is_dark ? QColor(96, 100, 106) : QColor(176, 180, 186);
}

// From red for single frames to green for the largest blocks.
QColor order_colour(int order) {
    return QColor::fromHsv(130 * std::clamp(order, 0, largest_order) / largest_order, 170, 200);
}

constexpr QColor movable_colour{0, 114, 178};
constexpr QColor unmovable_colour{213, 94, 0};

// Colours of several frames as one.
struct Mixture {
    qint64 red = 0;
    qint64 green = 0;
    qint64 blue = 0;
    qint64 frames = 0;

    void add(const QColor& colour, uint64_t count) {
        const auto weight = static_cast<qint64>(count);
        red += colour.red() * weight;
        green += colour.green() * weight;
        blue += colour.blue() * weight;
        frames += weight;
    }
    [[nodiscard]] QColor colour() const {
        return QColor(static_cast<int>(red / frames), static_cast<int>(green / frames),
                      static_cast<int>(blue / frames));
    }
};

// Few frames in use among many free ones are to be seen: this share of their colour at least.
constexpr double least_share = 0.35;

QRgb blended(const Mixture& free, const Mixture& used) {
    if (free.frames == 0 && used.frames == 0) return 0;
    if (used.frames == 0) return free.colour().rgb();
    if (free.frames == 0) return used.colour().rgb();
    const double all = static_cast<double>(free.frames + used.frames);
    const double share = least_share + (1 - least_share) * static_cast<double>(used.frames) / all;
    const auto mix = [share](int one, int other) {
        return static_cast<int>(one * (1 - share) + other * share);
    };
    const QColor under = free.colour();
    const QColor over = used.colour();
    return qRgb(mix(under.red(), over.red()), mix(under.green(), over.green()),
                mix(under.blue(), over.blue()));
}

}  // namespace

QColor FrameColours::of(const FrameMap::Run& run) const {
    const bool is_free = run.owner == FrameOwner::Free;
    switch (by) {
        case FrameColouring::Owner: return owner_colour(run.owner, is_dark);
        case FrameColouring::Order: return is_free ? order_colour(run.order) : used_colour(is_dark);
        case FrameColouring::Mobility:
            if (is_free) break;
            return run.movable ? movable_colour : unmovable_colour;
        case FrameColouring::Task:
            if (is_free) break;
            return run.task == task && task != 0 ? owner_colour(run.owner, is_dark)
                                                 : used_colour(is_dark);
    }
    return owner_colour(FrameOwner::Free, is_dark);
}

QList<QPair<QString, QColor>> FrameColours::legend() const {
    QList<QPair<QString, QColor>> rows;
    const auto add_owners = [&](std::initializer_list<FrameOwner> owners) {
        for (const FrameOwner owner : owners) {
            rows.append({owner_name(owner), owner_colour(owner, is_dark)});
        }
    };
    switch (by) {
        case FrameColouring::Owner:
            add_owners({FrameOwner::Free, FrameOwner::Kernel, FrameOwner::Tables,
                        FrameOwner::Anonymous, FrameOwner::Shared, FrameOwner::File,
                        FrameOwner::Swap, FrameOwner::Held});
            break;
        case FrameColouring::Order:
            rows.append({"in use", used_colour(is_dark)});
            for (int order = 0; order <= largest_order; ++order) {
                rows.append({QString::number(order), order_colour(order)});
            }
            break;
        case FrameColouring::Mobility:
            add_owners({FrameOwner::Free});
            rows.append({"movable", movable_colour});
            rows.append({"not movable", unmovable_colour});
            break;
        case FrameColouring::Task:
            add_owners({FrameOwner::Free});
            rows.append({"of others", used_colour(is_dark)});
            add_owners({FrameOwner::Tables, FrameOwner::Anonymous, FrameOwner::Held});
            break;
    }
    return rows;
}

QImage frame_picture(const FrameMap& map, const FrameLayout& layout, const FrameColours& colours,
                     uint64_t first_row, uint64_t rows) {
    QImage image(static_cast<int>(layout.columns()), static_cast<int>(rows),
                 QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    for (uint64_t row = 0; row < rows; ++row) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(static_cast<int>(row)));
        for (uint64_t column = 0; column < layout.columns(); ++column) {
            const std::optional<uint64_t> first = layout.frame_at(column, first_row + row);
            if (!first) continue;
            Mixture free;
            Mixture used;
            map.for_each(*first, *first + layout.frames_per_cell(),
                         [&](const FrameMap::Run& run, uint64_t count) {
                             Mixture& part = run.owner == FrameOwner::Free ? free : used;
                             part.add(colours.of(run), count);
                         });
            line[column] = blended(free, used);
        }
    }
    return image;
}

}  // namespace inspector
