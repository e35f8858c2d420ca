// SPDX-License-Identifier: Apache-2.0
// kernel_heap=slab: magazines.
#include "kernel/memory/heap/slab_heap.hpp"

#include <new>

namespace kernel {

using hal::Machine;

namespace {

uint32_t load(const std::atomic<uint32_t>& count) {
    return count.load(std::memory_order_relaxed);
}

void store(std::atomic<uint32_t>& count, uint32_t value) {
    count.store(value, std::memory_order_relaxed);
}

}  // namespace

SlabHeap::SlabHeap(Frames& frames, bool poisons)
    : frames_(frames), poisons_(poisons), huge_(frames, *this, poisons) {
    for (unsigned i = 0; i < slab_class_count; ++i) {
        caches_[i].initialise(frames, i, slab_sizes[i], poisons);
    }
    caches_[magazine_cache].initialise(frames, magazine_cache, sizeof(Magazine), false);
}

Result<void*> SlabHeap::allocate(size_t size) {
    if (size > largest) [[unlikely]]
        return huge_.allocate(size);
    return take(class_of(size));
}

Result<void*> SlabHeap::allocate_object(HeapType type, size_t size) {
    if (type == HeapType::General || size > largest) return allocate(size);
    const unsigned number = first_type + static_cast<unsigned>(type) - 1;
    SlabCache& cache = caches_[number];
    // The first object of a type says how large they are.
    const size_t rounded = size == 0 ? 16 : (size + 15) & ~size_t{15};
    if (cache.size() != rounded) [[unlikely]] {
        const LockGuard guard(types_lock_);
        if (cache.size() == 0) cache.initialise(frames_, number, rounded, poisons_);
        KERNEL_ASSERT(cache.size() == rounded);
    }
    return take(number);
}

inline Result<void*> SlabHeap::take(unsigned cache) {
    Cpu& cpu = cpus_[Machine::cpu_index()];
    Rounds& rounds = cpu.rounds[cache];
    const uint32_t count = load(rounds.count);
    if (count == 0) [[unlikely]]
        return take_slowly(cpu, cache);
    store(rounds.count, count - 1);
    return rounds.loaded->objects[count - 1];
}

void SlabHeap::free(void* object) {
    const uint32_t cache = Slab::of(object)->cache();
    // A block of frames starts where a slab's header would, and has anything there.
    if (HugeObjects::may_be(object) || cache >= cache_count) [[unlikely]]
        return free_other(object);
    Cpu& cpu = cpus_[Machine::cpu_index()];
    Rounds& rounds = cpu.rounds[cache];
    const uint32_t count = load(rounds.count);
    if (count == rounds.capacity) [[unlikely]]
        return give_slowly(cpu, cache, object);
    rounds.loaded->objects[count] = object;
    store(rounds.count, count + 1);
}

void SlabHeap::free_other(void* object) {
    if (HugeObjects::may_be(object) && huge_.free(object)) return;
    KERNEL_PANIC("heap: freed a pointer that is no object", reinterpret_cast<uintptr_t>(object));
}

void SlabHeap::Rounds::swap() {
    const uint32_t of_loaded = load(count);
    store(count, load(previous_count));
    store(previous_count, of_loaded);
    Magazine* magazine = loaded;
    loaded = previous;
    previous = magazine;
}

// Precondition: the loaded magazine is empty, or there is none.
Result<void*> SlabHeap::take_slowly(Cpu& cpu, unsigned cache) {
    follow(cpu);
    void* object = take_from_cache(cpu, cache);
    if (object != nullptr) return object;

    wanted_.fetch_add(1, std::memory_order_relaxed);
    trim();
    if (caches_[cache].take(&object, 1) == 1) return object;
    return Status::NoMemory;
}

// Null when there is no memory.
void* SlabHeap::take_from_cache(Cpu& cpu, unsigned number) {
    Rounds& rounds = cpu.rounds[number];
    SlabCache& cache = caches_[number];
    if (load(rounds.previous_count) != 0) {
        rounds.swap();
    } else if (rounds.loaded != nullptr || load_magazine(rounds, cache)) {
        store(rounds.count, cache.refill(rounds.loaded));
    } else {
        // No room for a magazine; the slabs may have an object.
        void* object = nullptr;
        return cache.take(&object, 1) == 1 ? object : nullptr;
    }
    const uint32_t count = load(rounds.count);
    if (count == 0) return nullptr;
    store(rounds.count, count - 1);
    return rounds.loaded->objects[count - 1];
}

// Precondition: the loaded magazine is full, or there is none.
void SlabHeap::give_slowly(Cpu& cpu, unsigned number, void* object) {
    follow(cpu);
    Rounds& rounds = cpu.rounds[number];
    SlabCache& cache = caches_[number];
    if (rounds.loaded == nullptr) {
        if (!load_magazine(rounds, cache)) return cache.give(&object, 1);
    } else {
        if (rounds.previous == nullptr) rounds.previous = new_magazine();
        if (rounds.previous == nullptr) return cache.give(&object, 1);
        if (load(rounds.previous_count) != 0) {
            cache.unload(rounds.previous, cache.wants_spare() ? new_magazine() : nullptr);
            store(rounds.previous_count, 0);
        }
        rounds.swap();
    }
    const uint32_t count = load(rounds.count);
    rounds.loaded->objects[count] = object;
    store(rounds.count, count + 1);
}

bool SlabHeap::load_magazine(Rounds& rounds, const SlabCache& cache) {
    rounds.loaded = new_magazine();
    rounds.capacity = rounds.loaded == nullptr ? 0 : cache.magazine_capacity();
    return rounds.loaded != nullptr;
}

Magazine* SlabHeap::new_magazine() {
    void* memory = nullptr;
    if (caches_[magazine_cache].take(&memory, 1) == 0) return nullptr;
    return new (memory) Magazine;
}

void SlabHeap::free_magazine(Magazine* magazine) {
    void* memory = magazine;
    if (memory != nullptr) caches_[magazine_cache].give(&memory, 1);
}

void SlabHeap::empty_cpu(Cpu& cpu) {
    for (unsigned i = 0; i < cache_count; ++i) {
        Rounds& rounds = cpu.rounds[i];
        if (rounds.loaded == nullptr) continue;
        caches_[i].give(rounds.loaded->objects, load(rounds.count));
        free_magazine(rounds.loaded);
        if (rounds.previous != nullptr) {
            caches_[i].give(rounds.previous->objects, load(rounds.previous_count));
            free_magazine(rounds.previous);
        }
        rounds.loaded = rounds.previous = nullptr;
        rounds.capacity = 0;
        store(rounds.count, 0);
        store(rounds.previous_count, 0);
    }
}

void SlabHeap::empty_depots() {
    for (SlabCache& cache : caches_) {
        if (cache.magazines() == 0) continue;
        Magazine* magazine = cache.drain();
        while (magazine != nullptr) {
            Magazine* next = magazine->next;
            free_magazine(magazine);
            magazine = next;
        }
    }
}

void SlabHeap::trim() {
    empty_cpu(cpus_[Machine::cpu_index()]);
    empty_depots();
}

void SlabHeap::follow(Cpu& cpu) {
    const uint32_t wanted = load(wanted_);
    if (cpu.followed == wanted) [[likely]]
        return;
    cpu.followed = wanted;
    empty_cpu(cpu);
}

void SlabHeap::quiet() {
    follow(cpus_[Machine::cpu_index()]);
}

// Free objects of a cache in the magazines of all CPUs.
uint64_t SlabHeap::kept(unsigned cache) const {
    uint64_t sum = 0;
    for (const Cpu& cpu : cpus_) {
        sum += load(cpu.rounds[cache].count) + load(cpu.rounds[cache].previous_count);
    }
    return sum;
}

HeapFigures SlabHeap::figures() const {
    HeapFigures sum = huge_.figures();
    for (unsigned i = 0; i < cache_count; ++i) {
        sum.frames += caches_[i].frames();
        if (i == magazine_cache || caches_[i].frames() == 0) continue;
        const uint64_t out = caches_[i].objects();
        const uint64_t in_magazines = kept(i);
        const uint64_t objects = out > in_magazines ? out - in_magazines : 0;
        sum.objects += objects;
        sum.bytes += objects * caches_[i].size();
    }
    // Records of huge objects are no objects that anybody asked for.
    sum.objects -= sum.objects < huge_.count() ? sum.objects : huge_.count();
    return sum;
}

size_t SlabHeap::room_for(size_t size) const {
    return size > largest ? HugeObjects::room_for(size) : slab_sizes[class_of(size)];
}

bool SlabHeap::consistent() const {
    uint64_t magazines = 0;
    for (unsigned i = 0; i < cache_count; ++i) {
        if (!caches_[i].consistent()) return false;
        magazines += caches_[i].magazines();
        if (i == magazine_cache) continue;
        for (const Cpu& cpu : cpus_) {
            const Rounds& rounds = cpu.rounds[i];
            const unsigned in_use = rounds.loaded != nullptr ? 1 : 0;
            const unsigned behind = rounds.previous != nullptr ? 1 : 0;
            if (rounds.capacity != in_use * caches_[i].magazine_capacity()) return false;
            if (in_use < behind || load(rounds.count) > rounds.capacity) return false;
            if (in_use != 0 && !caches_[i].consistent(*rounds.loaded, load(rounds.count))) {
                return false;
            }
            if (behind != 0 &&
                !caches_[i].consistent(*rounds.previous, load(rounds.previous_count))) {
                return false;
            }
            magazines += in_use + behind;
        }
    }
    return magazines == caches_[magazine_cache].objects() && huge_.consistent();
}

}  // namespace kernel
