// SPDX-License-Identifier: Apache-2.0
// TimelinePanel: see the header.
#include "gui/panels/timeline_panel.hpp"

#include <QAction>
#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <utility>

#include "gui/models/event_rows.hpp"
#include "gui/session/session.hpp"

namespace inspector {

TimelinePanel::TimelinePanel(const Context& context)
    : Panel(QStringLiteral("timeline"), tr("Timeline")),
      timeline_(*context.trace, *context.selection),
      search_(*context.trace),
      model_(fact_columns()),
      sorted_(new QSortFilterProxyModel(this)),
      view_(new TimelineView(timeline_)),
      details_(new QTableView),
      search_bar_(new QWidget),
      search_field_(new QLineEdit),
      search_runs_(new QCheckBox(tr("runs too"))),
      search_state_(new QLabel) {
    sorted_->setSourceModel(&model_);
    sorted_->setSortRole(TableModel::SortRole);
    details_->setModel(sorted_);
    details_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    details_->setSelectionBehavior(QAbstractItemView::SelectRows);
    details_->setAlternatingRowColors(true);
    details_->verticalHeader()->hide();
    details_->verticalHeader()->setDefaultSectionSize(details_->fontMetrics().height() + 6);
    details_->horizontalHeader()->setHighlightSections(false);
    details_->setAccessibleName(tr("details of the selection"));

    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(view_);
    splitter->addWidget(details_);
    splitter->setStretchFactor(0, 4);
    splitter->setStretchFactor(1, 1);
    splitter->setChildrenCollapsible(false);
    build_search();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(search_bar_);
    layout->addWidget(splitter, 1);
    setFocusProxy(view_);

    connect(&timeline_, &Timeline::selection_changed, this, &TimelinePanel::show_selection);
    connect(&timeline_, &Timeline::sums_ready, this, &TimelinePanel::show_sums);
    if (Session* session = context.session; session != nullptr) {
        const auto show = [this, session] {
            const bool is_there = session->state() != Session::State::Lost;
            timeline_.set_present(is_there ? std::optional(session->now()) : std::nullopt);
        };
        connect(session, &Session::changed, this, show);
        show();
    }
    connect(&timeline_, &Timeline::rows_changed, this, &TimelinePanel::search_again);
    add_commands();
    show_selection();
}

void TimelinePanel::search_again() {
    const uint64_t edition = timeline_.progress().edition;
    if (std::exchange(edition_, edition) == edition) return;
    search_.start(search_field_->text(), search_runs_->isChecked());
}

void TimelinePanel::build_search() {
    auto* layout = new QHBoxLayout(search_bar_);
    layout->setContentsMargins(6, 3, 6, 3);
    search_field_->setPlaceholderText(
        tr("search events: words of names and arguments, or size=4096"));
    search_field_->setClearButtonEnabled(true);
    layout->addWidget(search_field_, 1);
    layout->addWidget(search_runs_);
    layout->addWidget(search_state_);
    for (const int direction : {-1, 1}) {
        auto* button = new QToolButton;
        button->setText(direction > 0 ? tr("Next") : tr("Previous"));
        connect(button, &QToolButton::clicked, this, [this, direction] { go_to_hit(direction); });
        layout->addWidget(button);
    }
    search_bar_->hide();
    const auto start = [this] { search_.start(search_field_->text(), search_runs_->isChecked()); };
    connect(search_field_, &QLineEdit::textChanged, this, start);
    connect(search_runs_, &QCheckBox::toggled, this, start);
    connect(&search_, &TraceSearch::changed, this,
            [this] { search_state_->setText(search_.state_text()); });
}

void TimelinePanel::add_commands() {
    const auto add = [this](const QString& text, const QList<QKeySequence>& keys, auto what) {
        auto* action = new QAction(text, this);
        action->setShortcuts(keys);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, what);
        addAction(action);
        commands_.append(action);
    };
    // Keys of single letters are the view's own, so that they can be typed into fields.
    add(tr("Search events"), {QKeySequence::Find}, [this] { open_search(); });
    add(tr("Show everything"), {}, [this] { view_->show_all(); });
    add(tr("Fit the selection"), {}, [this] { timeline_.fit_selection(); });
    add(tr("Next event of the track"), {}, [this] { timeline_.step(1); });
    add(tr("Previous event of the track"), {}, [this] { timeline_.step(-1); });
    add(tr("Along the flow, forward"), {}, [this] { timeline_.follow_flow(1); });
    add(tr("Along the flow, backward"), {}, [this] { timeline_.follow_flow(-1); });
    add(tr("Pin the selected track, or let it go"), {}, [this] { timeline_.toggle_pin(); });
    add(tr("Show or hide the details"), {}, [this] { details_->setVisible(details_->isHidden()); });
    add(tr("Select nothing"), {}, [this] { timeline_.clear(); });
}

