// SPDX-License-Identifier: Apache-2.0
// A recording of page frames that change hands, as CSV.
#include "sim/trace/allocation_log.hpp"

#include <fmt/format.h>

#include "kernel/abi/syscall.hpp"
#include "sim/trace/guest_memory.hpp"

namespace orrery::trace {
namespace {

std::string row(uint64_t nanoseconds, const abi::TraceRecord& record,
                const abi::FrameRecording& frames) {
    const bool allocates = record.type == abi::TraceType::FrameAllocate;
    const char* mobility = frames.unmovable ? "unmovable" : "movable";
    return fmt::format("{},{},{},{},{},{},{},{:#x}\n", nanoseconds, allocates ? "allocate" : "free",
                       frames.order, allocates ? mobility : "", record.cpu,
                       abi::frame_owner_name(static_cast<abi::FrameOwner>(frames.owner)),
                       frames.task, frames.block);
}

}  // namespace

AllocationLog::AllocationLog(const std::filesystem::path& target) : file_(target) {
    file_.write("time_ns,operation,order,mobility,cpu,owner,task,block\n");
}

void AllocationLog::add(uint64_t nanoseconds, const abi::TraceRecord& record) {
    const auto frames = abi::FrameRecording::of(record.a, record.b);
    waiting_.emplace(frames.sequence, row(nanoseconds, record, frames));
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_;
         first = waiting_.erase(first)) {
        file_.write(first->second);
        ++next_;
    }
}

void AllocationLog::finish(uint64_t lost) {
    if (lost != 0 || !waiting_.empty()) {
        throw TraceError(fmt::format(
            "the recording of allocations has gaps: {} records were lost; give the kernel larger "
            "rings with --bootargs trace_records=N",
            lost));
    }
    file_.finish();
}

}  // namespace orrery::trace
