// SPDX-License-Identifier: Apache-2.0
// ModelView: see the header.
#include "gui/panels/model_view.hpp"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>

namespace inspector {

ModelView::ModelView(TreeModel& model) : model_(model) {
    setModel(&model_);
    setUniformRowHeights(true);
    setAlternatingRowColors(true);
    setSelectionMode(ExtendedSelection);
    setEditTriggers(NoEditTriggers);
    setExpandsOnDoubleClick(false);
    header()->setStretchLastSection(false);
    header()->setDefaultAlignment(Qt::AlignLeft);
    header()->setMinimumSectionSize(24);
    header()->setDefaultSectionSize(48);
    connect(header(), &QHeaderView::sectionResized, this, [this] {
        const bool is_dragged = QGuiApplication::mouseButtons() != Qt::NoButton;
        set_by_user_ = set_by_user_ || (!fitting_ && is_dragged);
    });
    connect(this, &QTreeView::activated, this,
            [this](const QModelIndex& index) { emit chosen(index.data(TreeModel::TagRole)); });
    connect(&model_, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex& parent, int first, int last) {
                for (int row = first; row <= last; ++row) expand(model_.index(row, 0, parent));
                if (parent.isValid()) expand(parent);
            });
    fit();
}

void ModelView::fit() {
    if (set_by_user_) return;
    fitting_ = true;
    header()->setStretchLastSection(last_is_text());
    constexpr int widest = 480;
    constexpr int gap = 12;
    for (int column = 0; column < model_.columnCount(); ++column) {
        const int wanted = qMax(sizeHintForColumn(column), header()->sectionSizeHint(column)) + gap;
        if (wanted > columnWidth(column)) setColumnWidth(column, qMin(wanted, widest));
    }
    fitting_ = false;
}

bool ModelView::last_is_text() const {
    const int last = model_.columnCount() - 1;
    const QVariant alignment = model_.headerData(last, Qt::Horizontal, Qt::TextAlignmentRole);
    return (alignment.value<Qt::Alignment>() & Qt::AlignRight) == 0;
}

QVariant ModelView::current_tag() const {
    return currentIndex().data(TreeModel::TagRole);
}

void ModelView::set_current_tag(const QVariant& tag) {
    const QModelIndex found = model_.find(tag);
    if (found.isValid() && current_tag() != tag) setCurrentIndex(found);
}

void ModelView::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QTreeView::currentChanged(current, previous);
    if (current.isValid()) emit current_changed(current.data(TreeModel::TagRole));
}

void ModelView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) {
        copy_rows();
        return;
    }
    QTreeView::keyPressEvent(event);
}

void ModelView::copy_rows() const {
    const QModelIndexList rows = selectionModel()->selectedRows();
    QStringList lines;
    for (const QModelIndex& row : rows) {
        QStringList cells;
        for (int column = 0; column < model_.columnCount(); ++column) {
            cells.append(row.siblingAtColumn(column).data().toString());
        }
        lines.append(cells.join('\t'));
    }
    QGuiApplication::clipboard()->setText(lines.join('\n'));
}

}  // namespace inspector
