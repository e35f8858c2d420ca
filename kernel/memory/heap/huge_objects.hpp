// SPDX-License-Identifier: Apache-2.0
// Objects above KernelHeap::largest, up to 4 MiB: each a block of frames of its own.
//
// A block is as large as the next power of two. A record, itself an object of the heap, says which
// order it has; records are found by a hash of the block's address. Bound: the records of one
// bucket.
#pragma once

#include "kernel/memory/frame_allocator.hpp"
#include "kernel/memory/kernel_heap.hpp"

namespace kernel {

class HugeObjects final {
  public:
    // `records` gives the memory for records: the heap that this is a part of.
    HugeObjects(Frames& frames, KernelHeap& records, bool poisons)
        : frames_(frames), records_(records), poisons_(poisons) {}

    // Whether an object may be one of these: they start at a page.
    [[nodiscard]] static bool may_be(const void* object) {
        return reinterpret_cast<uintptr_t>(object) % hal::page_size == 0;
    }
    [[nodiscard]] static size_t room_for(size_t size) { return hal::page_size << order_for(size); }

    [[nodiscard]] Result<void*> allocate(size_t size);
    // False for what is none.
    [[nodiscard]] bool free(void* object);

    // Without the records.
    [[nodiscard]] HeapFigures figures() const;
    // How many records the heap holds for them.
    [[nodiscard]] uint64_t count() const { return count_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool consistent() const;

  private:
    struct Record {
        Record* next;
        PhysicalAddress block;
        unsigned order;
    };
    static constexpr unsigned bucket_count = 64;

    [[nodiscard]] static unsigned order_for(size_t size);
    [[nodiscard]] static unsigned bucket_of(PhysicalAddress block);
    void free_record(Record* record);
    [[nodiscard]] Record* remove(PhysicalAddress block);

    SpinLock lock_{LockRank::Heap};
    Frames& frames_;
    KernelHeap& records_;
    const bool poisons_;
    Record* buckets_[bucket_count] = {};
    std::atomic<uint64_t> count_{0};
    std::atomic<uint64_t> frames_held_{0};
};

}  // namespace kernel
