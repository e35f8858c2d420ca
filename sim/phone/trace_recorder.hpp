// SPDX-License-Identifier: Apache-2.0
// TraceRecorder: sees the phone's kernel in its memory, and writes the trace of kernel and devices
// and the recording of allocations, if they are wanted. Without them it costs nothing.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "devices/generic_timer.hpp"
#include "devices/observer.hpp"
#include "sim/trace/trace_collector.hpp"

namespace orrery::phone {

class TraceRecorder final : public devices::Observer {
  public:
    // `info` is where KernelInfo lies once the kernel has come to life.
    TraceRecorder(trace::GuestMemory memory, uint64_t info,
                  const std::optional<std::filesystem::path>& target,
                  const std::optional<std::filesystem::path>& allocations);

    // For devices: null unless a trace is written.
    [[nodiscard]] devices::Observer* observer() { return writer_ ? this : nullptr; }
    void device_event(std::string_view device, std::string_view event, uint64_t value) override;

    // A quantity of the machine has a new value.
    void quantity(std::string_view of, std::string_view what, int64_t value);

    // After each way through the kernel: empties rings that are half full.
    void after_kernel(const devices::GenericTimer& timer);
    // Empties all rings. Everything up to the present has been recorded by then.
    void drain(const devices::GenericTimer& timer);
    // Brings what was drained to the file, for those who follow it while the run stands still.
    void write_out();
    // What was recorded of a later time than now will not come.
    void new_future();
    void finish();

    [[nodiscard]] std::optional<trace::KernelView> view() const;
    // What the trace gets from now on, too. Throws TraceError if none is written.
    [[nodiscard]] std::shared_ptr<trace::RecordTap> tap(size_t limit);
    [[nodiscard]] uint64_t lost() const { return collector_ ? collector_->lost() : 0; }

  private:
    [[nodiscard]] bool collecting();

    trace::GuestMemory memory_;
    uint64_t info_;
    std::unique_ptr<trace::PerfettoWriter> writer_;
    std::unique_ptr<trace::AllocationLog> allocations_;
    std::optional<trace::KernelView> view_;  // what the collector looks at
    std::unique_ptr<trace::TraceCollector> collector_;
    std::vector<std::shared_ptr<trace::RecordTap>> early_taps_;  // asked for before there was one
};

}  // namespace orrery::phone
