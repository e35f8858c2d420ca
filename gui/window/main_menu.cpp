// SPDX-License-Identifier: Apache-2.0
// MainWindow: the menu, and what it opens.
#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QMenu>
#include <QMenuBar>
#include <QTextBrowser>
#include <QVBoxLayout>

#include "gui/timeline/timeline_keys.hpp"
#include "gui/window/chooser.hpp"
#include "gui/window/export.hpp"
#include "gui/window/main_window.hpp"
#include "gui/window/theme.hpp"

namespace inspector {

QAction* MainWindow::add(QMenu* menu, const QString& text, const QKeySequence& key,
                         const std::function<void()>& what) {
    QAction* action = menu->addAction(text);
    action->setShortcut(key);
    connect(action, &QAction::triggered, this, what);
    commands_.append(action);
    return action;
}

void MainWindow::build_menu() {
    const auto with_current = [this](QString (*what)(const Panel&)) {
        return [this, what] {
            if (const Panel* current = current_panel()) {
                const QString problem = what(*current);
                tell(problem.isEmpty() ? tr("copied from \"%1\"").arg(current->title()) : problem);
            }
        };
    };
    QMenu* file = menuBar()->addMenu(tr("&File"));
    add(file, tr("Export the panel..."), QKeySequence(Qt::CTRL | Qt::Key_E),
        [this] { export_current(); });
    add(file, tr("Copy the panel as a picture"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C),
        [this] {
            if (Panel* current = current_panel()) {
                static_cast<void>(copy_picture(*current));
                tell(tr("copied from \"%1\"").arg(current->title()));
            }
        });
    add(file, tr("Copy the panel as text"), {}, with_current(copy_text));
    add(file, tr("Copy the panel as CSV"), {}, with_current(copy_csv));
    file->addSeparator();
    add(file, tr("Quit"), QKeySequence::Quit, [this] { close(); });

    QMenu* go = menuBar()->addMenu(tr("&Go"));
    add(go, tr("Go to a track, task or thread..."), QKeySequence(Qt::CTRL | Qt::Key_P),
        [this] { open_places(); });
    add(go, tr("Commands..."), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P),
        [this] { open_palette(); });

    QMenu* view = menuBar()->addMenu(tr("&View"));
    for (qsizetype i = 0; i < docks_.size(); ++i) {
        QDockWidget* dock = docks_[i];
        view->addAction(dock->toggleViewAction());
        auto* show = new QAction(tr("Show %1").arg(dock->windowTitle()), this);
        if (i < 9) show->setShortcut(QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + i)));
        connect(show, &QAction::triggered, dock, [dock] {
            dock->show();
            dock->raise();
            dock->widget()->setFocus();
        });
        addAction(show);
        commands_.append(show);
    }
    view->addSeparator();
    add_theme_menu(view);
    add(view, tr("Reset the layout"), {}, [this] { reset_layout(); });

    QMenu* help = menuBar()->addMenu(tr("&Help"));
    add(help, tr("Keys"), QKeySequence(Qt::Key_Question), [this] { show_keys(); });
    add(help, tr("What is wrong with the trace"), {}, [this] { show_complaints(); });
}

void MainWindow::add_theme_menu(QMenu* menu) {
    QMenu* themes = menu->addMenu(tr("Theme"));
    const std::pair<ThemeChoice, QString> choices[] = {
        {ThemeChoice::System, tr("Theme: as the system's")},
        {ThemeChoice::Light, tr("Theme: light")},
        {ThemeChoice::Dark, tr("Theme: dark")},
    };
    for (const auto& [choice, text] : choices) {
        add(themes, text, {}, [choice = choice] {
            remember_theme(choice);
            apply_theme(choice);
        });
    }
}

void MainWindow::open_palette() {
    QList<Choice> choices;
    for (QAction* action : commands()) {
        if (!action->isEnabled()) continue;
        choices.append({action->text().remove(u'&'),
                        action->shortcut().toString(QKeySequence::NativeText),
                        [action] { action->trigger(); }});
    }
    auto* chooser = new Chooser(tr("a command"), std::move(choices), this);
    chooser->open();
}

void MainWindow::open_places() {
    QList<Choice> choices;
    for (Panel* one : panels_) {
        for (const Place& place : one->places()) {
            choices.append({place.name, place.detail, [this, one, number = place.number] {
                                for (QDockWidget* dock : docks_) {
                                    if (dock->widget() != one) continue;
                                    dock->show();
                                    dock->raise();
                                }
                                one->go_to(number);
                            }});
        }
    }
    auto* chooser = new Chooser(tr("a track, task or thread"), std::move(choices), this);
    chooser->open();
}

void MainWindow::show_keys() {
    QString text = QStringLiteral("<table cellpadding=4>");
    const auto row = [&](const QString& keys, const QString& what) {
        text += QStringLiteral("<tr><td><b>%1</b></td><td>%2</td></tr>")
                    .arg(keys.toHtmlEscaped(), what.toHtmlEscaped());
    };
    for (const QAction* action : commands()) {
        if (action->shortcut().isEmpty()) continue;
        row(action->shortcut().toString(QKeySequence::NativeText), action->text().remove(u'&'));
    }
    text += QStringLiteral("<tr><td colspan=2><hr>%1</td></tr>").arg(tr("In the timeline"));
    for (const KeyHelp& help : timeline_keys()) row(help.keys, help.what);
    text += QStringLiteral("</table>");

    auto* dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName(QStringLiteral("keys"));
    dialog->setWindowTitle(tr("Keys"));
    auto* browser = new QTextBrowser;
    browser->setHtml(text);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    auto* layout = new QVBoxLayout(dialog);
    layout->addWidget(browser);
    layout->addWidget(buttons);
    dialog->resize(560, 640);
    dialog->open();
}

void MainWindow::export_current() {
    Panel* current = current_panel();
    if (current == nullptr) return;
    const QString path = QFileDialog::getSaveFileName(
        this, tr("Export \"%1\"").arg(current->title()), current->name() + QStringLiteral(".png"),
        tr("Picture (*.png);;Drawing (*.svg);;Table (*.csv);;Text (*.txt)"));
    if (path.isEmpty()) return;
    const QString problem = export_panel(*current, path);
    tell(problem.isEmpty() ? tr("written to %1").arg(path) : problem);
}

}  // namespace inspector