void TimelinePanel::keyPressEvent(QKeyEvent* event) {
    const bool plain = (event->modifiers() & ~Qt::ShiftModifier) == Qt::NoModifier;
    const bool in_search = search_field_->hasFocus();
    if (in_search && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
        go_to_hit(event->modifiers() & Qt::ShiftModifier ? -1 : 1);
    } else if (in_search && event->key() == Qt::Key_Escape) {
        search_bar_->hide();
        view_->setFocus();
    } else if (plain && !in_search && event->key() == Qt::Key_Slash) {
        open_search();
    } else if (plain && !in_search && event->key() == Qt::Key_Q) {
        details_->setVisible(details_->isHidden());
    } else {
        Panel::keyPressEvent(event);
    }
}

void TimelinePanel::open_search() {
    search_bar_->show();
    search_field_->setFocus();
    search_field_->selectAll();
}

void TimelinePanel::go_to_hit(int direction) {
    const auto hit = search_.next(direction);
    if (!hit) return;
    timeline_.select_event(*hit);
    timeline_.reveal_event();
}

void TimelinePanel::show_selection() {
    details_->setSortingEnabled(false);
    sorted_->sort(-1);
    if (timeline_.area()) {
        const Area& area = *timeline_.area();
        model_.set(fact_columns(),
                   fact_rows({{tr("area"), tr("being summed up")},
                              {tr("begin"), time_words(area.begin)},
                              {tr("length"), duration_words(area.end - area.begin)}}));
    } else if (timeline_.event_facts().isEmpty()) {
        const Facts hint{{tr("nothing is selected"),
                          tr("click an event, or drag on the ruler; ? shows the keys")}};
        model_.set(fact_columns(), fact_rows(hint));
    } else {
        model_.set(fact_columns(), fact_rows(timeline_.event_facts()));
    }
    details_->horizontalHeader()->setStretchLastSection(true);
    details_->resizeColumnsToContents();
}

void TimelinePanel::show_sums(const Aggregates& sums) {
    if (!timeline_.area()) return;
    const uint64_t span = timeline_.area()->end - timeline_.area()->begin;
    model_.set(sum_columns(), timeline_.loader().read([&](const TraceStore& store) {
        const bool is_theirs = store.edition() == timeline_.progress().edition;
        return is_theirs ? sum_rows(store, sums, span) : QList<TableRow>{};
    }));
    details_->horizontalHeader()->setStretchLastSection(false);
    details_->resizeColumnsToContents();
    details_->setSortingEnabled(true);
    details_->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
}

QString TimelinePanel::as_text() const {
    return table_text(*sorted_);
}

QString TimelinePanel::as_csv() const {
    return table_csv(*sorted_);
}

QList<Place> TimelinePanel::places() {
    QList<Place> places;
    const TrackTree& tree = timeline_.rows().tree();
    for (TrackId id = root_track + 1; id < tree.nodes.size(); ++id) {
        QString name = tree.node(id).name;
        const TrackKind kind = tree.node(id).kind;
        if (kind == TrackKind::Thread) name += tr(" (thread %1)").arg(tree.node(id).number);
        if (kind == TrackKind::Task) name += tr(" (task %1)").arg(tree.node(id).number);
        places.append({static_cast<int>(id), name, tree.path(id)});
    }
    return places;
}

void TimelinePanel::go_to(int place) {
    timeline_.go_to(static_cast<TrackId>(place));
    view_->setFocus();
}

}  // namespace inspector
