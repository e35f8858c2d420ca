// SPDX-License-Identifier: Apache-2.0
// LogPanel: see the header.
#include "gui/panels/log_panel.hpp"

#include <QAction>
#include <QVBoxLayout>

#include "gui/run/recorded_run.hpp"

namespace inspector {

LogPanel::LogPanel(const Context& context)
    : Panel(QStringLiteral("log"), tr("Console log")),
      run_(context.recorded),
      view_(new TextView(false)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(view_);
    setFocusProxy(view_);
    auto* find = new QAction(tr("Find in the console log"), this);
    find->setShortcut(QKeySequence::Find);
    find->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(find, &QAction::triggered, view_, &TextView::open_find);
    addAction(find);
    commands_.append(find);
    connect(run_, &RecordedRun::changed, this, &LogPanel::show_run);
    show_run();
}

void LogPanel::show_run() {
    const RunText& console = run_->console();
    if (!console.complaint.isEmpty()) {
        view_->set_complaint(console.complaint);
    } else if (console.text.isEmpty()) {
        view_->set_complaint(tr("the phone said nothing in this run"));
    } else {
        view_->set_text(console.text);
    }
}

}  // namespace inspector
