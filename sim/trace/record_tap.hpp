// SPDX-License-Identifier: Apache-2.0
// RecordTap: a bounded queue of what a TraceCollector hands on, for somebody who follows a run
// while it goes on. When it is full the oldest goes, and is counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/abi/trace.hpp"

namespace orrery::trace {

namespace abi = kernel::abi;

// The name of a type as docs/traces.md has it; "Unknown" for a value that is none.
[[nodiscard]] std::string_view trace_type_name(abi::TraceType type);

// A record of a CPU, or what a device did, at a time in nanoseconds of simulated time.
struct TappedRecord {
    uint64_t time = 0;
    std::string source;  // "cpu3", or the device
    std::string name;    // of the type or of the event; "Lost": `a` records are missing
                         // before here; "Broken": the CPU's ring cannot be read any further
    uint32_t thread = 0;
    uint64_t a = 0;  // of a device: its value
    uint64_t b = 0;
};

class RecordTap final {
  public:
    // Precondition: limit > 0.
    explicit RecordTap(size_t limit) : limit_(limit) {}

    void add(TappedRecord record);
    // The oldest records, at most so many; they are not kept any more.
    [[nodiscard]] std::vector<TappedRecord> take(size_t most);

    [[nodiscard]] size_t size() const { return records_.size(); }
    // Records that went because nobody took them in time, since the tap was made.
    [[nodiscard]] uint64_t dropped() const { return dropped_; }

  private:
    size_t limit_;
    std::deque<TappedRecord> records_;
    uint64_t dropped_ = 0;
};

}  // namespace orrery::trace
