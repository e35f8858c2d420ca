// SPDX-License-Identifier: Apache-2.0
// ControlBar: holds the run and lets it go on; its state and simulated time.
#pragma once

#include <QAction>
#include <QComboBox>
#include <QLabel>

#include "gui/panels/live_panel.hpp"

namespace inspector {

class ControlBar final : public LivePanel {
    Q_OBJECT

  public:
    explicit ControlBar(const Context& context);

    [[nodiscard]] QString as_text() const override;
    [[nodiscard]] QList<QAction*> commands() override;

  private:
    void add_action(QAction& action, const QString& text, const QKeySequence& keys,
                    const QString& explanation, void (ControlBar::*function)());
    void make_content();
    void toggle();
    void resume();
    void run_for();
    void step();
    void end_run();
    void connect_again();
    void show_state();

    QAction toggle_;
    QAction resume_;
    QAction run_for_;
    QAction step_;
    QAction end_;
    QAction again_;
    QComboBox duration_;
    QLabel state_;
    QLabel time_;
};

}  // namespace inspector
