// SPDX-License-Identifier: Apache-2.0
// LivePanel: see the header.
#include "gui/panels/live_panel.hpp"

#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace inspector {
namespace {

const QString connection_topic = "session";

}  // namespace

LivePanel::LivePanel(QString name, QString title, const Context& context)
    : Panel(std::move(name), std::move(title)), context_(context) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    strip_.setWordWrap(true);
    strip_.setMargin(6);
    strip_.setTextFormat(Qt::PlainText);
    strip_.setTextInteractionFlags(Qt::TextSelectableByMouse);
    strip_.setObjectName("complaint");
    layout->addWidget(&strip_);
    if (context_.session == nullptr) {
        say(connection_topic, "There is no live run to look at: start one with a session.");
        return;
    }
    connect(context_.session, &Session::changed, this, &LivePanel::session_changed);
    session_changed();
}

void LivePanel::set_content(QWidget* content) {
    static_cast<QVBoxLayout*>(layout())->addWidget(content, 1);
}

Watch* LivePanel::watch(const QStringList& command, std::chrono::milliseconds pause,
                        Refusals refusals) {
    if (session() == nullptr) return nullptr;
    auto* watch = new Watch(*session(), command, pause, this);
    if (refusals == Refusals::InStrip) {
        connect(watch, &Watch::answered, this, [this, watch](const Reply& reply) {
            check(watch->command().mid(0, 3).join(' '), reply);
        });
    }
    watches_.append(watch);
    watch->set_active(isVisible());
    return watch;
}

bool LivePanel::check(const QString& topic, const Reply& reply) {
    say(topic, reply.ok ? QString() : reply.error);
    return reply.ok;
}

void LivePanel::say(const QString& topic, const QString& sentence) {
    const auto is_topic = [&](const QPair<QString, QString>& row) { return row.first == topic; };
    complaints_.removeIf(is_topic);
    if (!sentence.isEmpty()) complaints_.append({topic, sentence});
    show_complaint();
}

QString LivePanel::complaint() const {
    QStringList sentences;
    for (const auto& [topic, sentence] : complaints_) {
        if (!sentences.contains(sentence)) sentences.append(sentence);
    }
    return sentences.join('\n');
}

bool LivePanel::settled() const {
    if (session() == nullptr) return true;
    return session()->state() != Session::State::Connecting &&
           std::all_of(watches_.begin(), watches_.end(),
                       [](const Watch* watch) { return watch->settled(); });
}

void LivePanel::showEvent(QShowEvent* event) {
    Panel::showEvent(event);
    for (Watch* watch : watches_) watch->set_active(true);
}

void LivePanel::hideEvent(QHideEvent* event) {
    Panel::hideEvent(event);
    for (Watch* watch : watches_) watch->set_active(false);
}

void LivePanel::session_changed() {
    const bool is_lost = session()->state() == Session::State::Lost;
    if (is_lost) complaints_.clear();
    say(connection_topic, is_lost ? session()->complaint() : QString());
}

void LivePanel::show_complaint() {
    const QString text = complaint();
    strip_.setText(text);
    strip_.setVisible(!text.isEmpty());
}

}  // namespace inspector
