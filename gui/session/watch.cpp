// SPDX-License-Identifier: Apache-2.0
// Watch: see the header.
#include "gui/session/watch.hpp"

#include <utility>

namespace inspector {

Watch::Watch(Session& session, QStringList command, std::chrono::milliseconds pause,
             QObject* parent)
    : QObject(parent), session_(session), command_(std::move(command)), pause_(pause) {
    timer_.setSingleShot(true);
    connect(&timer_, &QTimer::timeout, this, &Watch::ask);
    connect(&session_, &Session::changed, this, &Watch::session_changed);
}

void Watch::set_command(const QStringList& command, When when) {
    if (command == command_) return;
    command_ = command;
    if (when == When::Now) refresh();
}

void Watch::set_active(bool active) {
    if (active == active_) return;
    active_ = active;
    timer_.stop();
    session_changed();
}

void Watch::refresh() {
    answered_stopped_ = false;
    out_of_date_ = asked_;
    if (active_ && !asked_) ask();
}

bool Watch::settled() const {
    if (!active_ || command_.isEmpty()) return true;
    switch (session_.state()) {
        case Session::State::Connecting: return false;
        case Session::State::Running: return answered_ever_;
        case Session::State::Stopped:
            return !asked_ && answered_stopped_ && answered_stop_ == session_.stops();
        case Session::State::Lost: break;
    }
    return true;
}

void Watch::session_changed() {
    if (!active_ || asked_) return;
    switch (session_.state()) {
        case Session::State::Stopped:
            if (!answered_stopped_ || answered_stop_ != session_.stops()) ask();
            break;
        case Session::State::Running:
            if (!timer_.isActive()) timer_.start(answered_stopped_ ? pause_ : pause_ / 10);
            break;
        case Session::State::Lost:
        case Session::State::Connecting: timer_.stop(); break;
    }
}

void Watch::ask() {
    timer_.stop();
    if (!active_ || asked_ || command_.isEmpty()) return;
    asked_ = true;
    const bool is_stopped = session_.state() == Session::State::Stopped;
    const uint64_t stop = session_.stops();
    session_.request(command_, this, [this, is_stopped, stop](const Reply& reply) {
        answered_stopped_ = is_stopped;
        answered_stop_ = stop;
        answered_ever_ = true;
        take(reply);
    });
}

void Watch::take(const Reply& reply) {
    asked_ = false;
    if (std::exchange(out_of_date_, false)) {
        ask();
        return;
    }
    if (session_.state() != Session::State::Lost) emit answered(reply);
    if (session_.state() == Session::State::Running && active_) {
        timer_.start(pause_);
    } else {
        session_changed();
    }
}

}  // namespace inspector
