// SPDX-License-Identifier: Apache-2.0
// Options: the inspector's command line. `./orrery inspect` calls it; see
// sim/python/orrery/inspect.py.
#pragma once

#include <QSize>
#include <QString>
#include <QStringList>
#include <optional>

namespace inspector {

enum class ThemeChoice { System, Light, Dark };

struct Options {
    QString target;       // a run folder, or a trace; empty: nothing
    QString root;         // the project's, below which scenarios are
    QString session;      // the address of a live run; empty: there is none
    bool follow = false;  // the target is the run folder of a run that is under way
    int run_ends = -1;    // the descriptor on which the launcher tells how that run ended
    bool reset_layout = false;
    std::optional<ThemeChoice> theme;  // for this start
    QString screenshot;                // a file: show, take a picture, end
    QString panel;                     // the only one on the picture
    QStringList actions;               // before the picture: "select:NAME", "zoom:BEGIN:END"
    QSize size{1440, 900};
};

struct ParsedOptions {
    Options options;
    QString error;  // one sentence; empty: all is well
};

[[nodiscard]] ParsedOptions parse_options(const QStringList& arguments);

}  // namespace inspector
