// SPDX-License-Identifier: Apache-2.0
// kernel_heap=tlsf: two-level segregated fit behind one lock, after Masmano, Ripoll, Crespo and
// Real, "TLSF: A New Dynamic Memory Allocator for Real-Time Systems" (ECRTS 2004): constant time
// for every call, but for the frame allocator's own.
//
// Memory comes in pools: blocks of frames, 16 KiB where the page-frame strategy has them, else one
// frame. A pool is cut into blocks that lie one behind another, ends in a block of no room that is
// never free, and knows its order. Neighbouring free blocks are merged at once. Of pools that are
// all free, one is kept; trim() gives it back as well.
//
// Deviations: the first block of a request's own list is looked at before larger lists; the link to
// the block before is in the header, so that objects are aligned to 16.
#pragma once

#include "kernel/base/list.hpp"
#include "kernel/memory/heap/huge_objects.hpp"
#include "kernel/memory/heap/tlsf_index.hpp"

namespace kernel {

class TlsfHeap final : public KernelHeap {
  public:
    explicit TlsfHeap(Frames& frames, bool poisons = false)
        : frames_(frames), poisons_(poisons), huge_(frames, *this, poisons) {}

    [[nodiscard]] Result<void*> allocate(size_t size) override;
    void free(void* object) override;
    void trim() override;
    [[nodiscard]] HeapFigures figures() const override;
    [[nodiscard]] size_t room_for(size_t size) const override;
    [[nodiscard]] bool consistent() const override;
    [[nodiscard]] const char* name() const override { return "tlsf"; }

  private:
    // At the start of a pool; its first block follows.
    struct alignas(16) Pool {
        ListNode node;
        uint64_t order = 0;

        [[nodiscard]] TlsfBlock* first() { return reinterpret_cast<TlsfBlock*>(this + 1); }
    };
    using Pools = List<Pool, &Pool::node>;
    static constexpr unsigned pool_order = 2;
    static constexpr size_t smallest = 16;  // room: the links of a free block
    static_assert((hal::page_size << pool_order) <= TlsfIndex::limit);

    [[nodiscard]] static size_t rounded(size_t size) {
        return size <= smallest ? smallest : (size + 15) & ~size_t{15};
    }
    [[nodiscard]] Result<TlsfBlock*> grow();
    void split(TlsfBlock& block, size_t room);
    // Makes `block` one with the free block behind it, which is in no list.
    void absorb(TlsfBlock& block, TlsfBlock& behind);
    void check_used(TlsfBlock& block) const;
    [[nodiscard]] static bool is_whole_pool(TlsfBlock& block);
    void give_back(TlsfBlock& whole);
    [[nodiscard]] bool consistent(Pool& pool, uint64_t& free, HeapFigures& sum) const;

    mutable SpinLock lock_{LockRank::Heap};
    Frames& frames_;
    const bool poisons_;
    TlsfIndex index_;
    mutable Pools pools_;
    TlsfBlock* spare_ = nullptr;  // the only block of a pool that is all free; it is in the index
    HeapFigures figures_;
    HugeObjects huge_;
};

}  // namespace kernel
