// SPDX-License-Identifier: Apache-2.0
// page_allocator=freelist: the naive baseline. A singly linked list of free frames through an index
// array, last freed first given; order 0 only. Allocate and free are constant time; metadata is
// 4 bytes a frame, in which a marker tells free from allocated, so that a double free is seen.
#pragma once

#include "kernel/memory/frames/locked_strategy.hpp"

namespace kernel {

class FrameFreelist final : public LockedStrategy {
  public:
    [[nodiscard]] static uint64_t metadata_size(const FrameMap& map) {
        return uint64_t{map.span()} * sizeof(uint32_t);
    }
    // All frames are free. Precondition: `metadata` has metadata_size() bytes, aligned to 64.
    [[nodiscard]] Status initialise(const FrameMap& map, void* metadata);

    [[nodiscard]] uint64_t metadata_bytes() const override { return metadata_size(map()); }
    [[nodiscard]] unsigned largest_order() const override { return 0; }
    [[nodiscard]] const char* name() const override { return "freelist"; }

  private:
    static constexpr uint32_t end_of_list = 0xffff'ffff;
    static constexpr uint32_t allocated = 0xffff'fffe;
    static constexpr uint32_t hole = 0xffff'fffd;

    void fill_holes(uint32_t begin, uint32_t end);
    [[nodiscard]] Result<uint32_t> take(unsigned order, Mobility mobility) override;
    [[nodiscard]] Status give(uint32_t index, unsigned order) override;
    [[nodiscard]] FreeHistogram histogram() const override;
    [[nodiscard]] bool check() const override;

    uint32_t* next_ = nullptr;  // per frame: next free frame, end_of_list, or what it is
    uint32_t head_ = end_of_list;
    uint32_t listed_ = 0;
};

}  // namespace kernel
