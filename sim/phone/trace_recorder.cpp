// SPDX-License-Identifier: Apache-2.0
// The phone's trace.
#include "sim/phone/trace_recorder.hpp"

#include <systemc>

namespace orrery::phone {

TraceRecorder::TraceRecorder(trace::GuestMemory memory, uint64_t info,
                             const std::optional<std::filesystem::path>& target,
                             const std::optional<std::filesystem::path>& allocations)
    : memory_(std::move(memory)), info_(info) {
    if (target) writer_ = std::make_unique<trace::PerfettoWriter>(*target);
    if (allocations) allocations_ = std::make_unique<trace::AllocationLog>(*allocations);
}

std::optional<trace::KernelView> TraceRecorder::view() const {
    if (!trace::KernelView::present(memory_, info_)) return {};
    return trace::KernelView(memory_, info_);
}

bool TraceRecorder::collecting() {
    if (!writer_ && !allocations_) return false;
    if (!collector_) {
        if (!view_) view_ = view();
        if (!view_) return false;
        collector_ = writer_ ? std::make_unique<trace::TraceCollector>(*view_, *writer_)
                             : std::make_unique<trace::TraceCollector>(*view_);
        if (allocations_) collector_->log_allocations(*allocations_);
        for (const auto& tap : early_taps_) collector_->add_tap(tap);
        early_taps_.clear();
    }
    return true;
}

void TraceRecorder::device_event(std::string_view device, std::string_view event, uint64_t value) {
    if (!collecting()) return;  // before the kernel lives there is nothing to relate it to
    const uint64_t now = sc_core::sc_time_stamp().value() / 1000;
    if (event.ends_with("interrupt")) {  // the level of a line
        collector_->device_level(now, device, event, static_cast<int64_t>(value));
    } else {
        collector_->device_event(now, device, event, static_cast<int64_t>(value));
    }
}

void TraceRecorder::quantity(std::string_view of, std::string_view what, int64_t value) {
    if (!writer_ || !collecting()) return;
    collector_->device_level(sc_core::sc_time_stamp().value() / 1000, of, what, value);
}

void TraceRecorder::after_kernel(const devices::GenericTimer& timer) {
    if (!collecting()) return;
    for (uint32_t cpu = 0; cpu < view_->cpus_present(); ++cpu) {
        const kernel::abi::TraceRing& ring = view_->ring(cpu);
        if (ring.head - ring.tail > ring.capacity / 2) return drain(timer);
    }
}

void TraceRecorder::drain(const devices::GenericTimer& timer) {
    if (collecting()) collector_->drain(timer.count(sc_core::sc_time_stamp()));
}

void TraceRecorder::write_out() {
    if (writer_) writer_->write_out_now();
}

void TraceRecorder::new_future() {
    if (writer_) writer_->cut();
}

std::shared_ptr<trace::RecordTap> TraceRecorder::tap(size_t limit) {
    if (!writer_) throw trace::TraceError("the phone records no trace: start the run with --trace");
    auto tap = std::make_shared<trace::RecordTap>(limit);
    if (collector_)
        collector_->add_tap(tap);
    else
        early_taps_.push_back(tap);
    return tap;
}

void TraceRecorder::finish() {
    if (collecting()) {
        collector_->finish();
    } else if (writer_) {
        writer_->finish();
    }
    if (allocations_) allocations_->finish(lost());
}

}  // namespace orrery::phone
