// SPDX-License-Identifier: Apache-2.0
// ConsolePanel: the phone's serial console, live, with a line to type into.
#pragma once

#include <QLineEdit>
#include <QPlainTextEdit>

#include "gui/models/console_feed.hpp"
#include "gui/panels/live_panel.hpp"

namespace inspector {

class ConsolePanel final : public LivePanel {
    Q_OBJECT

  public:
    explicit ConsolePanel(const Context& context);

    [[nodiscard]] QString as_text() const override;

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void make_content();
    void send();
    void recall(qsizetype step);
    void add(const QStringList& lines);
    void show_last_line(const QString& line);

    QPlainTextEdit text_;
    QLineEdit line_;
    ConsoleFeed* feed_ = nullptr;
    qsizetype recalled_ = 0;  // from the end of the history; 0: what is typed now
};

}  // namespace inspector
