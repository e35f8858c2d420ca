// SPDX-License-Identifier: Apache-2.0
// ControlBar: holds the run, lets it go on and takes it to other times; its state and simulated
// time.
#pragma once

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <cstdint>
#include <optional>

#include "gui/models/time_travel.hpp"
#include "gui/panels/live_panel.hpp"
#include "gui/panels/scrubber.hpp"

class QToolButton;

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
    void make_way(QWidget& row);
    void watch_travel();
    [[nodiscard]] QToolButton* button(QAction& action);
    void toggle();
    void resume();
    void run_for();
    void step();
    void step_back();
    void go_to_selection();
    void take_to(uint64_t time);
    void end_run();
    void connect_again();
    void show_state();
    void show_way();
    void show_time();
    // The duration beside "Run for", which is complained of if it is none.
    [[nodiscard]] std::optional<uint64_t> duration();

    QAction toggle_;
    QAction resume_;
    QAction run_for_;
    QAction step_;
    QAction step_back_;
    QAction to_selection_;
    QAction end_;
    QAction again_;
    QComboBox duration_;
    QLabel state_;
    QLabel time_;
    Scrubber scrubber_;
    QLabel reached_;
    TimeTravel travel_;
};

}  // namespace inspector
