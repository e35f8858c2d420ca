// SPDX-License-Identifier: Apache-2.0
// FrameFeed: asks for the map of page frames, part by part, and tells when there is a whole one.
// While the run goes on, parts are of moments a little apart.
#pragma once

#include <QObject>

#include "gui/models/frame_map.hpp"
#include "gui/session/watch.hpp"

namespace inspector {

class FrameFeed final : public QObject {
    Q_OBJECT

  public:
    // `watch` asks for the first part of each map.
    FrameFeed(Session& session, Watch& watch, QObject* parent = nullptr);

    [[nodiscard]] const FrameMap& map() const { return map_; }

  signals:
    void changed();

  private:
    void take(const Reply& reply);
    void ask(uint64_t position);

    Session& session_;
    FrameMap map_;
    FrameMap next_;
    uint64_t generation_ = 0;  // of the map that is being asked for
};

}  // namespace inspector
