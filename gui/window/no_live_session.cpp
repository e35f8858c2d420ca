// SPDX-License-Identifier: Apache-2.0
// live_session: of a build without gui/session.
#include "gui/window/live_session.hpp"

namespace inspector {

Session* open_live_session(const QString&, QObject*) {
    return nullptr;
}

void show_session_state(Session&, MainWindow&) {}

}  // namespace inspector
