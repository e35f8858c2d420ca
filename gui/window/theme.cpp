// SPDX-License-Identifier: Apache-2.0
// theme: see the header.
#include "gui/window/theme.hpp"

#include <QApplication>
#include <QSettings>
#include <QStyleFactory>

namespace inspector {

namespace {

QPalette& system_palette() {
    static QPalette palette;
    return palette;
}

QPalette made_of(QColor window, QColor base, QColor text, QColor button, QColor highlight) {
    QPalette palette(button, window);
    const QColor faint((text.red() + window.red()) / 2, (text.green() + window.green()) / 2,
                       (text.blue() + window.blue()) / 2);
    palette.setColor(QPalette::Base, base);
    palette.setColor(QPalette::AlternateBase, QColor((base.red() * 7 + text.red()) / 8,
                                                     (base.green() * 7 + text.green()) / 8,
                                                     (base.blue() * 7 + text.blue()) / 8));
    for (const auto role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText,
                            QPalette::BrightText, QPalette::ToolTipText}) {
        palette.setColor(role, text);
        palette.setColor(QPalette::Disabled, role, faint);
    }
    palette.setColor(QPalette::PlaceholderText, faint);
    palette.setColor(QPalette::ToolTipBase, button);
    palette.setColor(QPalette::Highlight, highlight);
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::Link, highlight);
    return palette;
}

QPalette light_palette() {
    return made_of(QColor(240, 241, 244), Qt::white, QColor(24, 26, 32), QColor(232, 234, 238),
                   QColor(36, 104, 190));
}

QPalette dark_palette() {
    return made_of(QColor(36, 38, 43), QColor(24, 26, 30), QColor(222, 225, 230),
                   QColor(48, 51, 58), QColor(64, 128, 212));
}

}  // namespace

void prepare_theme() {
    system_palette() = QApplication::palette();
    // The one style that takes its colours from the palette alone.
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
}

void apply_theme(ThemeChoice choice) {
    const bool dark = choice == ThemeChoice::System
                          ? system_palette().color(QPalette::Window).lightness() < 128
                          : choice == ThemeChoice::Dark;
    QApplication::setPalette(dark ? dark_palette() : light_palette());
}

ThemeChoice remembered_theme() {
    const QString theme = QSettings().value(QStringLiteral("theme")).toString();
    if (theme == QLatin1String("light")) return ThemeChoice::Light;
    return theme == QLatin1String("dark") ? ThemeChoice::Dark : ThemeChoice::System;
}

void remember_theme(ThemeChoice choice) {
    const char* name = choice == ThemeChoice::Light  ? "light"
                       : choice == ThemeChoice::Dark ? "dark"
                                                     : "system";
    QSettings().setValue(QStringLiteral("theme"), QLatin1String(name));
}

}  // namespace inspector
