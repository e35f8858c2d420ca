// SPDX-License-Identifier: Apache-2.0
// MainWindow: the panels in docks that can be rearranged and are remembered, the menu, the palette
// of commands and the status bar.
#pragma once

#include <QDockWidget>
#include <QList>
#include <QMainWindow>

#include "gui/panels/panel.hpp"
#include "gui/window/options.hpp"
#include "gui/window/panels.hpp"

class QAction;
class QLabel;
class QMenu;

namespace inspector {

class MainWindow final : public QMainWindow {
    Q_OBJECT

  public:
    // Precondition: what the context names outlives this.
    explicit MainWindow(const Context& context);

    // As it was left the last time; with `reset` as at first, and that is forgotten.
    void restore_layout(bool reset);

    [[nodiscard]] Panel* panel(const QString& name) const;  // null: there is none
    [[nodiscard]] const QList<Panel*>& panels() const { return panels_; }
    [[nodiscard]] Session* session() const { return context_.session; }  // null: no live run
    // The one with the keyboard, else the first that is seen.
    [[nodiscard]] Panel* current_panel() const;
    // Every command, of the menu and of the panels.
    [[nodiscard]] QList<QAction*> commands() const;
    [[nodiscard]] QString state_text() const;

    // What the run is doing, for the status bar and the title.
    void set_run_state(const QString& state);
    // A sentence that matters now.
    void tell(const QString& sentence);

  public slots:
    void open_palette();
    void open_places();
    void show_keys();
    void show_status();
    void reset_layout();

  protected:
    void closeEvent(QCloseEvent* event) override;

  private:
    void add_panels();
    void place_docks();
    [[nodiscard]] QDockWidget* first_at(DockPlace place) const;  // null: none
    void build_menu();
    QAction* add(QMenu* menu, const QString& text, const QKeySequence& key,
                 const std::function<void()>& what);
    void add_theme_menu(QMenu* menu);
    void build_status();
    void export_current();
    void show_complaints();

    Context context_;
    QList<Panel*> panels_;
    QList<QDockWidget*> docks_;
    QList<DockPlace> places_;  // of the docks
    QList<QAction*> commands_;
    QLabel* state_ = nullptr;
    QLabel* time_ = nullptr;
    QLabel* verdict_ = nullptr;
    QLabel* trace_ = nullptr;
    QString run_state_;
};

}  // namespace inspector
