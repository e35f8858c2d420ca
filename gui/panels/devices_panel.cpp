// SPDX-License-Identifier: Apache-2.0
// DevicesPanel: see the header.
#include "gui/panels/devices_panel.hpp"

#include <QJsonDocument>
#include <QVBoxLayout>

#include "gui/models/model_text.hpp"

namespace inspector {
namespace {

using std::chrono_literals::operator""ms;

}  // namespace

DevicesPanel::DevicesPanel(const Context& context) : LivePanel("devices", "Devices", context) {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    filter_.setPlaceholderText("Show objects and attributes whose names contain...");
    filter_.setClearButtonEnabled(true);
    connect(&filter_, &QLineEdit::textChanged, this, &DevicesPanel::filter);
    column->addWidget(&filter_);
    column->addWidget(&view_, 1);
    set_content(content);
    setFocusProxy(&view_);
    objects_.mark_changes();
    connect(&view_, &ModelView::current_changed, this, [this](const QVariant& tag) {
        Selected selected = selection().selected();
        selected.module = tag.toString();
        selection().select(selected);
    });
    connect(&selection(), &Selection::changed, this,
            [this](const Selected& selected) { view_.set_current_tag(selected.module); });
    Watch* const objects = watch({"exec", "objects", "values"}, 1000ms);
    if (objects != nullptr) connect(objects, &Watch::answered, this, &DevicesPanel::take);
}

void DevicesPanel::take(const Reply& reply) {
    if (!reply.ok) return;
    objects_.update(object_rows(reply.json().object()));
    view_.fit();
    filter(filter_.text());
}

void DevicesPanel::filter(const QString& text) {
    show_matching({}, text, text.isEmpty());
}

// Whether anything in there matches; all below a match is shown.
bool DevicesPanel::show_matching(const QModelIndex& parent, const QString& text, bool is_inside) {
    bool any = false;
    for (int row = 0; row < objects_.rowCount(parent); ++row) {
        const QModelIndex index = objects_.index(row, 0, parent);
        const QString name = index.data().toString();
        const bool matches = is_inside || name.contains(text, Qt::CaseInsensitive);
        const bool below = show_matching(index, text, matches);
        view_.setRowHidden(row, parent, !matches && !below);
        any = any || matches || below;
    }
    return any;
}

QString DevicesPanel::as_text() const {
    return text_of(objects_);
}

QString DevicesPanel::as_csv() const {
    return csv_of(objects_);
}

}  // namespace inspector
