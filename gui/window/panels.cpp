// SPDX-License-Identifier: Apache-2.0
// panels: a row for each panel. A new panel is a row and an include.
#include "gui/window/panels.hpp"

#include "gui/panels/log_panel.hpp"
#include "gui/panels/metrics_panel.hpp"
#include "gui/panels/scenario_panel.hpp"
#include "gui/panels/timeline_panel.hpp"

namespace inspector {

namespace {

template <typename Kind>
Panel* make(const Context& context) {
    return new Kind(context);
}

bool always(const Context&) {
    return true;
}

bool with_folder(const Context& context) {
    return context.recorded != nullptr;
}

}  // namespace

const QList<PanelFactory>& panel_factories() {
    static const QList<PanelFactory> factories{
        {always, make<TimelinePanel>, DockPlace::Top},
        {with_folder, make<LogPanel>, DockPlace::Bottom},
        {with_folder, make<ScenarioPanel>, DockPlace::Bottom},
        {with_folder, make<MetricsPanel>, DockPlace::Bottom},
    };
    return factories;
}

}  // namespace inspector
