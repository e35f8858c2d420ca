// SPDX-License-Identifier: Apache-2.0
// Trace decoder: what must hold for every trace.
#include <fmt/format.h>

#include <map>

#include "tests/sim/trace/trace_decoder.hpp"

namespace orrery::trace::testing {

std::string complaint(const DecodedTrace& trace) {
    for (size_t i = 1; i < trace.times.size(); ++i) {
        if (trace.times[i] < trace.times[i - 1]) return fmt::format("time falls at entry {}", i);
    }
    std::map<std::string, int> depth;
    for (const Event& event : trace.events) {
        if (event.type == EventType::SliceBegin) ++depth[event.track];
        if (event.type == EventType::SliceEnd && --depth[event.track] < 0) {
            return "a slice ends that never began on " + event.track;
        }
    }
    for (const auto& [track, open] : depth) {
        if (open != 0) return "a slice stays open on " + track;
    }
    std::map<uint32_t, std::string> running;
    for (const Switch& change : trace.switches) {
        const auto before = running.find(change.cpu);
        if (before != running.end() && before->second != change.previous && trace.losses.empty()) {
            return fmt::format("CPU {} leaves {} but ran {}", change.cpu, change.previous,
                               before->second);
        }
        running[change.cpu] = change.next;
    }
    return {};
}

}  // namespace orrery::trace::testing
