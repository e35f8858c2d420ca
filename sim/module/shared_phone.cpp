// SPDX-License-Identifier: Apache-2.0
// A phone in another process, seen through its memory.
#include "sim/module/shared_phone.hpp"

#include <cstring>

namespace orrery::module {
namespace {

// Header words of the image (kernel/abi/info.hpp).
constexpr size_t hold_word = 0x20;
constexpr size_t link_word = 0x30;
constexpr size_t header_size = 64;

uint64_t word(const std::string& image, size_t offset) {
    uint64_t value = 0;
    std::memcpy(&value, image.data() + offset, sizeof value);
    return value;
}

}  // namespace

SharedPhone::SharedPhone(const std::filesystem::path& memory,
                         const std::vector<trace::FileBank>& banks, std::string image)
    : memory_(trace::GuestMemory::map_file(memory, banks)), image_(std::move(image)) {
    if (image_.size() < header_size) throw trace::TraceError("the kernel image is cut off");
}

uint64_t SharedPhone::hold_function() const {
    return word(image_, link_word) + word(image_, hold_word);
}

bool SharedPhone::locate() {
    if (!info_) {
        const auto found =
            trace::find_info(memory_, std::as_bytes(std::span(image_.data(), image_.size())));
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

void SharedPhone::trace_open(const std::filesystem::path& target) {
    traced_ = view();
    if (!traced_) throw trace::TraceError("the kernel has not come to life yet");
    writer_ = std::make_unique<trace::PerfettoWriter>(target);
    collector_ = std::make_unique<trace::TraceCollector>(*traced_, *writer_);
}

void SharedPhone::trace_drain() {
    // At rest: nothing earlier than what the rings hold can come any more.
    if (collector_) collector_->drain();
}

void SharedPhone::trace_finish() {
    if (collector_) collector_->finish();
}

void SharedPhone::close() {
    collector_.reset();
    writer_.reset();
}

}  // namespace orrery::module
