// SPDX-License-Identifier: Apache-2.0
// TimeTravel: see the header.
#include "gui/models/time_travel.hpp"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

#include "gui/models/json.hpp"
#include "gui/models/run_state.hpp"

namespace inspector {

void TimeTravel::take(const Reply& reply) {
    is_known_ = true;
    first_ = reached_ = 0;
    refusal_ = reply.error;
    if (!reply.ok) {
        if (refusal_.isEmpty()) refusal_ = "The simulator does not say why it cannot go back.";
        return;
    }
    const QJsonObject told = reply.json().object();
    const QJsonArray times = told["times"].toArray();
    if (times.isEmpty()) {
        const QString trouble = told["trouble"].toString();
        refusal_ = trouble.isEmpty() ? "There is no snapshot yet: let the run go on first."
                                     : "No snapshot can be taken: " + trouble;
        return;
    }
    first_ = natural(times.first());
    reached_ = std::max(natural(told["reached"]), first_);
}

void TimeTravel::saw(uint64_t now) {
    if (is_known_ && refusal_.isEmpty()) reached_ = std::max(reached_, now);
}

QString TimeTravel::obstacle(const Session& session) const {
    switch (session.state()) {
        case Session::State::Lost: return "The run is over, or not connected.";
        case Session::State::Connecting: return "The session is not connected yet.";
        case Session::State::Running:
        case Session::State::Stopped: break;
    }
    if (session.destination()) {
        return "The run is on the way to " + time_label(*session.destination()) + ".";
    }
    if (!is_known_) return "The simulator has not said yet what there is to go back to.";
    return refusal_;
}

QString TimeTravel::obstacle(const Session& session, uint64_t time) const {
    if (const QString general = obstacle(session); !general.isEmpty()) return general;
    if (time < first_) return "The first snapshot is at " + time_label(first_) + ".";
    if (time > reached_) {
        return "The run has got to " + time_label(reached_) + " so far: let it go on.";
    }
    return {};
}

uint64_t TimeTravel::before(uint64_t now, uint64_t duration) const {
    return std::max(now > duration ? now - duration : 0, first_);
}

void go_to_time(Session& session, uint64_t time) {
    time > session.now() ? session.forward(time) : session.back(time);
}

}  // namespace inspector
