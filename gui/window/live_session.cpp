// SPDX-License-Identifier: Apache-2.0
// live_session: see the header.
#include "gui/window/live_session.hpp"

#include "gui/session/session.hpp"
#include "gui/timeline/event_finder.hpp"
#include "gui/window/main_window.hpp"

namespace inspector {

namespace {

QString state_text(const Session& session) {
    if (session.destination()) {
        return QObject::tr("on the way to %1").arg(time_words(*session.destination()));
    }
    switch (session.state()) {
        case Session::State::Connecting: return QObject::tr("connecting");
        case Session::State::Running:
            return QObject::tr("running, %1").arg(time_words(session.now()));
        case Session::State::Stopped:
            return QObject::tr("stopped (%1), %2").arg(session.reason(), time_words(session.now()));
        case Session::State::Lost: break;
    }
    return session.complaint();
}

}  // namespace

Session* open_live_session(const QString& address, QObject* parent) {
    auto* session = new Session(address, parent);
    session->open();
    return session;
}

void show_session_state(Session& session, MainWindow& window) {
    const auto show = [&session, &window] { window.set_run_state(state_text(session)); };
    QObject::connect(&session, &Session::changed, &window, show);
    QObject::connect(&session, &Session::refused, &window, &MainWindow::tell);
    show();
}

}  // namespace inspector
