// SPDX-License-Identifier: Apache-2.0
// live_session: the session with a run that is under way.
#pragma once

#include <QObject>
#include <QString>

namespace inspector {

class MainWindow;
class Session;

// Begins to connect; the session says what comes of it.
[[nodiscard]] Session* open_live_session(const QString& address, QObject* parent);
// Tells the window what the session knows of the run.
void show_session_state(Session& session, MainWindow& window);

}  // namespace inspector
