// SPDX-License-Identifier: Apache-2.0
// kernel_heap=slab: caches of objects of one size with magazines for each CPU, after Bonwick and
// Adams, "Magazines and Vmem: Extending the Slab Allocator to Many CPUs and Arbitrary Resources"
// (USENIX ATC 2001).
//
// A CPU has two magazines of free objects for each cache, `loaded` and `previous`, takes from and
// gives to the loaded one without a lock, and goes to the cache's depot (SlabCache) when both are
// empty or full. Deviations: an empty magazine is refilled from the slabs at once, not object by
// object; the sizes of magazines are fixed; objects are not constructed in advance; there is no
// cache colouring. Types of objects (HeapType) have caches of their own and share no slab with
// others.
//
// Bound: a hit is constant; a miss moves at most a magazine of objects and takes one frame.
//
// When there is no memory, a CPU empties its magazines and all depots before it says so. Others
// empty theirs when they next miss or are idle (`wanted_`); what they keep is theirs until then.
#pragma once

#include "kernel/memory/heap/huge_objects.hpp"
#include "kernel/memory/heap/slab_cache.hpp"

namespace kernel {

// The largest multiple of 16 of which a slab has n, for falling n, as far as they differ much.
constexpr unsigned slab_class_count = 14;
constexpr size_t slab_sizes[slab_class_count] = {16,  32,  48,  64,  96,   128,  192,
                                                 256, 336, 496, 672, 1008, 1344, 2016};
// The class of a size, by its multiples of 16.
struct SlabClasses {
    uint8_t of[slab_sizes[slab_class_count - 1] / 16 + 1] = {};
    constexpr SlabClasses() {
        for (unsigned i = 0, size_class = 0; i < sizeof of; ++i) {
            if (slab_sizes[size_class] < i * 16) ++size_class;
            of[i] = static_cast<uint8_t>(size_class);
        }
    }
};
inline constexpr SlabClasses slab_classes{};

class SlabHeap final : public KernelHeap {
  public:
    explicit SlabHeap(Frames& frames, bool poisons = false);

    [[nodiscard]] Result<void*> allocate(size_t size) override;
    [[nodiscard]] Result<void*> allocate_object(HeapType type, size_t size) override;
    void free(void* object) override;
    void trim() override;
    void quiet() override;
    [[nodiscard]] HeapFigures figures() const override;
    [[nodiscard]] size_t room_for(size_t size) const override;
    [[nodiscard]] bool consistent() const override;
    [[nodiscard]] const char* name() const override { return "slab"; }

    // For whoever looks from outside. Caches are those of the sizes, of magazines, of the types.
    [[nodiscard]] static constexpr unsigned caches() { return cache_count; }
    [[nodiscard]] static constexpr const char* cache_name(unsigned cache) {
        if (cache < magazine_cache) return "size";
        if (cache == magazine_cache) return "magazine";
        return heap_type_name(static_cast<HeapType>(cache - first_type + 1));
    }
    [[nodiscard]] const SlabCache& cache(unsigned cache) const { return caches_[cache]; }
    // Objects of a cache that CPUs keep.
    [[nodiscard]] uint64_t kept_by_cpus(unsigned cache) const {
        uint64_t sum = 0;
        for (const Cpu& cpu : cpus_) {
            sum += cpu.rounds[cache].count.load(std::memory_order_relaxed);
            sum += cpu.rounds[cache].previous_count.load(std::memory_order_relaxed);
        }
        return sum;
    }

  private:
    static constexpr unsigned magazine_cache = slab_class_count;
    static constexpr unsigned first_type = slab_class_count + 1;
    static constexpr unsigned cache_count = first_type + heap_type_count - 1;

    // Magazines of a CPU for a cache. Only that CPU writes them; the counts are read by others.
    struct Rounds {
        Magazine* loaded = nullptr;
        Magazine* previous = nullptr;
        std::atomic<uint32_t> count{0};           // of loaded
        std::atomic<uint32_t> previous_count{0};  // of previous: none or all of its capacity
        uint32_t capacity = 0;                    // of loaded: 0 when there is none

        void swap();
    };
    struct alignas(64) Cpu {
        Rounds rounds[cache_count];
        uint32_t followed = 0;  // value of wanted_ when it last emptied its magazines
    };

    [[nodiscard]] static unsigned class_of(size_t size) {
        return slab_classes.of[(size + 15) / 16];
    }
    [[nodiscard]] Result<void*> take(unsigned cache);
    // Misses are kept out of line, so that a hit saves no registers.
    [[nodiscard]] [[gnu::noinline]] Result<void*> take_slowly(Cpu& cpu, unsigned cache);
    [[nodiscard]] void* take_from_cache(Cpu& cpu, unsigned cache);
    [[gnu::noinline]] void give_slowly(Cpu& cpu, unsigned cache, void* object);
    [[gnu::noinline]] void free_other(void* object);
    [[nodiscard]] bool load_magazine(Rounds& rounds, const SlabCache& cache);
    [[nodiscard]] Magazine* new_magazine();
    void free_magazine(Magazine* magazine);
    void empty_cpu(Cpu& cpu);
    void empty_depots();
    void follow(Cpu& cpu);
    [[nodiscard]] uint64_t kept(unsigned cache) const;

    mutable SlabCache caches_[cache_count];
    Cpu cpus_[hal::max_cpus];
    std::atomic<uint32_t> wanted_{0};  // times that memory ran out
    SpinLock types_lock_{LockRank::Heap};
    Frames& frames_;
    const bool poisons_;
    HugeObjects huge_;
};

}  // namespace kernel
