// SPDX-License-Identifier: Apache-2.0
// page_allocator=freelist: the naive baseline.
#include "kernel/memory/frame_freelist.hpp"

namespace kernel {

Status FrameFreelist::initialise(const FrameRange* ranges, unsigned count, uint32_t* metadata) {
    if (count == 0 || count > max_ranges) return Status::InvalidArgument;
    count_ = count;
    next_ = metadata;
    total_ = 0;
    for (unsigned i = 0; i < count; ++i) {
        ranges_[i] = ranges[i];
        total_ += ranges[i].frames();
    }
    if (total_ == 0 || total_ >= allocated) return Status::InvalidArgument;

    // Lowest addresses are given first.
    for (uint32_t i = 0; i + 1 < total_; ++i) next_[i] = i + 1;
    next_[total_ - 1] = end_of_list;
    head_ = 0;
    free_ = total_;
    return Status::Ok;
}

Result<PhysicalAddress> FrameFreelist::allocate(unsigned order) {
    if (order != 0) return Status::Unsupported;
    if (head_ == end_of_list) return Status::NoMemory;
    const uint32_t index = head_;
    head_ = next_[index];
    next_[index] = allocated;
    --free_;
    return address_of(index);
}

Status FrameFreelist::free(PhysicalAddress block, unsigned order) {
    if (order != 0 || block % hal::page_size != 0) return Status::InvalidArgument;
    const uint32_t index = TRY(index_of(block));
    if (next_[index] != allocated) return Status::NotFound;
    next_[index] = head_;
    head_ = index;
    ++free_;
    return Status::Ok;
}

bool FrameFreelist::consistent() const {
    uint64_t marked = 0;
    for (uint64_t i = 0; i < total_; ++i) marked += next_[i] != allocated ? 1 : 0;
    uint64_t listed = 0;
    for (uint32_t i = head_; i != end_of_list && listed <= total_; i = next_[i]) {
        if (i >= total_ || next_[i] == allocated) return false;
        ++listed;
    }
    return marked == free_ && listed == free_;
}

PhysicalAddress FrameFreelist::address_of(uint32_t index) const {
    uint64_t rest = index;
    for (unsigned i = 0; i < count_; ++i) {
        if (rest < ranges_[i].frames()) return ranges_[i].begin + rest * hal::page_size;
        rest -= ranges_[i].frames();
    }
    return 0;  // unreachable: indices are below total_
}

Result<uint32_t> FrameFreelist::index_of(PhysicalAddress frame) const {
    uint64_t base = 0;
    for (unsigned i = 0; i < count_; ++i) {
        if (frame >= ranges_[i].begin && frame < ranges_[i].end) {
            return static_cast<uint32_t>(base + (frame - ranges_[i].begin) / hal::page_size);
        }
        base += ranges_[i].frames();
    }
    return Status::InvalidArgument;
}

}  // namespace kernel
