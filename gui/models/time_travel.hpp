// SPDX-License-Identifier: Apache-2.0
// TimeTravel: to which times a live run can be taken, and if it cannot, why.
#pragma once

#include <QString>
#include <cstdint>
#include <optional>

#include "gui/session/reply.hpp"
#include "gui/session/session.hpp"

namespace inspector {

class TimeTravel final {
  public:
    // What a session has answered to `time snapshots`.
    void take(const Reply& reply);

    // From the first snapshot to the time that was reached, in nanoseconds; both 0 before that is
    // known. Of a run that goes on it grows with `now`.
    [[nodiscard]] uint64_t first() const { return first_; }
    [[nodiscard]] uint64_t reached() const { return reached_; }
    void saw(uint64_t now);

    // Why it can be taken nowhere at present, in a sentence; empty: it can.
    [[nodiscard]] QString obstacle(const Session& session) const;
    // Why not to one time; empty: it can.
    [[nodiscard]] QString obstacle(const Session& session, uint64_t time) const;

    // The time that is so much earlier than now, or the first one.
    [[nodiscard]] uint64_t before(uint64_t now, uint64_t duration) const;

  private:
    bool is_known_ = false;
    QString refusal_;  // the simulator's
    uint64_t first_ = 0;
    uint64_t reached_ = 0;
};

// Sends the run there, back or forward.
void go_to_time(Session& session, uint64_t time);

}  // namespace inspector
