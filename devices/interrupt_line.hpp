// SPDX-License-Identifier: Apache-2.0
// A level-sensitive interrupt output. A change is visible to the listener at once, without a delta
// cycle, so that a CPU sees the effect of its own register write at its next instruction.
#pragma once

#include <functional>

namespace orrery::devices {

class InterruptLine final {
  public:
    using Listener = std::function<void(bool level)>;

    explicit InterruptLine(Listener listener) : listener_{std::move(listener)} {}

    [[nodiscard]] bool level() const { return level_; }

    // Tells the listener only of changes.
    void drive(bool level) {
        if (level == level_) return;
        level_ = level;
        listener_(level);
    }

  private:
    Listener listener_;
    bool level_ = false;
};

}  // namespace orrery::devices
