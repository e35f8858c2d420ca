// SPDX-License-Identifier: Apache-2.0
// TreeModel: rows with children, each with a key among its siblings. A new state of the whole is
// compared with the old one, so that views keep what is folded, selected and scrolled to.
#pragma once

#include <QAbstractItemModel>
#include <QList>
#include <QString>
#include <QVariant>
#include <memory>
#include <vector>

namespace inspector {

struct TreeColumn {
    QString heading;
    Qt::Alignment alignment = Qt::AlignLeft;
};

// Cells as texts, one a column; columns without one are empty. The tag is what the row stands for.
struct TreeRow {
    QString key;
    QStringList cells;
    QVariant tag = {};
    std::vector<TreeRow> children = {};
};

class TreeModel final : public QAbstractItemModel {
    Q_OBJECT

  public:
    enum Role {
        TagRole = Qt::UserRole,
        ChangedRole,  // bool: the cell is another than before the last update
    };

    explicit TreeModel(QList<TreeColumn> columns, QObject* parent = nullptr);
    ~TreeModel() override;

    // Others than before; all rows are gone then.
    void set_columns(const QList<TreeColumn>& columns);
    // Changed cells are bold from now on.
    void mark_changes() { marks_changes_ = true; }
    // Precondition: keys differ among siblings.
    void update(const std::vector<TreeRow>& rows);
    // The first row with this tag, in any depth; invalid if there is none.
    [[nodiscard]] QModelIndex find(const QVariant& tag) const;

    [[nodiscard]] QModelIndex index(int row, int column,
                                    const QModelIndex& parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex& child) const override;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

  private:
    struct Node;

    [[nodiscard]] Node& node_of(const QModelIndex& index) const;
    [[nodiscard]] QModelIndex index_of(const Node& node) const;
    void merge(Node& parent, const std::vector<TreeRow>& rows);
    void remove_missing(Node& parent, const std::vector<TreeRow>& rows);
    void place(Node& parent, int at, const TreeRow& row);
    void set_cells(Node& node, const TreeRow& row);
    [[nodiscard]] QModelIndex find_below(const Node& parent, const QVariant& tag) const;

    QList<TreeColumn> columns_;
    std::unique_ptr<Node> root_;
    bool marks_changes_ = false;
};

}  // namespace inspector
