// SPDX-License-Identifier: Apache-2.0
// Scrubber: a slider over simulated time that shows where the run is and is dragged to where it is
// to go.
#pragma once

#include <QSlider>
#include <QTimer>
#include <cstdint>

namespace inspector {

class Scrubber final : public QSlider {
    Q_OBJECT

  public:
    Scrubber();

    // The times at its ends and of its handle, in nanoseconds. A handle that the user has in hand
    // stays where it is.
    void show_times(uint64_t first, uint64_t last, uint64_t now);
    // The time under the handle.
    [[nodiscard]] uint64_t time() const;
    // The user has the handle, and has not said yet that the run is to go there.
    [[nodiscard]] bool in_hand() const { return isSliderDown() || keys_.isActive(); }

  signals:
    // The handle is being moved over a time, or has been let go of without a wish.
    void moved();
    // The handle was let go at a time.
    void wanted(uint64_t time);

  protected:
    void mousePressEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

  private:
    void let_go();

    uint64_t first_ = 0;
    uint64_t last_ = 0;
    uint64_t now_ = 0;
    int now_position_ = 0;  // of the handle
    QTimer keys_;           // runs after a key has moved the handle
};

}  // namespace inspector
