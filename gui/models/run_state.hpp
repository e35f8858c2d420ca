// SPDX-License-Identifier: Apache-2.0
// The state of a live run in words, and durations as people type them.
#pragma once

#include <QString>
#include <cstdint>
#include <optional>

#include "gui/session/session.hpp"

namespace inspector {

// A few words: "running", "paused", "at breakpoint 3", or what is wrong.
[[nodiscard]] QString state_text(const Session& session);
// Simulated time as it is shown everywhere.
[[nodiscard]] QString time_label(uint64_t nanoseconds);
[[nodiscard]] QString duration_label(uint64_t nanoseconds);

// Nanoseconds of a number and a unit, such as "10ms", "1.5 us" or "2s"; nothing for another text
// and for a duration that 64 bits do not hold.
[[nodiscard]] std::optional<uint64_t> parse_duration(const QString& text);

}  // namespace inspector
