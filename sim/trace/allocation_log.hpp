// SPDX-License-Identifier: Apache-2.0
// AllocationLog: a recording of page frames that change hands, as CSV (docs/allocation-traces.md).
//
// Rows are in the order in which it happened, which the records number; what comes early, from a
// ring that was read first, waits for what is missing. A recording has no gaps, or there is none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "kernel/abi/trace.hpp"
#include "sim/trace/trace_file.hpp"

namespace orrery::trace {

namespace abi = kernel::abi;

class AllocationLog final {
  public:
    // Throws TraceError, as every other call does, if the file cannot be written.
    explicit AllocationLog(const std::filesystem::path& target);

    // Precondition: the record is a FrameAllocate or a FrameFree.
    void add(uint64_t nanoseconds, const abi::TraceRecord& record);

    // Gives the file its name; throws if `lost` records are missing, or others.
    void finish(uint64_t lost);

    // Rows that wait for earlier ones.
    [[nodiscard]] size_t waiting() const { return waiting_.size(); }

  private:
    TraceFile file_;
    std::map<uint64_t, std::string> waiting_;  // by sequence
    uint64_t next_ = 0;
};

}  // namespace orrery::trace
