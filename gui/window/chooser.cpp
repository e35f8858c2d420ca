// SPDX-License-Identifier: Apache-2.0
// Chooser: see the header.
#include "gui/window/chooser.hpp"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace inspector {

int fit_of(const QString& words, const QString& text) {
    int fit = 1;
    const QStringList parts = words.split(u' ', Qt::SkipEmptyParts);
    for (const QString& word : parts) {
        const auto at = text.indexOf(word, 0, Qt::CaseInsensitive);
        if (at < 0) return 0;
        fit += at == 0 ? 300 : text[at - 1].isLetterOrNumber() ? 0 : 100;
    }
    return fit + static_cast<int>(std::max<qsizetype>(100 - text.size(), 0));
}

Chooser::Chooser(const QString& hint, QList<Choice> choices, QWidget* parent)
    : QDialog(parent, Qt::Dialog | Qt::FramelessWindowHint),
      choices_(std::move(choices)),
      field_(new QLineEdit),
      list_(new QListWidget) {
    setAttribute(Qt::WA_DeleteOnClose);
    field_->setPlaceholderText(hint);
    field_->installEventFilter(this);
    list_->setUniformItemSizes(true);
    list_->setFocusPolicy(Qt::NoFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(field_);
    layout->addWidget(list_);
    resize(620, 380);
    connect(field_, &QLineEdit::textChanged, this, &Chooser::narrow);
    connect(list_, &QListWidget::itemClicked, this, &Chooser::take);
    narrow();
}

void Chooser::narrow() {
    std::vector<std::pair<int, int>> fits;  // how well, and the place, downwards
    for (int i = 0; i < choices_.size(); ++i) {
        const int fit = fit_of(field_->text(), choices_[i].text + u' ' + choices_[i].detail);
        if (fit > 0) fits.emplace_back(field_->text().isEmpty() ? 1 : fit, -i);
    }
    std::sort(fits.rbegin(), fits.rend());
    if (fits.size() > static_cast<size_t>(most_listed)) fits.resize(most_listed);
    list_->clear();
    for (const auto& [fit, place] : fits) {
        const Choice& choice = choices_[-place];
        const QString detail =
            choice.detail.isEmpty() ? QString() : QStringLiteral("    ") + choice.detail;
        auto* item = new QListWidgetItem(choice.text + detail, list_);
        item->setData(Qt::UserRole, -place);
    }
    list_->setCurrentRow(0);
}

QStringList Chooser::listed() const {
    QStringList texts;
    for (int i = 0; i < list_->count(); ++i) {
        texts.append(choices_[list_->item(i)->data(Qt::UserRole).toInt()].text);
    }
    return texts;
}

bool Chooser::eventFilter(QObject* watched, QEvent* event) {
    if (watched != field_ || event->type() != QEvent::KeyPress) {
        return QDialog::eventFilter(watched, event);
    }
    const int key = static_cast<QKeyEvent*>(event)->key();
    const int last = list_->count() - 1;
    switch (key) {
        case Qt::Key_Down:
            list_->setCurrentRow(std::min(list_->currentRow() + 1, last));
            return true;
        case Qt::Key_Up: list_->setCurrentRow(std::max(list_->currentRow() - 1, 0)); return true;
        case Qt::Key_Return:
        case Qt::Key_Enter: take(); return true;
        default: return QDialog::eventFilter(watched, event);
    }
}

void Chooser::take() {
    const QListWidgetItem* item = list_->currentItem();
    const auto chosen =
        item == nullptr ? std::function<void()>() : choices_[item->data(Qt::UserRole).toInt()].take;
    close();
    if (chosen) chosen();
}

}  // namespace inspector
