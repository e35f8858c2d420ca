// SPDX-License-Identifier: Apache-2.0
// MainWindow: docks and layout; the menu is in main_menu.cpp, the status bar in main_status.cpp.
#include "gui/window/main_window.hpp"

#include <QApplication>
#include <QCloseEvent>
#include <QSettings>

#include "gui/run/recorded_run.hpp"

namespace inspector {

namespace {

// Grows when the panels change so much that an old layout makes no sense.
constexpr int layout_version = 1;

QString layout_key(const Context& context, const char* what) {
    // A live run has other panels than a recorded one.
    const char* kind = context.session != nullptr ? "live" : "recorded";
    return QStringLiteral("layout/%1/%2").arg(QLatin1String(kind), QLatin1String(what));
}

}  // namespace

MainWindow::MainWindow(const Context& context) : context_(context) {
    setObjectName(QStringLiteral("inspector"));
    resize(1440, 900);
    setDockNestingEnabled(true);
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    add_panels();
    build_menu();
    build_status();
    place_docks();
    set_run_state(context.session != nullptr ? tr("live") : tr("recorded"));
    if (!panels_.isEmpty()) panels_.front()->setFocus();
}

void MainWindow::add_panels() {
    for (const PanelFactory& factory : panel_factories()) {
        if (!factory.wanted(context_)) continue;
        Panel* made = factory.make(context_);
        auto* dock = new QDockWidget(made->title(), this);
        dock->setObjectName(made->name());
        dock->setWidget(made);
        panels_.append(made);
        docks_.append(dock);
        places_.append(factory.place);
        if (factory.place != DockPlace::Bar) continue;
        dock->setTitleBarWidget(new QWidget(dock));
        made->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }
}

void MainWindow::place_docks() {
    QDockWidget* bar = first_at(DockPlace::Bar);
    QDockWidget* top = first_at(DockPlace::Top);
    QDockWidget* bottom = first_at(DockPlace::Bottom);
    QDockWidget* right = first_at(DockPlace::Right);
    for (QDockWidget* dock : docks_) {
        dock->setFloating(false);
        dock->show();
    }
    for (QDockWidget* dock : {bar, top}) {
        if (dock != nullptr) addDockWidget(Qt::TopDockWidgetArea, dock, Qt::Vertical);
    }
    if (bottom != nullptr) addDockWidget(Qt::BottomDockWidgetArea, bottom);
    // Beside the top one: the window has no middle that the area on the right could stand beside.
    if (right != nullptr) {
        addDockWidget(Qt::TopDockWidgetArea, right);
        if (top != nullptr) splitDockWidget(top, right, Qt::Horizontal);
    }
    for (qsizetype i = 0; i < docks_.size(); ++i) {
        QDockWidget* first = first_at(places_[i]);
        if (docks_[i] != first) tabifyDockWidget(first, docks_[i]);
    }
    for (QDockWidget* dock : {top, bottom, right}) {
        if (dock != nullptr) dock->raise();
    }
    if (top != nullptr && bottom != nullptr) resizeDocks({top, bottom}, {620, 240}, Qt::Vertical);
    if (top != nullptr && right != nullptr) {
        resizeDocks({top, right}, {1000, 440}, Qt::Horizontal);
    }
}

QDockWidget* MainWindow::first_at(DockPlace place) const {
    const auto found = places_.indexOf(place);
    return found < 0 ? nullptr : docks_[found];
}

void MainWindow::restore_layout(bool reset) {
    if (reset) return reset_layout();
    const QSettings settings;
    const auto saved = [&](const char* what) {
        return settings.value(layout_key(context_, what)).toByteArray();
    };
    restoreGeometry(saved("geometry"));
    restoreState(saved("docks"), layout_version);
}

void MainWindow::reset_layout() {
    QSettings().remove(QStringLiteral("layout"));
    for (QDockWidget* dock : docks_) removeDockWidget(dock);
    place_docks();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    QSettings settings;
    settings.setValue(layout_key(context_, "geometry"), saveGeometry());
    settings.setValue(layout_key(context_, "docks"), saveState(layout_version));
    QMainWindow::closeEvent(event);
}

Panel* MainWindow::panel(const QString& name) const {
    for (Panel* one : panels_) {
        if (one->name() == name) return one;
    }
    return nullptr;
}

Panel* MainWindow::current_panel() const {
    for (QWidget* at = QApplication::focusWidget(); at != nullptr; at = at->parentWidget()) {
        if (auto* found = qobject_cast<Panel*>(at)) return found;
    }
    for (Panel* one : panels_) {
        if (!one->visibleRegion().isEmpty()) return one;
    }
    return panels_.value(0);
}

QList<QAction*> MainWindow::commands() const {
    QList<QAction*> all = commands_;
    for (Panel* one : panels_) all += one->commands();
    return all;
}

}  // namespace inspector
