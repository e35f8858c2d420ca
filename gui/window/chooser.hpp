// SPDX-License-Identifier: Apache-2.0
// Chooser: one field and a list that its words narrow down: the palette of commands, and the way to
// go to a track, task or thread by name.
#pragma once

#include <QDialog>
#include <QList>
#include <QString>
#include <QStringList>
#include <functional>

class QLineEdit;
class QListWidget;

namespace inspector {

struct Choice {
    QString text;
    QString detail;  // on the right, such as a shortcut
    std::function<void()> take;
};

// How well some words fit a text; 0: not all of them are in it. Better: at its begin, at the begin
// of a word, in a short text.
[[nodiscard]] int fit_of(const QString& words, const QString& text);

class Chooser final : public QDialog {
    Q_OBJECT

  public:
    Chooser(const QString& hint, QList<Choice> choices, QWidget* parent);

    [[nodiscard]] QLineEdit& field() { return *field_; }
    // The texts that are listed, best first.
    [[nodiscard]] QStringList listed() const;

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void narrow();
    void take();

    static constexpr qsizetype most_listed = 200;

    QList<Choice> choices_;
    QLineEdit* field_;
    QListWidget* list_;
};

}  // namespace inspector
