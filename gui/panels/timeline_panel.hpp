// SPDX-License-Identifier: Apache-2.0
// TimelinePanel: the timeline with its search and the details of what is selected.
#pragma once

#include "gui/models/table_model.hpp"
#include "gui/panels/panel.hpp"
#include "gui/timeline/timeline.hpp"
#include "gui/timeline/timeline_view.hpp"
#include "gui/timeline/trace_search.hpp"

class QCheckBox;
class QLabel;
class QLineEdit;
class QSortFilterProxyModel;
class QTableView;

namespace inspector {

class TimelinePanel final : public Panel {
    Q_OBJECT

  public:
    explicit TimelinePanel(const Context& context);

    [[nodiscard]] Timeline& timeline() { return timeline_; }
    [[nodiscard]] TimelineView& view() { return *view_; }
    [[nodiscard]] QTableView& details() { return *details_; }
    [[nodiscard]] QLineEdit& search_field() { return *search_field_; }
    [[nodiscard]] TraceSearch& search() { return search_; }

    [[nodiscard]] QString as_text() const override;
    [[nodiscard]] QString as_csv() const override;
    [[nodiscard]] QList<QAction*> commands() override { return commands_; }
    [[nodiscard]] bool settled() const override { return view_->settled(); }

    // Tracks by their path, for the window's way to go to one.
    [[nodiscard]] QList<Place> places() override;
    void go_to(int place) override;

  protected:
    void keyPressEvent(QKeyEvent* event) override;

  private:
    void build_search();
    void add_commands();
    void open_search();
    void go_to_hit(int direction);
    void show_selection();
    void show_sums(const Aggregates& sums);
    // If the trace is another one.
    void search_again();

    Timeline timeline_;
    TraceSearch search_;
    TableModel model_;
    QSortFilterProxyModel* sorted_;
    TimelineView* view_;
    QTableView* details_;
    QWidget* search_bar_;
    QLineEdit* search_field_;
    QCheckBox* search_runs_;
    QLabel* search_state_;
    QList<QAction*> commands_;
    uint64_t edition_ = 0;  // of the trace that was searched
};

}  // namespace inspector
