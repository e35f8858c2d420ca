// SPDX-License-Identifier: Apache-2.0
// TreeModel: see the header.
#include "gui/models/tree_model.hpp"

#include <QFont>
#include <QSet>
#include <algorithm>
#include <utility>

namespace inspector {

struct TreeModel::Node {
    Node* parent = nullptr;
    QString key;
    QStringList cells;
    QList<bool> changed;  // by column
    QVariant tag;
    std::vector<std::unique_ptr<Node>> children;

    [[nodiscard]] int row() const {
        const auto& siblings = parent->children;
        const auto is_this = [this](const auto& sibling) { return sibling.get() == this; };
        return static_cast<int>(std::find_if(siblings.begin(), siblings.end(), is_this) -
                                siblings.begin());
    }
};

TreeModel::TreeModel(QList<TreeColumn> columns, QObject* parent)
    : QAbstractItemModel(parent), columns_(std::move(columns)), root_(std::make_unique<Node>()) {}

TreeModel::~TreeModel() = default;

void TreeModel::set_columns(const QList<TreeColumn>& columns) {
    beginResetModel();
    columns_ = columns;
    root_ = std::make_unique<Node>();
    endResetModel();
}

void TreeModel::update(const std::vector<TreeRow>& rows) {
    merge(*root_, rows);
}

void TreeModel::merge(Node& parent, const std::vector<TreeRow>& rows) {
    remove_missing(parent, rows);
    for (size_t i = 0; i < rows.size(); ++i) {
        place(parent, static_cast<int>(i), rows[i]);
        Node& node = *parent.children[i];
        set_cells(node, rows[i]);
        merge(node, rows[i].children);
    }
}

void TreeModel::remove_missing(Node& parent, const std::vector<TreeRow>& rows) {
    QSet<QString> keys;
    for (const TreeRow& row : rows) keys.insert(row.key);
    for (auto i = static_cast<int>(parent.children.size()) - 1; i >= 0; --i) {
        const auto at = parent.children.begin() + i;
        if (keys.contains((*at)->key)) continue;
        beginRemoveRows(index_of(parent), i, i);
        parent.children.erase(at);
        endRemoveRows();
    }
}

// Makes the row with this key the one at a place: the rows before it are right already.
void TreeModel::place(Node& parent, int at, const TreeRow& row) {
    auto& children = parent.children;
    const auto has_key = [&row](const auto& child) { return child->key == row.key; };
    const auto wanted = children.begin() + at;
    const auto found = std::find_if(wanted, children.end(), has_key);
    if (found == children.end()) {
        auto node = std::make_unique<Node>();
        node->parent = &parent;
        node->key = row.key;
        node->cells = row.cells;
        node->tag = row.tag;
        beginInsertRows(index_of(parent), at, at);
        children.insert(wanted, std::move(node));
        endInsertRows();
    } else if (found != wanted) {
        const auto from = static_cast<int>(found - children.begin());
        const QModelIndex above = index_of(parent);
        beginMoveRows(above, from, from, above, at);
        std::rotate(wanted, found, found + 1);
        endMoveRows();
    }
}

void TreeModel::set_cells(Node& node, const TreeRow& row) {
    QList<bool> changed(columns_.size(), false);
    for (qsizetype i = 0; i < columns_.size(); ++i) {
        changed[i] = node.cells.value(i) != row.cells.value(i);
    }
    const bool is_new = node.cells != row.cells || node.tag != row.tag ||
                        (marks_changes_ && changed != node.changed);
    node.cells = row.cells;
    node.tag = row.tag;
    node.changed = changed;
    if (!is_new) return;
    const QModelIndex first = index_of(node);
    emit dataChanged(first, first.siblingAtColumn(static_cast<int>(columns_.size()) - 1));
}

QModelIndex TreeModel::find(const QVariant& tag) const {
    return find_below(*root_, tag);
}

QModelIndex TreeModel::find_below(const Node& parent, const QVariant& tag) const {
    for (const auto& child : parent.children) {
        if (child->tag == tag) return index_of(*child);
        const QModelIndex below = find_below(*child, tag);
        if (below.isValid()) return below;
    }
    return {};
}

QModelIndex TreeModel::index(int row, int column, const QModelIndex& parent) const {
    if (!hasIndex(row, column, parent)) return {};
    return createIndex(row, column, node_of(parent).children[static_cast<size_t>(row)].get());
}

QModelIndex TreeModel::parent(const QModelIndex& child) const {
    if (!child.isValid()) return {};
    return index_of(*node_of(child).parent);
}

int TreeModel::rowCount(const QModelIndex& parent) const {
    return parent.column() > 0 ? 0 : static_cast<int>(node_of(parent).children.size());
}

int TreeModel::columnCount(const QModelIndex&) const {
    return static_cast<int>(columns_.size());
}

QVariant TreeModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Node& node = node_of(index);
    switch (role) {
        case Qt::DisplayRole: return node.cells.value(index.column());
        case Qt::TextAlignmentRole:
            return QVariant::fromValue(columns_[index.column()].alignment | Qt::AlignVCenter);
        case TagRole: return node.tag;
        case ChangedRole: return node.changed.value(index.column());
        case Qt::FontRole: {
            if (!marks_changes_ || !node.changed.value(index.column())) return {};
            QFont font;
            font.setBold(true);
            return font;
        }
        default: return {};
    }
}

QVariant TreeModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= columns_.size()) return {};
    if (role == Qt::DisplayRole) return columns_[section].heading;
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(columns_[section].alignment | Qt::AlignVCenter);
    }
    return {};
}

TreeModel::Node& TreeModel::node_of(const QModelIndex& index) const {
    return index.isValid() ? *static_cast<Node*>(index.internalPointer()) : *root_;
}

QModelIndex TreeModel::index_of(const Node& node) const {
    return node.parent == nullptr ? QModelIndex() : createIndex(node.row(), 0, &node);
}

}  // namespace inspector
