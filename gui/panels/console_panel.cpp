// SPDX-License-Identifier: Apache-2.0
// ConsolePanel: see the header.
#include "gui/panels/console_panel.hpp"

#include <QFontDatabase>
#include <QKeyEvent>
#include <QScrollBar>
#include <QTextBlock>
#include <QVBoxLayout>

namespace inspector {
namespace {

using std::chrono_literals::operator""ms;

// The view follows the end as long as the user has not scrolled away from it.
class Following final {
  public:
    explicit Following(QScrollBar* bar) : bar_(bar), at_end_(bar->value() == bar->maximum()) {}
    ~Following() {
        if (at_end_) bar_->setValue(bar_->maximum());
    }
    Following(const Following&) = delete;
    Following& operator=(const Following&) = delete;

  private:
    QScrollBar* bar_;
    bool at_end_;
};

}  // namespace

ConsolePanel::ConsolePanel(const Context& context) : LivePanel("console", "Console", context) {
    make_content();
    Watch* const text = watch({"exec", "console", "text"}, 100ms);
    if (text == nullptr) {
        line_.setEnabled(false);
        return;
    }
    feed_ = new ConsoleFeed(*session(), *text, this);
    connect(feed_, &ConsoleFeed::added, this, &ConsolePanel::add);
    connect(feed_, &ConsoleFeed::last_line, this, &ConsolePanel::show_last_line);
    connect(feed_, &ConsoleFeed::cleared, &text_, &QPlainTextEdit::clear);
    connect(feed_, &ConsoleFeed::refused, this,
            [this](const QString& sentence) { say("input", sentence); });
}

void ConsolePanel::make_content() {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    const QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    text_.setFont(font);
    text_.setReadOnly(true);
    text_.setUndoRedoEnabled(false);
    text_.setLineWrapMode(QPlainTextEdit::NoWrap);
    text_.setMaximumBlockCount(static_cast<int>(ConsoleFeed::most_lines));
    line_.setFont(font);
    line_.setPlaceholderText("Type a line and press Enter; Up and Down recall earlier ones");
    line_.installEventFilter(this);
    connect(&line_, &QLineEdit::returnPressed, this, &ConsolePanel::send);
    column->addWidget(&text_, 1);
    column->addWidget(&line_);
    set_content(content);
    setFocusProxy(&line_);
}

QString ConsolePanel::as_text() const {
    return text_.toPlainText();
}

bool ConsolePanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched == &line_ && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Up || key == Qt::Key_Down) {
            recall(key == Qt::Key_Up ? 1 : -1);
            return true;
        }
    }
    return LivePanel::eventFilter(watched, event);
}

void ConsolePanel::send() {
    if (feed_ == nullptr) return;
    say("input", {});
    feed_->send_line(line_.text());
    line_.clear();
    recalled_ = 0;
}

void ConsolePanel::recall(qsizetype step) {
    if (feed_ == nullptr) return;
    const QStringList& history = feed_->history();
    recalled_ = qBound(qsizetype{0}, recalled_ + step, history.size());
    line_.setText(recalled_ == 0 ? QString() : history[history.size() - recalled_]);
}

void ConsolePanel::add(const QStringList& lines) {
    const Following following(text_.verticalScrollBar());
    show_last_line(lines.first());
    for (qsizetype i = 1; i < lines.size(); ++i) text_.appendPlainText(lines[i]);
    text_.appendPlainText({});
}

void ConsolePanel::show_last_line(const QString& line) {
    const Following following(text_.verticalScrollBar());
    QTextCursor cursor(text_.document()->lastBlock());
    if (cursor.block().text() == line) return;
    cursor.movePosition(QTextCursor::StartOfBlock);
    cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
    cursor.insertText(line);
}

}  // namespace inspector
