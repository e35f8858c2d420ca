// SPDX-License-Identifier: Apache-2.0
// ConsoleFeed: see the header.
#include "gui/models/console_feed.hpp"

#include <QJsonObject>

namespace inspector {

ConsoleFeed::ConsoleFeed(Session& session, Watch& watch, QObject* parent)
    : QObject(parent), session_(session), watch_(watch) {
    ask(false);
    connect(&watch_, &Watch::answered, this, &ConsoleFeed::take);
    connect(&session_, &Session::changed, this, &ConsoleFeed::session_changed);
}

QString ConsoleFeed::text() const {
    return (lines_ + QStringList{terminal_.last_line()}).join('\n');
}

void ConsoleFeed::send_line(const QString& line) {
    if (!line.isEmpty() && (history_.isEmpty() || history_.last() != line)) history_.append(line);
    session_.execute({"console", "send_line", line}, this, [this](const Reply& reply) {
        if (!reply.ok) emit refused(reply.error);
        watch_.refresh();
    });
}

void ConsoleFeed::session_changed() {
    if (session_.state() != Session::State::Connecting) return;
    // Perhaps to another run.
    position_ = 0;
    terminal_.clear();
    lines_.clear();
    ask(false);
    emit cleared();
}

void ConsoleFeed::take(const Reply& reply) {
    if (!reply.ok) return;
    const QJsonObject answer = reply.json().object();
    const auto begin = static_cast<uint64_t>(answer["begin"].toInteger());
    const auto end = static_cast<uint64_t>(answer["end"].toInteger());
    const auto newest = static_cast<uint64_t>(answer["newest"].toInteger());
    QStringList lines;
    if (begin > position_) {
        lines += terminal_.add(QString("\n[%1 bytes are gone]\n").arg(begin - position_));
    }
    lines += terminal_.add(answer["text"].toString());
    const bool is_new = end != position_;
    position_ = end;
    ask(newest > end);
    if (!is_new) return;
    lines_ += lines;
    if (lines_.size() > most_lines) lines_ = lines_.mid(lines_.size() - most_lines);
    if (!lines.isEmpty()) emit added(lines);
    emit last_line(terminal_.last_line());
}

void ConsoleFeed::ask(bool at_once) {
    const QStringList command{"exec", "console", "text", QString::number(position_)};
    watch_.set_command(command, at_once ? Watch::When::Now : Watch::When::NextTime);
}

}  // namespace inspector
