// SPDX-License-Identifier: Apache-2.0
// Models as text: see the header.
#include "gui/models/model_text.hpp"

#include <QStringList>
#include <functional>

namespace inspector {
namespace {

// How a row of cells becomes a line, at a depth.
using Write = std::function<QString(const QStringList& cells, int depth)>;

void add_rows(const QAbstractItemModel& model, const QModelIndex& parent, int depth,
              const Write& write, QString& text) {
    for (int row = 0; row < model.rowCount(parent); ++row) {
        QStringList cells;
        for (int column = 0; column < model.columnCount(parent); ++column) {
            cells.append(model.index(row, column, parent).data().toString());
        }
        text += write(cells, depth) + '\n';
        add_rows(model, model.index(row, 0, parent), depth + 1, write, text);
    }
}

QString write_all(const QAbstractItemModel& model, const Write& write) {
    QStringList headings;
    for (int column = 0; column < model.columnCount(); ++column) {
        headings.append(model.headerData(column, Qt::Horizontal).toString());
    }
    QString text = write(headings, 0) + '\n';
    add_rows(model, {}, 0, write, text);
    return text;
}

QString quoted(const QString& cell) {
    static const QString special = "\",\r\n";
    bool needs_quotes = false;
    for (const QChar character : special) needs_quotes |= cell.contains(character);
    return needs_quotes ? '"' + QString(cell).replace('"', "\"\"") + '"' : cell;
}

}  // namespace

QString text_of(const QAbstractItemModel& model) {
    return write_all(model, [](const QStringList& cells, int depth) {
        return QString(2 * depth, ' ') + cells.join('\t');
    });
}

QString csv_of(const QAbstractItemModel& model) {
    return write_all(model, [](const QStringList& cells, int) {
        QStringList all;
        for (const QString& cell : cells) all.append(quoted(cell));
        return all.join(',');
    });
}

}  // namespace inspector
