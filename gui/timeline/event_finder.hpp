// SPDX-License-Identifier: Apache-2.0
// event_finder: the event under the mouse, and an event in words.
#pragma once

#include <QList>
#include <QString>
#include <optional>
#include <utility>

#include "gui/run/selection.hpp"
#include "gui/timeline/rows.hpp"
#include "gui/trace/lookup.hpp"

namespace inspector {

// The event of a lane at a time, or the nearest one that begins within `tolerance` of it.
[[nodiscard]] std::optional<EventRef> event_at(const TraceStore& store, TrackId track,
                                               const LanePlace& place, uint64_t time,
                                               uint64_t tolerance);

// Names and values, in the order in which they are read.
using Facts = QList<std::pair<QString, QString>>;
[[nodiscard]] Facts facts_of(const TraceStore& store, const EventRef& ref);

// What is selected everywhere when this event is.
[[nodiscard]] Selected selected_by(const TraceStore& store, const EventRef& ref);
// The same for a track.
[[nodiscard]] Selected selected_by(const TraceStore& store, TrackId track);

// "name 12", as threads are called.
[[nodiscard]] QString thread_text(const TraceStore& store, ThreadIndex thread);
[[nodiscard]] QString time_words(uint64_t nanoseconds);
[[nodiscard]] QString duration_words(uint64_t nanoseconds);

// A task's id from a pid of the trace (docs/traces.md, "In the Perfetto UI").
constexpr uint32_t task_pid_base = 1'000'000;

}  // namespace inspector
