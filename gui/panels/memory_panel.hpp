// SPDX-License-Identifier: Apache-2.0
// MemoryPanel: the map of page frames of a live run, free blocks and fragmentation, owners, the
// caches of the kernel heap, and events.
#pragma once

#include <QAction>
#include <QComboBox>
#include <QLabel>

#include "gui/models/frame_feed.hpp"
#include "gui/models/memory_rows.hpp"
#include "gui/models/tree_model.hpp"
#include "gui/panels/frame_map_view.hpp"
#include "gui/panels/live_panel.hpp"
#include "gui/panels/model_view.hpp"
#include "gui/run/selection.hpp"

namespace inspector {

class MemoryPanel final : public LivePanel {
    Q_OBJECT

  public:
    explicit MemoryPanel(const Context& context);

    // Owners and free blocks.
    [[nodiscard]] QString as_text() const override;
    [[nodiscard]] QString as_csv() const override;
    [[nodiscard]] QList<QAction*> commands() override;

  private:
    void make_content();
    [[nodiscard]] QWidget* make_map();
    [[nodiscard]] QWidget* make_caches();
    void make_actions();
    void make_watches();
    void take_memory(const Reply& reply);
    void take_caches(const Reply& reply);
    void colour();
    void show_legend();
    void show_frame();
    void selection_changed(const Selected& selected);

    TreeModel owners_{owner_columns()};
    TreeModel orders_{order_columns({})};
    TreeModel caches_{cache_columns()};
    TreeModel events_{event_columns()};
    ModelView owners_view_{owners_};
    ModelView orders_view_{orders_};
    ModelView caches_view_{caches_};
    ModelView events_view_{events_};
    FrameMapView map_view_;
    QComboBox colouring_;
    QLabel legend_;
    QLabel frame_;
    QLabel summary_;
    QLabel no_caches_;
    QAction zoom_in_;
    QAction zoom_out_;
    QAction zoom_fit_;
    FrameFeed* feed_ = nullptr;
    qsizetype nodes_ = -1;  // for which columns there are
};

}  // namespace inspector
