// SPDX-License-Identifier: Apache-2.0
// ScenarioPanel: the scenario of a run: its verdict, what it was run with, and its source, with the
// line that failed.
#pragma once

#include "gui/panels/panel.hpp"
#include "gui/panels/text_view.hpp"

class QLabel;

namespace inspector {

class ScenarioPanel final : public Panel {
    Q_OBJECT

  public:
    // Precondition: there is a run folder.
    explicit ScenarioPanel(const Context& context);

    [[nodiscard]] TextView& view() { return *view_; }
    [[nodiscard]] QString verdict_text() const;
    [[nodiscard]] QString as_text() const override;
    [[nodiscard]] QList<QAction*> commands() override { return commands_; }

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void show_run();

    const RecordedRun* run_;
    QLabel* verdict_;
    QLabel* facts_;
    TextView* view_;
    QList<QAction*> commands_;
};

}  // namespace inspector
