// SPDX-License-Identifier: Apache-2.0
// Panel: one view of the run, in a dock of the window. It shows what models tell it and computes
// nothing itself.
#pragma once

#include <QList>
#include <QString>
#include <QWidget>

class QAction;

namespace inspector {

class RecordedRun;
class Selection;
class Session;
class TraceLoader;

// What panels look at. It outlives them.
struct Context {
    Selection* selection = nullptr;   // always there
    TraceLoader* trace = nullptr;     // always there; empty where the run has no trace
    RecordedRun* recorded = nullptr;  // the run's folder; null if there is none
    Session* session = nullptr;       // the live run; null for a recorded one
};

// Something that a panel can go to, and the words by which it is found.
struct Place {
    int number = 0;
    QString name;
    QString detail;
};

class Panel : public QWidget {
    Q_OBJECT

  public:
    // The name is what the layout is remembered by, such as "timeline"; the title is for the user.
    Panel(QString name, QString title) : name_(std::move(name)), title_(std::move(title)) {}

    [[nodiscard]] const QString& name() const { return name_; }
    [[nodiscard]] const QString& title() const { return title_; }

    // What is shown, for the clipboard and for files. Empty: this panel has no such form, and the
    // window says so.
    [[nodiscard]] virtual QString as_text() const { return {}; }
    [[nodiscard]] virtual QString as_csv() const { return {}; }

    // Commands of its own, for the palette and the menu. Each has a text and, best, a shortcut.
    [[nodiscard]] virtual QList<QAction*> commands() { return {}; }

    // What can be gone to by name (Ctrl+P), and going there.
    [[nodiscard]] virtual QList<Place> places() { return {}; }
    virtual void go_to(int /*place*/) {}

    // All that it is to show is there: pictures of it are taken then.
    [[nodiscard]] virtual bool settled() const { return true; }

  private:
    QString name_;
    QString title_;
};

}  // namespace inspector
