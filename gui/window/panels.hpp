// SPDX-License-Identifier: Apache-2.0
// panels: the table of the window's panels.
#pragma once

#include <QList>

#include "gui/panels/panel.hpp"

namespace inspector {

// A bar is as high as it wants to be, above all others and without a title.
enum class DockPlace { Bar, Top, Bottom, Right };

struct PanelFactory {
    bool (*wanted)(const Context&);  // there is something for it to show
    Panel* (*make)(const Context&);
    DockPlace place;  // at first; those of one place are tabs, the first of which is on top
};

[[nodiscard]] const QList<PanelFactory>& panel_factories();

}  // namespace inspector
