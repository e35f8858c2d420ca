// SPDX-License-Identifier: Apache-2.0
// kernel_heap=simple: the baseline. Objects of eight power-of-two sizes, each size in slabs of one
// frame, behind one lock.
//
// A slab starts with its header and threads its free objects through themselves. A slab that
// becomes empty gives its frame back at once, so that ended tasks leave no trace in the free-frame
// count. Bound: constant time, but for the frame allocator's own.
#pragma once

#include "kernel/base/list.hpp"
#include "kernel/memory/heap/huge_objects.hpp"

namespace kernel {

class SimpleHeap final : public KernelHeap {
  public:
    static constexpr size_t smallest = 16;

    explicit SimpleHeap(Frames& frames, bool poisons = false)
        : frames_(frames), poisons_(poisons), huge_(frames, *this, poisons) {}

    [[nodiscard]] Result<void*> allocate(size_t size) override;
    void free(void* object) override;
    [[nodiscard]] HeapFigures figures() const override;
    [[nodiscard]] size_t room_for(size_t size) const override;
    [[nodiscard]] bool consistent() const override;
    [[nodiscard]] const char* name() const override { return "simple"; }

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
    using Slabs = List<Slab, &Slab::node>;
    static constexpr unsigned class_count = 8;
    static constexpr uint64_t slab_mark = 0x6b726f2d62616c73;  // "slab-ork"
    static constexpr size_t sizes[class_count] = {16, 32, 64, 128, 256, 512, 1008, 2000};
    static_assert(sizes[class_count - 1] == largest);

    [[nodiscard]] static unsigned class_of(size_t size);
    [[nodiscard]] Result<Slab*> new_slab(unsigned size_class);
    [[nodiscard]] static Slab* slab_of(void* object);
    [[nodiscard]] static bool slab_consistent(Slab& slab, unsigned size_class);
    static uint32_t capacity(unsigned size_class) {
        return static_cast<uint32_t>((hal::page_size - sizeof(Slab)) / sizes[size_class]);
    }

    mutable SpinLock lock_{LockRank::Heap};
    Frames& frames_;
    const bool poisons_;
    mutable Slabs partial_[class_count];
    uint64_t slabs_[class_count] = {};
    uint64_t used_[class_count] = {};
    HugeObjects huge_;
};

}  // namespace kernel
