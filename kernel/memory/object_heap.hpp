// SPDX-License-Identifier: Apache-2.0
// The first kernel heap: objects of eight power-of-two sizes, each size in slabs of one frame.
//
// A slab starts with its header and threads its free objects through themselves. A slab that
// becomes empty gives its frame back at once, so that ended tasks leave no trace in the free-frame
// count. Bound: constant time, but for the frame allocator's own.
#pragma once

#include "kernel/base/list.hpp"
#include "kernel/memory/frame_allocator.hpp"
#include "kernel/memory/kernel_heap.hpp"

namespace kernel {

class ObjectHeap final : public KernelHeap {
  public:
    static constexpr size_t smallest = 16;

    explicit ObjectHeap(Frames& frames) : frames_(frames) {}

    [[nodiscard]] Result<void*> allocate(size_t size) override;
    void free(void* object) override;
    [[nodiscard]] uint64_t frames_used() override;

  private:
    struct FreeObject {
        FreeObject* next;
    };
    struct alignas(16) Slab {
        ListNode node;  // on partial_ of its class while it has a free object
        FreeObject* free = nullptr;
        uint32_t used = 0;
        uint32_t size_class = 0;
        uint64_t mark = 0;  // tells a slab from any other frame
    };
    static constexpr unsigned class_count = 8;
    static constexpr FrameUse use{FrameOwner::Kernel, 0};
    static constexpr uint64_t slab_mark = 0x6b726f2d62616c73;  // "slab-ork"
    static constexpr size_t sizes[class_count] = {16, 32, 64, 128, 256, 512, 1008, 2000};

    [[nodiscard]] Result<Slab*> new_slab(unsigned size_class);
    static Slab* slab_of(void* object);
    static uint32_t capacity(unsigned size_class) {
        return static_cast<uint32_t>((hal::page_size - sizeof(Slab)) / sizes[size_class]);
    }

    SpinLock lock_{LockRank::Heap};
    Frames& frames_;
    List<Slab, &Slab::node> partial_[class_count];
    uint64_t slabs_ = 0;
};

}  // namespace kernel
