// SPDX-License-Identifier: Apache-2.0
// panels: a row for each panel. A new panel is a row and an include.
#include "gui/window/panels.hpp"

#include "gui/panels/code_panel.hpp"
#include "gui/panels/console_panel.hpp"
#include "gui/panels/control_bar.hpp"
#include "gui/panels/devices_panel.hpp"
#include "gui/panels/log_panel.hpp"
#include "gui/panels/memory_panel.hpp"
#include "gui/panels/metrics_panel.hpp"
#include "gui/panels/scenario_panel.hpp"
#include "gui/panels/system_panel.hpp"
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

bool live(const Context& context) {
    return context.session != nullptr;
}

}  // namespace

const QList<PanelFactory>& panel_factories() {
    static const QList<PanelFactory> factories{
        {live, make<ControlBar>, DockPlace::Bar},
        {always, make<TimelinePanel>, DockPlace::Top},
        {live, make<ConsolePanel>, DockPlace::Bottom},
        {with_folder, make<LogPanel>, DockPlace::Bottom},
        {with_folder, make<ScenarioPanel>, DockPlace::Bottom},
        {with_folder, make<MetricsPanel>, DockPlace::Bottom},
        {live, make<SystemPanel>, DockPlace::Right},
        {live, make<CodePanel>, DockPlace::Right},
        {live, make<MemoryPanel>, DockPlace::Right},
        {live, make<DevicesPanel>, DockPlace::Right},
    };
    return factories;
}

}  // namespace inspector
