// SPDX-License-Identifier: Apache-2.0
// SystemPanel: see the header.
#include "gui/panels/system_panel.hpp"

#include <QJsonDocument>
#include <QScrollArea>
#include <QSplitter>
#include <QTabWidget>

#include "gui/models/capability_rows.hpp"
#include "gui/models/model_text.hpp"
#include "gui/models/port_graph.hpp"
#include "gui/run/selection.hpp"

namespace inspector {
namespace {

using std::chrono_literals::operator""ms;

constexpr auto pause = 500ms;

}  // namespace

SystemPanel::SystemPanel(const Context& context)
    : LivePanel("system", "System", context), rights_(right_columns()), ports_(port_columns()) {
    make_content();
    make_watches();
    connect(&tree_view_, &ModelView::current_changed, this, &SystemPanel::row_changed);
    connect(&graph_view_, &PortGraphView::task_clicked, this, [this](uint32_t task) {
        Selected selected = selection().selected();
        selected.task = task;
        selected.thread.reset();
        selection().select(selected);
    });
    connect(&selection(), &Selection::changed, this, &SystemPanel::selection_changed);
    selection_changed(selection().selected());
}

void SystemPanel::make_content() {
    auto* graph = new QScrollArea;
    graph->setWidget(&graph_view_);
    graph->setWidgetResizable(true);
    graph->setFrameShape(QFrame::NoFrame);
    auto* tabs = new QTabWidget;
    tabs->addTab(&rights_view_, "Rights");
    tabs->addTab(&ports_view_, "Ports");
    tabs->addTab(graph, "IPC graph");
    tabs->setDocumentMode(true);
    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(&tree_view_);
    splitter->addWidget(tabs);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    set_content(splitter);
    setFocusProxy(&tree_view_);
}

void SystemPanel::make_watches() {
    const auto add = [this](const char* command, QJsonDocument SystemState::*part) {
        Watch* const told = watch({"exec", "kernel", command}, pause);
        if (told == nullptr) return;
        connect(told, &Watch::answered, this,
                [this, part](const Reply& reply) { take_system(part, reply); });
    };
    add("containers", &SystemState::containers);
    add("tasks", &SystemState::tasks);
    add("threads", &SystemState::threads);
    add("limits", &SystemState::limits);
    rights_watch_ = watch({}, pause);
    if (rights_watch_ == nullptr) return;
    connect(rights_watch_, &Watch::answered, this, [this](const Reply& reply) {
        rights_.update(right_rows(reply.json().array()));
        rights_view_.fit();
    });
    connect(watch({"exec", "kernel", "ports"}, pause), &Watch::answered, this,
            [this](const Reply& reply) {
                ports_told_ = reply.json().array();
                take_ports();
            });
}

void SystemPanel::take_system(QJsonDocument SystemState::*part, const Reply& reply) {
    if (!reply.ok) return;
    state_.*part = reply.json();
    tree_.update(system_tree(state_));
    tree_view_.fit();
    selection_changed(selection().selected());
}

void SystemPanel::take_ports() {
    const TaskNames names = task_names(state_.tasks.array());
    const uint64_t task = task_.value_or(0);
    ports_.update(port_rows(ports_told_, task, names));
    ports_view_.fit();
    graph_view_.set_graph(port_graph(ports_told_, task, names));
}

void SystemPanel::row_changed(const QVariant& tag) {
    Selected selected = selection().selected();
    const Selected row = selected_by(tag);
    selected.container = row.container;
    selected.task = row.task;
    selected.thread = row.thread;
    selection().select(selected);
}

void SystemPanel::selection_changed(const Selected& selected) {
    const Selected whole = completed(state_, selected);
    tree_view_.set_current_tag(system_tag(whole));
    if (whole.task == task_) return;
    task_ = whole.task;
    show_task();
}

void SystemPanel::show_task() {
    if (rights_watch_ == nullptr) return;
    rights_.update({});
    say("exec kernel rights", {});
    rights_watch_->set_command(
        task_ ? QStringList{"exec", "kernel", "rights", QString::number(*task_)} : QStringList());
    take_ports();
}

QString SystemPanel::as_text() const {
    return text_of(tree_);
}

QString SystemPanel::as_csv() const {
    return csv_of(tree_);
}

}  // namespace inspector
