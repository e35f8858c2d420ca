// SPDX-License-Identifier: Apache-2.0
// TableModel: see the header.
#include "gui/models/table_model.hpp"

#include <functional>

#include "gui/run/csv.hpp"

namespace inspector {

namespace {

QString all_rows(const QAbstractItemModel& model,
                 const std::function<QString(const QStringList&)>& line) {
    QStringList fields;
    for (int column = 0; column < model.columnCount(); ++column) {
        fields.append(model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    }
    QString text = line(fields);
    for (int row = 0; row < model.rowCount(); ++row) {
        fields.clear();
        for (int column = 0; column < model.columnCount(); ++column) {
            fields.append(model.index(row, column).data().toString());
        }
        text += line(fields);
    }
    return text;
}

}  // namespace

TableModel::TableModel(QStringList columns, QObject* parent)
    : QAbstractTableModel(parent), columns_(std::move(columns)) {}

void TableModel::set_rows(QList<TableRow> rows) {
    beginResetModel();
    rows_ = std::move(rows);
    endResetModel();
}

void TableModel::set(QStringList columns, QList<TableRow> rows) {
    beginResetModel();
    columns_ = std::move(columns);
    rows_ = std::move(rows);
    endResetModel();
}

int TableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int TableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(columns_.size());
}

QVariant TableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || !checkIndex(index)) return {};
    const TableCell& cell = rows_[index.row()][index.column()];
    switch (role) {
        case Qt::DisplayRole:
        case Qt::ToolTipRole: return cell.text;
        case SortRole: return cell.sort.isValid() ? cell.sort : QVariant(cell.text);
        case Qt::TextAlignmentRole:
            return QVariant(Qt::AlignVCenter |
                            (cell.sort.isValid() ? Qt::AlignRight : Qt::AlignLeft));
        default: return {};
    }
}

QVariant TableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    return section < columns_.size() ? QVariant(columns_[section]) : QVariant();
}

QString table_csv(const QAbstractItemModel& model) {
    return all_rows(model, csv_row);
}

QString table_text(const QAbstractItemModel& model) {
    return all_rows(model, [](const QStringList& fields) { return fields.join(u'\t') + u'\n'; });
}

}  // namespace inspector
