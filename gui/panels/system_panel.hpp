// SPDX-License-Identifier: Apache-2.0
// SystemPanel: containers, tasks and threads of a live run; the rights of the selected task and
// who shares its ports.
#pragma once

#include "gui/models/system_tree.hpp"
#include "gui/models/tree_model.hpp"
#include "gui/panels/live_panel.hpp"
#include "gui/panels/model_view.hpp"
#include "gui/panels/port_graph_view.hpp"

namespace inspector {

class SystemPanel final : public LivePanel {
    Q_OBJECT

  public:
    explicit SystemPanel(const Context& context);

    [[nodiscard]] QString as_text() const override;
    [[nodiscard]] QString as_csv() const override;

  private:
    void make_content();
    void make_watches();
    void take_system(QJsonDocument SystemState::*part, const Reply& reply);
    void take_ports();
    void row_changed(const QVariant& tag);
    void selection_changed(const Selected& selected);
    void show_task();

    SystemState state_;
    TreeModel tree_{system_columns()};
    TreeModel rights_;
    TreeModel ports_;
    ModelView tree_view_{tree_};
    ModelView rights_view_{rights_};
    ModelView ports_view_{ports_};
    PortGraphView graph_view_;
    Watch* rights_watch_ = nullptr;
    QJsonArray ports_told_;
    std::optional<uint32_t> task_;  // whose rights and ports are shown
};

}  // namespace inspector
