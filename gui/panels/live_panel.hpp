// SPDX-License-Identifier: Apache-2.0
// LivePanel: a panel of a run that goes on. It asks only while it can be seen, and says in a strip
// above its content what is wrong: no live run, a session that is lost, an answer that was refused.
#pragma once

#include <QLabel>
#include <QList>
#include <QString>
#include <chrono>

#include "gui/panels/panel.hpp"
#include "gui/session/session.hpp"
#include "gui/session/watch.hpp"

namespace inspector {

class LivePanel : public Panel {
    Q_OBJECT

  public:
    LivePanel(QString name, QString title, const Context& context);

    // What the strip says; empty: nothing is wrong.
    [[nodiscard]] QString complaint() const;

    [[nodiscard]] bool settled() const override;

  protected:
    [[nodiscard]] Selection& selection() const { return *context_.selection; }
    // Null where there is no live run.
    [[nodiscard]] Session* session() const { return context_.session; }
    // What is seen below the strip. Once.
    void set_content(QWidget* content);
    // Asked while the panel can be seen; null where there is no live run. Refusals are shown in the
    // strip, or are the panel's own business.
    enum class Refusals { InStrip, Mine };
    Watch* watch(const QStringList& command, std::chrono::milliseconds pause,
                 Refusals refusals = Refusals::InStrip);
    // Shows the sentence of a reply that was refused under a topic, or takes it away; whether the
    // reply is fine.
    bool check(const QString& topic, const Reply& reply);
    void say(const QString& topic, const QString& sentence);

    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

  private:
    void session_changed();
    void show_complaint();

    Context context_;
    QLabel strip_;
    QList<Watch*> watches_;
    QList<QPair<QString, QString>> complaints_;  // by topic, in the order in which they came
};

}  // namespace inspector
