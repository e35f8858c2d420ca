// SPDX-License-Identifier: Apache-2.0
// The state of a run in words: see the header.
#include "gui/models/run_state.hpp"

#include <QRegularExpression>
#include <cmath>

#include "gui/trace/time_text.hpp"

namespace inspector {
namespace {

// Reasons as in docs/session-protocol.md, "VSP's commands".
QString stop_text(const QString& reason) {
    const QString kind = reason.section(':', 0, 0);
    if (kind == "elaboration") return "held before its start";
    if (kind == "user") return "paused";
    if (kind == "step") return "paused as wanted";
    if (kind == "time") return "taken to this time";
    if (kind == "target") return "stepped " + reason.section(':', 1, 1);
    if (kind == "breakpoint") return "at breakpoint " + reason.section(':', 1, 1);
    return "paused: " + reason;
}

double nanoseconds_in(const QString& unit) {
    if (unit == "ns") return 1;
    if (unit == "us") return 1e3;
    if (unit == "ms") return 1e6;
    return 1e9;
}

}  // namespace

QString state_text(const Session& session) {
    if (session.destination()) {
        return "on the way to " + time_label(*session.destination()) +
               (session.is_silent() ? ", does not answer yet" : "");
    }
    switch (session.state()) {
        case Session::State::Connecting: return "connecting to " + session.address();
        case Session::State::Lost: return session.complaint();
        case Session::State::Running:
            return session.is_silent() ? "running, does not answer" : "running";
        case Session::State::Stopped:
            return stop_text(session.reason()) + (session.is_silent() ? ", does not answer" : "");
    }
    return {};
}

QString time_label(uint64_t nanoseconds) {
    return QString::fromStdString(time_text(nanoseconds)) + " s";
}

QString duration_label(uint64_t nanoseconds) {
    return QString::fromStdString(duration_text(nanoseconds));
}

std::optional<uint64_t> parse_duration(const QString& text) {
    static const QRegularExpression form(R"(^(\d+(?:\.\d+)?)\s*(ns|us|ms|s)$)");
    const QRegularExpressionMatch match = form.match(text.trimmed());
    if (!match.hasMatch()) return {};
    const double value =
        std::round(match.captured(1).toDouble() * nanoseconds_in(match.captured(2)));
    constexpr double too_long = 1.8e19;
    if (value >= too_long) return {};
    return static_cast<uint64_t>(value);
}

}  // namespace inspector
