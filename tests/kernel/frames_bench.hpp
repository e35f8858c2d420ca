// SPDX-License-Identifier: Apache-2.0
// Frames to test with: a fake machine, the freelist over part of its memory, a heap, and between
// them a strategy that refuses an allocation of the test's choice.
#pragma once

#include <memory>
#include <vector>

#include "kernel/memory/frame_allocator.hpp"
#include "kernel/memory/frames/frame_freelist.hpp"
#include "kernel/memory/heap/simple_heap.hpp"
#include "kernel/memory/memory.hpp"
#include "kernel/memory/objects/file_object.hpp"
#include "tests/kernel/fake_machine.hpp"
#include "tests/kernel/frame_accounts.hpp"

namespace kernel {

// Passes everything on, but for allocation number `refused` (from 1), and all after it if so said.
class RefusingStrategy final : public FrameStrategy {
  public:
    explicit RefusingStrategy(FrameStrategy& wrapped) : wrapped_(wrapped) {}

    // 0: none is refused from now on.
    void refuse_from(uint64_t allocation) {
        refused_ = allocation;
        allocations_ = 0;
        only_one_ = false;
    }
    // That one and no other: what is done instead must work as well.
    void refuse_only(uint64_t allocation) {
        refuse_from(allocation);
        only_one_ = true;
    }
    [[nodiscard]] uint64_t allocations() const { return allocations_; }
    [[nodiscard]] bool has_refused() const { return refused_ != 0 && allocations_ >= refused_; }

    Result<PhysicalAddress> allocate(const FrameRequest& request) override {
        ++allocations_;
        if (only_one_ ? allocations_ == refused_ : has_refused()) return Status::NoMemory;
        return wrapped_.allocate(request);
    }
    Status free(PhysicalAddress block, unsigned order, unsigned cpu) override {
        return wrapped_.free(block, order, cpu);
    }
    Status split(PhysicalAddress block, unsigned order, unsigned cpu) override {
        return wrapped_.split(block, order, cpu);
    }
    // Each frame is an allocation.
    unsigned allocate_bulk(PhysicalAddress* frames, unsigned count, Mobility mobility,
                           unsigned cpu) override {
        for (unsigned found = 0; found < count; ++found) {
            const Result<PhysicalAddress> frame = allocate({0, mobility, cpu});
            if (!frame.ok()) return found;
            frames[found] = frame.value();
        }
        return count;
    }
    unsigned free_bulk(const PhysicalAddress* frames, unsigned count, unsigned cpu) override {
        return wrapped_.free_bulk(frames, count, cpu);
    }
    uint64_t free_frames() const override { return wrapped_.free_frames(); }
    FreeHistogram free_histogram() const override { return wrapped_.free_histogram(); }
    uint64_t total_frames() const override { return wrapped_.total_frames(); }
    uint64_t metadata_bytes() const override { return wrapped_.metadata_bytes(); }
    unsigned largest_order() const override { return wrapped_.largest_order(); }
    bool remembers_orders() const override { return wrapped_.remembers_orders(); }
    bool uses_mobility() const override { return wrapped_.uses_mobility(); }
    bool consistent() const override { return wrapped_.consistent(); }
    const char* name() const override { return "refusing"; }

  private:
    FrameStrategy& wrapped_;
    uint64_t refused_ = 0;
    bool only_one_ = false;
    uint64_t allocations_ = 0;
};

struct FramesBench {
    static constexpr PhysicalAddress begin = FakeMachine::image_end;

    explicit FramesBench(uint64_t count) {
        const FrameRange range{begin, begin + count * hal::page_size};
        FrameMap map;
        if (map.initialise(&range, 1) != Status::Ok) std::abort();
        metadata.resize(FrameFreelist::metadata_size(map) / sizeof(uint32_t));
        if (freelist.initialise(map, metadata.data()) != Status::Ok) std::abort();
        accounts = std::make_unique<FrameAccounts>(map);
        frames.initialise(strategy, accounts->records, accounts->counts);
        memory.use_heap(heap);
    }

    FakeMachine machine;
    std::vector<uint32_t> metadata;
    FrameFreelist freelist;
    RefusingStrategy strategy{freelist};
    std::unique_ptr<FrameAccounts> accounts;
    Frames frames;
    FreeCount free_count{frames};
    SimpleHeap heap{frames};
    abi::MemoryEvents events[hal::max_cpus] = {};
    Memory memory{frames, events};
    FileObjects files{memory};
};

}  // namespace kernel
