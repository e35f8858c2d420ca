// SPDX-License-Identifier: Apache-2.0
// Colours: hues a golden ratio apart, so that neighbouring numbers look different.
#include "gui/timeline/colours.hpp"

namespace inspector {

Colours Colours::of(const QPalette& palette) {
    Colours colours;
    const QColor base = palette.color(QPalette::Base);
    colours.dark = base.lightness() < 128;
    colours.background = base.rgb();
    colours.heading = mix(base.rgb(), palette.color(QPalette::Text).rgb(), 24);
    colours.line = mix(base.rgb(), palette.color(QPalette::Text).rgb(), 48);
    colours.text = palette.color(QPalette::Text).rgb();
    colours.faint_text = mix(base.rgb(), colours.text, 150);
    colours.mark = colours.dark ? qRgb(240, 160, 90) : qRgb(196, 92, 12);
    colours.counter = colours.dark ? qRgb(44, 92, 120) : qRgb(164, 208, 228);
    colours.counter_edge = colours.dark ? qRgb(108, 186, 224) : qRgb(24, 112, 156);
    colours.selection = palette.color(QPalette::Highlight).rgb();
    colours.flow = colours.dark ? qRgb(255, 214, 90) : qRgb(160, 60, 200);
    colours.problem = colours.dark ? qRgb(255, 120, 110) : qRgb(190, 30, 30);
    colours.good = colours.dark ? qRgb(120, 214, 130) : qRgb(20, 130, 50);
    return colours;
}

QRgb Colours::fill(uint32_t number) const {
    // 2^32 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
    const uint32_t hash = number * 2'654'435'769U;
    const auto hue = static_cast<int>((uint64_t{hash} * 360) >> 32);
    const int saturation = 110 + static_cast<int>(hash >> 8 & 63);
    const int light = (dark ? 140 : 160) + static_cast<int>(hash >> 16 & 31);
    return QColor::fromHsl(hue, saturation, light).rgb();
}

QRgb Colours::thread(uint32_t tid) const {
    return fill(tid);
}

QRgb Colours::cpu(uint32_t number) const {
    return fill(number * 5 + 3);
}

QRgb Colours::name(std::string_view words) const {
    uint32_t hash = 2'166'136'261U;  // FNV-1a
    for (const char sign : words) hash = (hash ^ static_cast<unsigned char>(sign)) * 16'777'619U;
    return fill(hash >> 4);
}

}  // namespace inspector
