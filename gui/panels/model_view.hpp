// SPDX-License-Identifier: Apache-2.0
// A view of a TreeModel with what all of them have in common: sizes, copying, keys.
#pragma once

#include <QTreeView>

#include "gui/models/tree_model.hpp"

namespace inspector {

class ModelView final : public QTreeView {
    Q_OBJECT

  public:
    explicit ModelView(TreeModel& model);

    // Rows of the model are new: columns grow with what is in them, until the user sets a width.
    void fit();
    // The tag of the current row; invalid if there is none.
    [[nodiscard]] QVariant current_tag() const;
    // Makes the row with that tag the current one, if it is there.
    void set_current_tag(const QVariant& tag);

  signals:
    // The user, or set_current_tag(), has come to another row.
    void current_changed(const QVariant& tag);
    // The user wants this row: Enter or a double click.
    void chosen(const QVariant& tag);

  protected:
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    void copy_rows() const;
    [[nodiscard]] bool last_is_text() const;

    TreeModel& model_;
    bool fitting_ = false;
    bool set_by_user_ = false;
};

}  // namespace inspector
