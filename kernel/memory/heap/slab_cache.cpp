// SPDX-License-Identifier: Apache-2.0
// kernel_heap=slab: slabs of one size, and the depot.
#include "kernel/memory/heap/slab_cache.hpp"

#include <new>

#include "kernel/memory/heap/poison.hpp"

namespace kernel {

void SlabCache::initialise(Frames& frames, uint32_t number, size_t size, bool poisons) {
    KERNEL_ASSERT(size % 16 == 0 && size != 0 && size <= room / 2);
    frames_ = &frames;
    number_ = number;
    slab_capacity_ = static_cast<uint32_t>(room / size);
    poisons_ = poisons;
    constexpr size_t middle = 496;
    constexpr size_t large = 1008;
    capacity_ = size <= middle ? Magazine::most : size <= large ? 15 : 7;
    size_.store(size, std::memory_order_release);
}

unsigned SlabCache::take(void** objects, unsigned count) {
    const LockGuard guard(lock_);
    return take_locked(objects, count);
}

void SlabCache::give(void* const* objects, unsigned count) {
    const LockGuard guard(lock_);
    give_locked(objects, count);
}

unsigned SlabCache::take_locked(void** objects, unsigned count) {
    unsigned taken = 0;
    bool grown = false;
    while (taken < count) {
        Slab* slab = partial_.front();
        if (slab == nullptr) {
            if (grown) break;
            grown = true;
            slab = new_slab();
            if (slab == nullptr) break;
        }
        while (taken < count && !exhausted(*slab)) objects[taken++] = take_from(*slab);
        if (exhausted(*slab)) partial_.remove(*slab);
    }
    add(given_, taken);
    return taken;
}

void* SlabCache::take_from(Slab& slab) {
    ++slab.used;
    if (slab.free != nullptr) {
        Slab::FreeObject* object = slab.free;
        slab.free = object->next;
        return object;
    }
    void* object = reinterpret_cast<char*>(&slab) + slab.fresh;
    slab.fresh += static_cast<uint32_t>(size());
    return object;
}

void SlabCache::give_locked(void* const* objects, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        Slab& slab = *Slab::of(objects[i]);
        KERNEL_ASSERT(slab.cache() == number_ && slab.used > 0);
        if (exhausted(slab)) partial_.push_back(slab);
        auto* object = static_cast<Slab::FreeObject*>(objects[i]);
        object->next = slab.free;
        slab.free = object;
        if (--slab.used != 0) continue;
        partial_.remove(slab);
        slab.tag = 0;
        add(slabs_, ~uint32_t{0});
        frames_->free(hal::Machine::physical(&slab), kernel_use);
    }
    add(given_, 0 - count);
}

// Null when there is no memory.
Slab* SlabCache::new_slab() {
    const Result<PhysicalAddress> frame = frames_->allocate(0, kernel_use);
    if (!frame.ok()) return nullptr;
    auto* slab = new (hal::Machine::direct(frame.value())) Slab(number_);
    if (poisons_) poison(slab + 1, room);
    partial_.push_back(*slab);
    add(slabs_, 1);
    return slab;
}

unsigned SlabCache::refill(Magazine*& magazine) {
    const LockGuard guard(lock_);
    if (full_ == nullptr) {
        // The magazine gives from its end: what lies first in memory goes there.
        void* objects[Magazine::most];
        const unsigned taken = take_locked(objects, capacity_);
        for (unsigned i = 0; i < taken; ++i) magazine->objects[taken - 1 - i] = objects[i];
        return taken;
    }
    magazine->next = empty_;
    empty_ = magazine;
    magazine = full_;
    full_ = full_->next;
    add(full_count_, ~uint32_t{0});
    add(empty_count_, 1);
    return capacity_;
}

void SlabCache::unload(Magazine*& magazine, Magazine* spare) {
    const LockGuard guard(lock_);
    if (spare != nullptr) {
        spare->next = empty_;
        empty_ = spare;
        add(empty_count_, 1);
    }
    if (empty_ == nullptr || full_count_.load(std::memory_order_relaxed) >= most_full) {
        return give_locked(magazine->objects, capacity_);
    }
    magazine->next = full_;
    full_ = magazine;
    magazine = empty_;
    empty_ = empty_->next;
    add(full_count_, 1);
    add(empty_count_, ~uint32_t{0});
}

Magazine* SlabCache::drain() {
    const LockGuard guard(lock_);
    Magazine* all = empty_;
    while (full_ != nullptr) {
        Magazine* magazine = full_;
        full_ = magazine->next;
        give_locked(magazine->objects, capacity_);
        magazine->next = all;
        all = magazine;
    }
    empty_ = nullptr;
    full_count_.store(0, std::memory_order_relaxed);
    empty_count_.store(0, std::memory_order_relaxed);
    return all;
}

uint64_t SlabCache::objects() const {
    const uint64_t given = given_.load(std::memory_order_relaxed);
    const uint64_t kept = full_count_.load(std::memory_order_relaxed) * capacity_;
    return given > kept ? given - kept : 0;
}

bool SlabCache::consistent(Slab& slab) const {
    if (slab.cache() != number_ || slab.used == 0 || exhausted(slab)) return false;
    uint32_t count = slab.used;
    for (Slab::FreeObject* object = slab.free; object != nullptr; object = object->next) {
        const size_t offset = reinterpret_cast<uintptr_t>(object) % hal::page_size;
        if (Slab::of(object) != &slab || offset < sizeof(Slab) || offset >= slab.fresh)
            return false;
        if ((offset - sizeof(Slab)) % size() != 0 || ++count > slab_capacity_) return false;
    }
    return count == (slab.fresh - sizeof(Slab)) / size();
}

bool SlabCache::consistent(const Magazine& magazine, unsigned count) const {
    if (count > capacity_) return false;
    for (unsigned i = 0; i < count; ++i) {
        const Slab& slab = *Slab::of(magazine.objects[i]);
        const size_t offset = reinterpret_cast<uintptr_t>(magazine.objects[i]) % hal::page_size;
        if (slab.cache() != number_ || slab.used == 0 || offset < sizeof(Slab)) return false;
        if ((offset - sizeof(Slab)) % size() != 0 || offset >= slab.fresh) return false;
        for (unsigned j = 0; j < i; ++j) {
            if (magazine.objects[i] == magazine.objects[j]) return false;
        }
    }
    return true;
}

bool SlabCache::consistent() {
    const LockGuard guard(lock_);
    if (size() == 0) return true;  // of a type that nobody used yet
    uint64_t given = (frames() - partial_.size()) * slab_capacity_;
    for (Slab* slab = partial_.front(); slab != nullptr; slab = partial_.next(*slab)) {
        if (!consistent(*slab)) return false;
        given += slab->used;
    }
    if (given != given_.load(std::memory_order_relaxed)) return false;
    uint32_t full = 0;
    for (Magazine* magazine = full_; magazine != nullptr; magazine = magazine->next) {
        if (!consistent(*magazine, capacity_) || ++full > most_full) return false;
    }
    uint32_t empty = 0;
    for (Magazine* magazine = empty_; magazine != nullptr; magazine = magazine->next) {
        if (++empty > empty_count_.load(std::memory_order_relaxed)) return false;
    }
    return full == full_count_.load(std::memory_order_relaxed) &&
           empty == empty_count_.load(std::memory_order_relaxed);
}

}  // namespace kernel
