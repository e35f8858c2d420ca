// SPDX-License-Identifier: Apache-2.0
// TextView: see the header.
#include "gui/panels/text_view.hpp"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QTextBlock>
#include <QVBoxLayout>

namespace inspector {

namespace {

class Gutter final : public QWidget {
  public:
    explicit Gutter(NumberedText* text) : QWidget(text), text_(text) {}

  protected:
    void paintEvent(QPaintEvent*) override { text_->paint_gutter(rect()); }

  private:
    NumberedText* text_;
};

}  // namespace

NumberedText::NumberedText(bool numbers, QWidget* parent) : QPlainTextEdit(parent) {
    setReadOnly(true);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    if (!numbers) return;
    gutter_ = new Gutter(this);
    connect(this, &QPlainTextEdit::blockCountChanged, this, &NumberedText::place_gutter);
    connect(this, &QPlainTextEdit::updateRequest, gutter_,
            [this](const QRect&, int) { gutter_->update(); });
    place_gutter();
}

int NumberedText::gutter_width() const {
    const auto digits = QString::number(std::max(blockCount(), 99)).size();
    return fontMetrics().horizontalAdvance(u'9') * static_cast<int>(digits) + 14;
}

void NumberedText::place_gutter() {
    if (gutter_ == nullptr) return;
    setViewportMargins(gutter_width(), 0, 0, 0);
    const QRect place = contentsRect();
    gutter_->setGeometry(place.left(), place.top(), gutter_width(), place.height());
}

void NumberedText::resizeEvent(QResizeEvent* event) {
    QPlainTextEdit::resizeEvent(event);
    place_gutter();
}

void NumberedText::changeEvent(QEvent* event) {
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange) place_gutter();
}

void NumberedText::paint_gutter(const QRect& area) {
    QPainter painter(gutter_);
    painter.fillRect(area, palette().color(QPalette::AlternateBase));
    painter.setFont(font());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const QRectF place = blockBoundingGeometry(block).translated(contentOffset());
        if (place.top() > area.bottom()) break;
        painter.drawText(QRectF(0, place.top(), area.width() - 6, place.height()),
                         Qt::AlignRight | Qt::AlignVCenter,
                         QString::number(block.blockNumber() + 1));
    }
}

void NumberedText::mark_line(int line, const QColor& ground) {
    const QTextBlock block = document()->findBlockByNumber(line - 1);
    if (line < 1 || !block.isValid()) {
        setExtraSelections({});
        return;
    }
    QTextEdit::ExtraSelection selection;
    selection.format.setBackground(ground);
    selection.format.setProperty(QTextFormat::FullWidthSelection, true);
    selection.cursor = QTextCursor(block);
    setExtraSelections({selection});
    setTextCursor(selection.cursor);
    centerCursor();
}

TextView::TextView(bool numbers, QWidget* parent)
    : QWidget(parent),
      edit_(new NumberedText(numbers)),
      complaint_(new QLabel),
      find_bar_(new QWidget),
      find_field_(new QLineEdit),
      find_state_(new QLabel) {
    complaint_->setWordWrap(true);
    complaint_->setAlignment(Qt::AlignCenter);
    complaint_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    complaint_->setMargin(20);
    complaint_->hide();
    auto* bar = new QHBoxLayout(find_bar_);
    bar->setContentsMargins(6, 3, 6, 3);
    find_field_->setPlaceholderText(tr("find; Enter: next, Shift+Enter: previous"));
    bar->addWidget(find_field_, 1);
    bar->addWidget(find_state_);
    find_bar_->hide();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(find_bar_);
    layout->addWidget(complaint_, 1);
    layout->addWidget(edit_, 1);
    setFocusProxy(edit_);
    connect(find_field_, &QLineEdit::textChanged, this, [this] {
        edit_->moveCursor(QTextCursor::Start);
        find(false);
    });
}

void TextView::set_text(const QString& text) {
    edit_->setPlainText(text);
    edit_->show();
    complaint_->hide();
}

void TextView::set_complaint(const QString& complaint) {
    edit_->clear();
    edit_->hide();
    complaint_->setText(complaint);
    complaint_->show();
}

QString TextView::text() const {
    return edit_->toPlainText();
}

void TextView::open_find() {
    find_bar_->show();
    find_field_->setFocus();
    find_field_->selectAll();
}

void TextView::keyPressEvent(QKeyEvent* event) {
    const bool in_field = find_field_->hasFocus();
    if (in_field && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
        find(event->modifiers() & Qt::ShiftModifier);
    } else if (in_field && event->key() == Qt::Key_Escape) {
        find_bar_->hide();
        edit_->setFocus();
    } else if (!in_field && event->key() == Qt::Key_Slash) {
        open_find();
    } else {
        QWidget::keyPressEvent(event);
    }
}

void TextView::find(bool backward) {
    const QString words = find_field_->text();
    find_state_->clear();
    if (words.isEmpty()) return;
    const auto flags = backward ? QTextDocument::FindBackward : QTextDocument::FindFlags();
    if (edit_->find(words, flags)) return;
    // Once more from the other end.
    edit_->moveCursor(backward ? QTextCursor::End : QTextCursor::Start);
    if (!edit_->find(words, flags)) find_state_->setText(tr("nothing found"));
}

}  // namespace inspector
