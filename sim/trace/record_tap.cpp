// SPDX-License-Identifier: Apache-2.0
// RecordTap: the bounded queue, and the names of records.
#include "sim/trace/record_tap.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace orrery::trace {

std::string_view trace_type_name(abi::TraceType type) {
    constexpr std::array<std::string_view, 23> names = {
        "None",           "ThreadSwitch",   "SystemCallEnter",  "SystemCallExit", "Fault",
        "InterruptEnter", "InterruptExit",  "ThreadCreate",     "ThreadExit",     "TaskCreate",
        "TaskName",       "TaskExit",       "MemoryMap",        "MemoryUnmap",    "FramesFree",
        "ThreadWake",     "CpuOnline",      "CpuFrequency",     "FrameAllocate",  "FrameFree",
        "ContainerName",  "ContainerState", "ContainerThrottle"};
    static_assert(static_cast<size_t>(abi::TraceType::ContainerThrottle) + 1 == names.size());
    const auto index = static_cast<size_t>(type);
    return index < names.size() ? names[index] : "Unknown";
}

void RecordTap::add(TappedRecord record) {
    if (records_.size() >= limit_) {
        records_.pop_front();
        ++dropped_;
    }
    records_.push_back(std::move(record));
}

std::vector<TappedRecord> RecordTap::take(size_t most) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, records_.size()));
    const auto end = records_.begin() + count;
    std::vector<TappedRecord> taken(std::make_move_iterator(records_.begin()),
                                    std::make_move_iterator(end));
    records_.erase(records_.begin(), end);
    return taken;
}

}  // namespace orrery::trace
