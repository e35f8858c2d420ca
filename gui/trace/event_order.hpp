// SPDX-License-Identifier: Apache-2.0
// EventOrder: brings events that come a little out of order into the order of time. It holds back a
// number of events; what comes later than that is handed on late, and the lanes refuse it.
//
// Perfetto's trace processor sorts the whole trace before it parses it (src/trace_processor/sorter/
// trace_sorter.h), since its packets come from many writers. Orrery's come merged already, so that
// a window does, and the first picture need not wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gui/trace/track.hpp"

namespace inspector {

enum class EventKind : uint8_t {
    Switch,      // cpu; a: previous thread, b: next thread, value: prev_state
    Wake,        // cpu; a: waker, b: woken, value: target CPU
    Frequency,   // cpu; value: kHz
    Loss,        // cpu
    SliceBegin,  // a: track, b: name, value: ArgumentsRef
    SliceEnd,    // a: track, value: ArgumentsRef
    Mark,        // a: track, b: name, value: ArgumentsRef
    Counter,     // a: track, value
};

// What a packet tells, with numbers instead of names.
struct TraceEvent {
    uint64_t time = 0;
    EventKind kind = EventKind::Mark;
    uint32_t cpu = 0;
    uint32_t a = 0;
    uint32_t b = 0;
    uint64_t value = 0;
};

class EventOrder final {
  public:
    static constexpr size_t default_window = 65'536;

    // Without a window events are handed on as they come.
    explicit EventOrder(size_t window = default_window) : window_(window) {}

    void add(const TraceEvent& event) {
        if (!events_.empty() && event.time < events_.back().time) sorted_ = false;
        events_.push_back(event);
    }

    // Hands on what need not be held back any more; with `all`, everything.
    template <typename HandOn>
    void hand_on(bool all, const HandOn& hand_on) {
        // Half a window more is let come together, so that events are seldom moved.
        if (!all && events_.size() < window_ + window_ / 2 + 1) return;
        if (!sorted_) sort();
        const size_t count = all ? events_.size() : events_.size() - window_;
        for (size_t i = 0; i < count; ++i) hand_on(events_[i]);
        events_.erase(events_.begin(), events_.begin() + static_cast<ptrdiff_t>(count));
    }

    [[nodiscard]] size_t held() const { return events_.size(); }
    [[nodiscard]] size_t bytes() const { return events_.capacity() * sizeof(TraceEvent); }

  private:
    void sort();

    std::vector<TraceEvent> events_;
    size_t window_;
    bool sorted_ = true;
};

}  // namespace inspector
