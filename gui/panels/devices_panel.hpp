// SPDX-License-Identifier: Apache-2.0
// DevicesPanel: what the machine is made of, and what its parts count, live.
#pragma once

#include <QLineEdit>

#include "gui/models/object_rows.hpp"
#include "gui/models/tree_model.hpp"
#include "gui/panels/live_panel.hpp"
#include "gui/panels/model_view.hpp"
#include "gui/run/selection.hpp"

namespace inspector {

class DevicesPanel final : public LivePanel {
    Q_OBJECT

  public:
    explicit DevicesPanel(const Context& context);

    [[nodiscard]] QString as_text() const override;
    [[nodiscard]] QString as_csv() const override;

  private:
    void take(const Reply& reply);
    void filter(const QString& text);
    bool show_matching(const QModelIndex& parent, const QString& text, bool is_inside);

    TreeModel objects_{object_columns()};
    ModelView view_{objects_};
    QLineEdit filter_;
};

}  // namespace inspector
