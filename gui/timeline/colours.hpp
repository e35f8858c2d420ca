// SPDX-License-Identifier: Apache-2.0
// Colours: what the timeline is painted with, in a light and a dark set. A thread keeps its colour
// from run to run, for it follows from its number.
#pragma once

#include <QColor>
#include <QPalette>
#include <cstdint>
#include <string_view>

namespace inspector {

struct Colours {
    bool dark = false;
    QRgb background = 0;
    QRgb heading = 0;
    QRgb line = 0;
    QRgb text = 0;
    QRgb faint_text = 0;
    QRgb mark = 0;
    QRgb counter = 0;
    QRgb counter_edge = 0;
    QRgb selection = 0;
    QRgb flow = 0;
    QRgb problem = 0;
    QRgb good = 0;

    // As the palette is: dark if its windows are.
    [[nodiscard]] static Colours of(const QPalette& palette);

    [[nodiscard]] QRgb thread(uint32_t tid) const;
    [[nodiscard]] QRgb cpu(uint32_t number) const;
    [[nodiscard]] QRgb name(std::string_view words) const;
    // What can be read on one of the three above.
    [[nodiscard]] QRgb on_fill() const { return dark ? qRgb(12, 14, 18) : qRgb(16, 18, 24); }

    bool operator==(const Colours&) const = default;

  private:
    [[nodiscard]] QRgb fill(uint32_t number) const;
};

// A mixture: `share` of 256 is of `over`, the rest of `under`.
[[nodiscard]] constexpr QRgb mix(QRgb under, QRgb over, uint32_t share) {
    const auto part = [&](int shift) {
        const uint32_t low = under >> shift & 0xff;
        const uint32_t high = over >> shift & 0xff;
        return ((low * (256 - share) + high * share) >> 8) << shift;
    };
    return 0xff000000U | part(16) | part(8) | part(0);
}

}  // namespace inspector
