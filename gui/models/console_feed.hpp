// SPDX-License-Identifier: Apache-2.0
// ConsoleFeed: follows what the phone writes to its console, and types.
#pragma once

#include <QObject>
#include <QStringList>

#include "gui/models/terminal_text.hpp"
#include "gui/session/watch.hpp"

namespace inspector {

class ConsoleFeed final : public QObject {
    Q_OBJECT

  public:
    // Lines that are kept; older ones go.
    static constexpr qsizetype most_lines = 20'000;

    // `watch` asks for the text, as it is told here which.
    ConsoleFeed(Session& session, Watch& watch, QObject* parent = nullptr);

    // What is kept, with the line that is not complete.
    [[nodiscard]] QString text() const;
    // Lines that were sent, the oldest first.
    [[nodiscard]] const QStringList& history() const { return history_; }

    // Types a line and presses enter.
    void send_line(const QString& line);

  signals:
    // Complete lines have come behind those before.
    void added(const QStringList& lines);
    // The line that is not complete is now this.
    void last_line(const QString& line);
    // Everything is gone: another run.
    void cleared();
    // A line was not taken; the sentence says why.
    void refused(const QString& sentence);

  private:
    void session_changed();
    void take(const Reply& reply);
    void ask(bool at_once);

    Session& session_;
    Watch& watch_;
    TerminalText terminal_;
    QStringList lines_;
    QStringList history_;
    uint64_t position_ = 0;  // of the text that comes next
};

}  // namespace inspector
