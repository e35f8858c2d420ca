// SPDX-License-Identifier: Apache-2.0
// page_allocator=freelist: the naive baseline. A singly linked list of free frames through an index
// array, last freed first given; order 0 only. Allocate and free are constant time; metadata is
// 4 bytes a frame, in which a marker tells free from allocated, so that a double free is seen.
#pragma once

#include "kernel/memory/frame_allocator.hpp"

namespace kernel {

class FrameFreelist final : public FrameStrategy {
  public:
    static constexpr unsigned max_ranges = 16;

    // Bytes of metadata needed for that many frames.
    [[nodiscard]] static uint64_t metadata_size(uint64_t frames) {
        return frames * sizeof(uint32_t);
    }

    // Manages `ranges` (at most max_ranges, disjoint, all free); `metadata` has metadata_size()
    // bytes and belongs to the strategy from now on.
    [[nodiscard]] Status initialise(const FrameRange* ranges, unsigned count, uint32_t* metadata);

    [[nodiscard]] Result<PhysicalAddress> allocate(unsigned order) override;
    [[nodiscard]] Status free(PhysicalAddress block, unsigned order) override;
    [[nodiscard]] uint64_t free_frames() const override { return free_; }
    [[nodiscard]] uint64_t total_frames() const override { return total_; }
    [[nodiscard]] uint64_t metadata_bytes() const override { return metadata_size(total_); }
    [[nodiscard]] bool consistent() const override;
    [[nodiscard]] const char* name() const override { return "freelist"; }

  private:
    static constexpr uint32_t end_of_list = 0xffff'ffff;
    static constexpr uint32_t allocated = 0xffff'fffe;

    [[nodiscard]] PhysicalAddress address_of(uint32_t index) const;
    [[nodiscard]] Result<uint32_t> index_of(PhysicalAddress frame) const;

    FrameRange ranges_[max_ranges] = {};
    unsigned count_ = 0;
    uint32_t* next_ = nullptr;  // per frame: next free frame, end_of_list, or allocated
    uint32_t head_ = end_of_list;
    uint64_t free_ = 0;
    uint64_t total_ = 0;
};

}  // namespace kernel
