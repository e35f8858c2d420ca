// SPDX-License-Identifier: Apache-2.0
// EventOrder: sorting what is held.
#include "gui/trace/event_order.hpp"

#include <algorithm>

namespace inspector {

// Events of one time keep their order, which is that of cause and effect.
void EventOrder::sort() {
    std::stable_sort(
        events_.begin(), events_.end(),
        [](const TraceEvent& left, const TraceEvent& right) { return left.time < right.time; });
    sorted_ = true;
}

}  // namespace inspector
