// SPDX-License-Identifier: Apache-2.0
// SlabCache: objects of one size, in slabs of one frame, and a depot of magazines; what all CPUs
// share of kernel_heap=slab.
//
// A slab starts with its header. Objects that were given back are threaded through themselves;
// those behind `fresh` were never given. A slab that becomes empty gives its frame back at once.
//
// A magazine holds free objects that count as given by their slabs. The depot keeps full and empty
// magazines, so that a CPU that frees what another one allocates hands over a whole magazine in
// constant time.
#pragma once

#include <atomic>

#include "kernel/base/list.hpp"
#include "kernel/memory/frame_allocator.hpp"

namespace kernel {

struct Magazine {
    static constexpr unsigned most = 31;
    Magazine* next = nullptr;
    void* objects[most];
};
static_assert(sizeof(Magazine) == 256);

// At the start of a slab's frame; a line of the caches.
struct alignas(64) Slab {
    struct FreeObject {
        FreeObject* next;
    };
    static constexpr uint32_t mark = 0x6b62'6c73;  // "slbk"; `tag` is this and the cache's number

    uint32_t tag;
    uint32_t used = 0;
    FreeObject* free = nullptr;
    uint32_t fresh = sizeof(Slab);  // offset of the first object that was never given
    ListNode node;                  // on the list of partial slabs while it has a free object

    explicit Slab(uint32_t cache) : tag(mark ^ cache) {}
    [[nodiscard]] static Slab* of(const void* object) {
        return reinterpret_cast<Slab*>(reinterpret_cast<uintptr_t>(object) & ~(hal::page_size - 1));
    }
    // The cache's number, or any other number for what is no slab.
    [[nodiscard]] uint32_t cache() const { return tag ^ mark; }
};
static_assert(sizeof(Slab) == 64);

class SlabCache final {
  public:
    static constexpr size_t room = hal::page_size - sizeof(Slab);
    static constexpr unsigned most_full = 8;  // magazines in the depot

    // Precondition: `size` is a multiple of 16, at least two of them fit in a slab.
    void initialise(Frames& frames, uint32_t number, size_t size, bool poisons);
    // 0 before initialise(), which may be on another CPU.
    [[nodiscard]] size_t size() const { return size_.load(std::memory_order_acquire); }
    // Objects that a magazine of this cache holds: fewer large ones, so that little is kept.
    [[nodiscard]] unsigned magazine_capacity() const { return capacity_; }

    // Up to `count` objects from the slabs, with at most one new frame; how many.
    [[nodiscard]] unsigned take(void** objects, unsigned count);
    void give(void* const* objects, unsigned count);

    // Exchanges an empty magazine for a full one, or fills it from the slabs; how many objects it
    // has then.
    [[nodiscard]] unsigned refill(Magazine*& magazine);
    // Exchanges a full magazine for an empty one, or empties it into the slabs. The depot takes a
    // `spare` that is not null.
    void unload(Magazine*& magazine, Magazine* spare);
    // Whether unload() had better bring a spare.
    [[nodiscard]] bool wants_spare() const {
        return empty_count_.load(std::memory_order_relaxed) == 0 &&
               full_count_.load(std::memory_order_relaxed) < most_full;
    }
    // Empties the depot into the slabs; the magazines, linked.
    [[nodiscard]] Magazine* drain();

    // Frames it holds, and objects out of the slabs without those in the depot.
    [[nodiscard]] uint64_t frames() const { return slabs_.load(std::memory_order_relaxed); }
    [[nodiscard]] uint64_t objects() const;
    [[nodiscard]] uint64_t magazines() const {
        return empty_count_.load(std::memory_order_relaxed) +
               full_count_.load(std::memory_order_relaxed);
    }
    // For whoever looks from outside: objects out of the slabs, and of them, those in the depot.
    [[nodiscard]] uint64_t given() const { return given_.load(std::memory_order_relaxed); }
    [[nodiscard]] uint64_t in_depot() const {
        return uint64_t{full_count_.load(std::memory_order_relaxed)} * capacity_;
    }
    [[nodiscard]] bool consistent();
    // Whether these are objects of this cache that its slabs have given.
    [[nodiscard]] bool consistent(const Magazine& magazine, unsigned count) const;

  private:
    [[nodiscard]] bool exhausted(const Slab& slab) const { return slab.used == slab_capacity_; }
    [[nodiscard]] unsigned take_locked(void** objects, unsigned count);
    void give_locked(void* const* objects, unsigned count);
    [[nodiscard]] Slab* new_slab();
    [[nodiscard]] void* take_from(Slab& slab);
    [[nodiscard]] bool consistent(Slab& slab) const;
    static void add(std::atomic<uint32_t>& count, uint32_t difference) {
        count.store(count.load(std::memory_order_relaxed) + difference, std::memory_order_relaxed);
    }

    SpinLock lock_{LockRank::Heap};
    Frames* frames_ = nullptr;
    std::atomic<size_t> size_{0};
    uint32_t slab_capacity_ = 0;
    uint32_t number_ = 0;
    unsigned capacity_ = 0;
    bool poisons_ = false;
    List<Slab, &Slab::node> partial_;
    Magazine* full_ = nullptr;
    Magazine* empty_ = nullptr;
    // Written with the lock held, read without.
    std::atomic<uint32_t> full_count_{0};
    std::atomic<uint32_t> empty_count_{0};
    std::atomic<uint32_t> slabs_{0};
    std::atomic<uint32_t> given_{0};  // objects out of the slabs
};

}  // namespace kernel
