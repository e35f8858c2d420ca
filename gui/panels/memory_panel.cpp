// SPDX-License-Identifier: Apache-2.0
// MemoryPanel: see the header.
#include "gui/panels/memory_panel.hpp"

#include <QHBoxLayout>
#include <QJsonDocument>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

#include "gui/models/model_text.hpp"

namespace inspector {
namespace {

using std::chrono_literals::operator""ms;

constexpr auto map_pause = 1000ms;
constexpr auto pause = 500ms;

}  // namespace

MemoryPanel::MemoryPanel(const Context& context) : LivePanel("memory", "Memory", context) {
    make_content();
    make_actions();
    make_watches();
    connect(&colouring_, &QComboBox::currentIndexChanged, this, &MemoryPanel::colour);
    connect(&map_view_, &FrameMapView::colours_changed, this, &MemoryPanel::show_legend);
    connect(&map_view_, &FrameMapView::frame_clicked, this, [this](uint64_t frame) {
        Selected selected = selection().selected();
        selected.frame = frame;
        selection().select(selected);
    });
    connect(&selection(), &Selection::changed, this, &MemoryPanel::selection_changed);
    selection_changed(selection().selected());
    show_legend();
}

void MemoryPanel::make_content() {
    auto* tabs = new QTabWidget;
    tabs->setDocumentMode(true);
    tabs->addTab(&owners_view_, "Owners");
    tabs->addTab(&orders_view_, "Free blocks");
    tabs->addTab(make_caches(), "Kernel heap");
    tabs->addTab(&events_view_, "Events");
    for (ModelView* view : {&owners_view_, &orders_view_, &caches_view_, &events_view_}) {
        view->setRootIsDecorated(false);
    }
    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(make_map());
    splitter->addWidget(tabs);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    set_content(splitter);
    setFocusProxy(&map_view_);
}

QWidget* MemoryPanel::make_map() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(6, 2, 6, 2);
    colouring_.addItems({"by owner", "by order of free blocks", "by mobility", "of the task"});
    legend_.setTextFormat(Qt::RichText);
    legend_.setWordWrap(true);
    row->addWidget(new QLabel("Frames"));
    row->addWidget(&colouring_);
    row->addWidget(&legend_, 1);
    frame_.setMargin(4);
    frame_.setTextInteractionFlags(Qt::TextSelectableByMouse);
    summary_.setMargin(4);
    summary_.setWordWrap(true);
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(bar);
    column->addWidget(&map_view_, 1);
    column->addWidget(&frame_);
    column->addWidget(&summary_);
    return content;
}

QWidget* MemoryPanel::make_caches() {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    no_caches_.setWordWrap(true);
    no_caches_.setMargin(6);
    no_caches_.hide();
    column->addWidget(&no_caches_);
    column->addWidget(&caches_view_, 1);
    return content;
}

void MemoryPanel::make_actions() {
    const auto prepare = [this](QAction& action, const QString& text, auto function) {
        action.setText(text);
        connect(&action, &QAction::triggered, &map_view_, function);
    };
    prepare(zoom_in_, "Zoom into the page frames", &FrameMapView::zoom_in);
    prepare(zoom_out_, "Zoom out of the page frames", &FrameMapView::zoom_out);
    prepare(zoom_fit_, "Show all page frames", &FrameMapView::zoom_to_fit);
}

void MemoryPanel::make_watches() {
    Watch* const frames = watch({"exec", "kernel", "frames"}, map_pause);
    if (frames == nullptr) return;
    feed_ = new FrameFeed(*session(), *frames, this);
    connect(feed_, &FrameFeed::changed, this, [this] {
        map_view_.set_map(feed_->map());
        show_frame();
    });
    connect(watch({"exec", "kernel", "memory"}, pause), &Watch::answered, this,
            &MemoryPanel::take_memory);
    connect(watch({"exec", "kernel", "caches"}, pause, Refusals::Mine), &Watch::answered, this,
            &MemoryPanel::take_caches);
}

void MemoryPanel::take_memory(const Reply& reply) {
    if (!reply.ok) return;
    const QJsonObject memory = reply.json().object();
    const qsizetype nodes = memory["page_frames"]["nodes"].toArray().size();
    if (nodes != nodes_) {
        nodes_ = nodes;
        orders_.set_columns(order_columns(memory));
    }
    owners_.update(owner_rows(memory));
    orders_.update(order_rows(memory));
    events_.update(event_rows(memory));
    for (ModelView* view : {&owners_view_, &orders_view_, &events_view_}) view->fit();
    summary_.setText(memory_summary(memory));
}

void MemoryPanel::take_caches(const Reply& reply) {
    no_caches_.setText(reply.error);
    no_caches_.setVisible(!reply.ok);
    caches_.update(cache_rows(reply.ok ? reply.json().array() : QJsonArray()));
    caches_view_.fit();
}

void MemoryPanel::colour() {
    map_view_.set_colouring(static_cast<FrameColouring>(colouring_.currentIndex()),
                            selection().selected().task.value_or(0));
}

void MemoryPanel::show_legend() {
    QStringList parts;
    for (const auto& [name, colour] : map_view_.colours().legend()) {
        parts.append(QString("<span style='color:%1'>■</span> %2").arg(colour.name(), name));
    }
    legend_.setText(parts.join("&nbsp; "));
}

void MemoryPanel::show_frame() {
    const std::optional<uint64_t> frame = selection().selected().frame;
    const bool is_known = frame && feed_ != nullptr;
    frame_.setText(is_known ? frame_text(feed_->map(), *frame) : "Click a frame to select it.");
}

void MemoryPanel::selection_changed(const Selected& selected) {
    map_view_.set_selected(selected.frame);
    if (colouring_.currentIndex() == static_cast<int>(FrameColouring::Task)) colour();
    show_frame();
}

QString MemoryPanel::as_text() const {
    return text_of(owners_) + '\n' + text_of(orders_);
}

QString MemoryPanel::as_csv() const {
    return csv_of(orders_);
}

QList<QAction*> MemoryPanel::commands() {
    return {&zoom_in_, &zoom_out_, &zoom_fit_};
}

}  // namespace inspector
