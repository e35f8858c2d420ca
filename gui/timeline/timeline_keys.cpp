// SPDX-License-Identifier: Apache-2.0
// timeline_keys: those of the Perfetto UI, where it has one for the same.
#include "gui/timeline/timeline_keys.hpp"

#include <QCoreApplication>

namespace inspector {

QList<KeyHelp> timeline_keys() {
    const auto text = [](const char* words) {
        return QCoreApplication::translate("timeline", words);
    };
    return {
        {"W, S", text("zoom in, zoom out, around the mouse")},
        {"A, D", text("earlier, later")},
        {"F", text("show what is selected; without a selection everything")},
        {"0", text("show everything")},
        {"Q", text("show or hide the details")},
        {". ,", text("next, previous event of the track")},
        {"] [", text("along the flow: what it led to, what led to it")},
        {"/, Ctrl+F", text("search events; Enter: next, Shift+Enter: previous")},
        {"P", text("pin the selected track above the others, or let it go")},
        {"+, -", text("unfold or fold all tracks")},
        {"Up, Down", text("scroll the tracks")},
        {"Esc", text("select nothing")},
        {text("Ctrl+wheel"), text("zoom around the mouse")},
        {text("Shift+wheel"), text("earlier, later")},
        {text("drag"), text("move the time and the tracks")},
        {text("Shift+drag"), text("select an area of the tracks dragged over")},
        {text("drag on the ruler"), text("select an area of all tracks")},
    };
}

}  // namespace inspector
