// SPDX-License-Identifier: Apache-2.0
// LogPanel: what the phone said in a recorded run: console.log.
#pragma once

#include "gui/panels/panel.hpp"
#include "gui/panels/text_view.hpp"

namespace inspector {

class LogPanel final : public Panel {
    Q_OBJECT

  public:
    // Precondition: there is a run folder.
    explicit LogPanel(const Context& context);

    [[nodiscard]] TextView& view() { return *view_; }
    [[nodiscard]] QString as_text() const override { return view_->text(); }
    [[nodiscard]] QList<QAction*> commands() override { return commands_; }

  private:
    void show_run();

    const RecordedRun* run_;
    TextView* view_;
    QList<QAction*> commands_;
};

}  // namespace inspector
