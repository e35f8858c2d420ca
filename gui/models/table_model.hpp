// SPDX-License-Identifier: Apache-2.0
// TableModel: rows of texts, made elsewhere and set at once. Cells that are numbers sort as
// numbers.
#pragma once

#include <QAbstractTableModel>
#include <QList>
#include <QString>
#include <QStringList>
#include <QVariant>

namespace inspector {

struct TableCell {
    QString text;
    QVariant sort;  // what it is sorted by; if not valid, the text

    TableCell() = default;
    TableCell(QString words) : text(std::move(words)) {}
    TableCell(QString words, double number) : text(std::move(words)), sort(number) {}
};

using TableRow = QList<TableCell>;

class TableModel final : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Role { SortRole = Qt::UserRole };

    explicit TableModel(QStringList columns, QObject* parent = nullptr);

    // Precondition: each row has a cell for each column.
    void set_rows(QList<TableRow> rows);
    void set(QStringList columns, QList<TableRow> rows);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

  private:
    QStringList columns_;
    QList<TableRow> rows_;
};

// Any table as it is shown: for files, and for the clipboard, columns parted by tabulators.
[[nodiscard]] QString table_csv(const QAbstractItemModel& model);
[[nodiscard]] QString table_text(const QAbstractItemModel& model);

}  // namespace inspector
