// SPDX-License-Identifier: Apache-2.0
// A phone in another process, seen through its memory.
#include "sim/module/shared_phone.hpp"

namespace orrery::module {

SharedPhone::SharedPhone(const std::vector<trace::FileBank>& banks, std::string image)
    : memory_(trace::GuestMemory::map_files(banks)), image_(std::move(image)) {}

std::optional<trace::InfoLocation> SharedPhone::find() const {
    return trace::find_info(memory_, std::as_bytes(std::span(image_.data(), image_.size())));
}

trace::InfoLocation SharedPhone::location() const {
    const auto found = find();
    if (!found) throw trace::TraceError("the kernel image cannot be found in the phone's memory");
    return *found;
}

uint64_t SharedPhone::placed() const {
    return location().placed_physical;
}

uint64_t SharedPhone::hold_function() const {
    return location().hold_virtual;
}

bool SharedPhone::locate() {
    if (!info_) {
        const auto found = find();
        if (!found) return false;
        info_ = found->info_physical;
    }
    return trace::KernelView::present(memory_, *info_);
}

std::optional<trace::KernelView> SharedPhone::view() const {
    if (!info_ || !trace::KernelView::present(memory_, *info_)) return {};
    return trace::KernelView(memory_, *info_);
}

void SharedPhone::set_hold_at(uint64_t nanoseconds) {
    auto kernel = view();
    if (!kernel) throw trace::TraceError("the kernel has not come to life yet");
    kernel->set_hold_at(nanoseconds);
}

void SharedPhone::trace_open(const std::optional<std::filesystem::path>& target,
                             const std::optional<std::filesystem::path>& allocations) {
    traced_ = view();
    if (!traced_) throw trace::TraceError("the kernel has not come to life yet");
    if (target) writer_ = std::make_unique<trace::PerfettoWriter>(*target);
    collector_ = writer_ ? std::make_unique<trace::TraceCollector>(*traced_, *writer_)
                         : std::make_unique<trace::TraceCollector>(*traced_);
    if (allocations) {
        allocations_ = std::make_unique<trace::AllocationLog>(*allocations);
        collector_->log_allocations(*allocations_);
    }
}

std::shared_ptr<trace::RecordTap> SharedPhone::tap_trace(size_t limit) {
    if (!writer_) throw trace::TraceError("the phone records no trace: start the run with --trace");
    auto tap = std::make_shared<trace::RecordTap>(limit);
    collector_->add_tap(tap);
    return tap;
}

void SharedPhone::trace_drain() {
    // At rest: nothing earlier than what the rings hold can come any more.
    if (collector_) collector_->drain();
}

void SharedPhone::trace_finish() {
    if (collector_) collector_->finish();
    if (allocations_) allocations_->finish(trace_lost());
}

void SharedPhone::close() {
    collector_.reset();
    writer_.reset();
    allocations_.reset();
}

}  // namespace orrery::module
