// SPDX-License-Identifier: Apache-2.0
// Watch: something of the run that is asked for again and again, as long as somebody looks.
//
// While the run goes on it asks every so often, a pause after each answer; while the run is held,
// once for each stop. It asks nothing while it is not active, so that a panel nobody sees costs
// nothing.
#pragma once

#include <QJsonDocument>
#include <QObject>
#include <QStringList>
#include <QTimer>
#include <chrono>

#include "gui/session/session.hpp"

namespace inspector {

class Watch final : public QObject {
    Q_OBJECT

  public:
    // `command` with all its fields; may be empty until set_command().
    Watch(Session& session, QStringList command, std::chrono::milliseconds pause,
          QObject* parent = nullptr);

    // Another command; asked for at once, or when it is time anyway.
    enum class When { Now, NextTime };
    void set_command(const QStringList& command, When when = When::Now);
    [[nodiscard]] const QStringList& command() const { return command_; }
    // Whether anybody looks.
    void set_active(bool active);
    // What was told may be out of date: something was changed by hand.
    void refresh();
    // Nothing is to be told that has not been: while the run is held, of this stop; while it goes
    // on, once at least.
    [[nodiscard]] bool settled() const;

  signals:
    void answered(const inspector::Reply& reply);

  private:
    void session_changed();
    void ask();
    void take(const Reply& reply);

    Session& session_;
    QStringList command_;
    std::chrono::milliseconds pause_;
    QTimer timer_;
    bool active_ = false;
    bool asked_ = false;          // an answer is due
    bool out_of_date_ = false;    // by the time it comes, that one
    uint64_t answered_stop_ = 0;  // Session::stops() of the last answer
    bool answered_stopped_ = false;
    bool answered_ever_ = false;
};

}  // namespace inspector
