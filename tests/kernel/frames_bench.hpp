// SPDX-License-Identifier: Apache-2.0
// Frames to test with: a fake machine, the freelist over part of its memory, a heap, and between
// them a strategy that refuses an allocation of the test's choice.
#pragma once

#include <vector>

#include "kernel/memory/frame_freelist.hpp"
#include "kernel/memory/object_heap.hpp"
#include "tests/kernel/fake_machine.hpp"

namespace kernel {

// Passes everything on, but for allocation number `refused` (from 1) and all after it.
class RefusingStrategy final : public FrameStrategy {
  public:
    explicit RefusingStrategy(FrameStrategy& wrapped) : wrapped_(wrapped) {}

    // 0: none is refused from now on.
    void refuse_from(uint64_t allocation) {
        refused_ = allocation;
        allocations_ = 0;
    }
    [[nodiscard]] uint64_t allocations() const { return allocations_; }
    [[nodiscard]] bool has_refused() const { return refused_ != 0 && allocations_ >= refused_; }

    Result<PhysicalAddress> allocate(unsigned order) override {
        ++allocations_;
        if (has_refused()) return Status::NoMemory;
        return wrapped_.allocate(order);
    }
    Status free(PhysicalAddress block, unsigned order) override {
        return wrapped_.free(block, order);
    }
    uint64_t free_frames() const override { return wrapped_.free_frames(); }
    uint64_t total_frames() const override { return wrapped_.total_frames(); }
    uint64_t metadata_bytes() const override { return wrapped_.metadata_bytes(); }
    bool consistent() const override { return wrapped_.consistent(); }
    const char* name() const override { return "refusing"; }

  private:
    FrameStrategy& wrapped_;
    uint64_t refused_ = 0;
    uint64_t allocations_ = 0;
};

struct FramesBench {
    static constexpr PhysicalAddress begin = FakeMachine::image_end;

    explicit FramesBench(uint64_t count) : metadata(count) {
        const FrameRange range{begin, begin + count * hal::page_size};
        if (freelist.initialise(&range, 1, metadata.data()) != Status::Ok) std::abort();
        frames.initialise(strategy, free_count);
    }

    FakeMachine machine;
    std::vector<uint32_t> metadata;
    FrameFreelist freelist;
    RefusingStrategy strategy{freelist};
    uint64_t free_count = 0;
    Frames frames;
    ObjectHeap heap{frames};
};

}  // namespace kernel
