// SPDX-License-Identifier: Apache-2.0
// SharedPhone: a phone that runs in another process, seen through its memory, which both map: how
// the kernel on QEMU is looked at and its trace drained.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/trace_collector.hpp"

namespace orrery::module {

class SharedPhone final {
  public:
    // `image` is the kernel image as it is on disk. Throws TraceError.
    SharedPhone(const std::vector<trace::FileBank>& banks, std::string image);

    // Finds the loaded image; true once the kernel's information is there.
    [[nodiscard]] bool locate();
    // Physical address that the image passes when it has been placed. Throws TraceError if the
    // image is not in memory.
    [[nodiscard]] uint64_t placed() const;
    // Virtual address of kernel_hold(), final once the image has been placed. Throws TraceError.
    [[nodiscard]] uint64_t hold_function() const;
    void set_hold_at(uint64_t nanoseconds);
    [[nodiscard]] std::optional<trace::KernelView> view() const;

    // A trace, a recording of allocations, or both.
    void trace_open(const std::optional<std::filesystem::path>& target,
                    const std::optional<std::filesystem::path>& allocations);
    // A queue of what the trace gets from now on. Throws TraceError if none is written.
    [[nodiscard]] std::shared_ptr<trace::RecordTap> tap_trace(size_t limit);
    // Precondition: the phone is at rest.
    void trace_drain();
    void trace_finish();
    [[nodiscard]] uint64_t trace_lost() const { return collector_ ? collector_->lost() : 0; }
    void close();

  private:
    [[nodiscard]] std::optional<trace::InfoLocation> find() const;
    [[nodiscard]] trace::InfoLocation location() const;

    trace::GuestMemory memory_;
    std::string image_;
    std::optional<uint64_t> info_;
    std::optional<trace::KernelView> traced_;
    std::unique_ptr<trace::PerfettoWriter> writer_;
    std::unique_ptr<trace::AllocationLog> allocations_;
    std::unique_ptr<trace::TraceCollector> collector_;
};

}  // namespace orrery::module
