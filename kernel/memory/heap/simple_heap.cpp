// SPDX-License-Identifier: Apache-2.0
// kernel_heap=simple: slabs of one frame behind one lock.
#include "kernel/memory/heap/simple_heap.hpp"

#include "kernel/memory/heap/poison.hpp"

namespace kernel {

unsigned SimpleHeap::class_of(size_t size) {
    unsigned size_class = 0;
    while (sizes[size_class] < size) ++size_class;
    return size_class;
}

Result<void*> SimpleHeap::allocate(size_t size) {
    if (size > largest) return huge_.allocate(size);
    const unsigned size_class = class_of(size);

    const LockGuard guard(lock_);
    Slab* slab = partial_[size_class].front();
    if (slab == nullptr) slab = TRY(new_slab(size_class));
    FreeObject* object = slab->free;
    slab->free = object->next;
    ++slab->used;
    ++used_[size_class];
    if (slab->free == nullptr) partial_[size_class].remove(*slab);
    return static_cast<void*>(object);
}

void SimpleHeap::free(void* object) {
    if (HugeObjects::may_be(object) && huge_.free(object)) return;

    const LockGuard guard(lock_);
    Slab* slab = slab_of(object);
    if (slab->mark != slab_mark || slab->used == 0 || object == slab) {
        KERNEL_PANIC("heap: freed a pointer that is no object",
                     reinterpret_cast<uintptr_t>(object));
    }
    const unsigned size_class = slab->size_class;
    if (slab->free == nullptr) partial_[size_class].push_back(*slab);
    auto* entry = static_cast<FreeObject*>(object);
    entry->next = slab->free;
    slab->free = entry;
    --used_[size_class];
    if (--slab->used != 0) return;

    partial_[size_class].remove(*slab);
    slab->mark = 0;
    --slabs_[size_class];
    frames_.free(hal::Machine::physical(slab), kernel_use);
}

// Records of huge objects are no objects that anybody asked for.
HeapFigures SimpleHeap::figures() const {
    HeapFigures sum = huge_.figures();
    const LockGuard guard(lock_);
    for (unsigned i = 0; i < class_count; ++i) {
        sum.frames += slabs_[i];
        sum.objects += used_[i];
        sum.bytes += used_[i] * sizes[i];
    }
    sum.objects -= huge_.count();
    return sum;
}

size_t SimpleHeap::room_for(size_t size) const {
    return size > largest ? HugeObjects::room_for(size) : sizes[class_of(size)];
}

Result<SimpleHeap::Slab*> SimpleHeap::new_slab(unsigned size_class) {
    const PhysicalAddress frame = TRY(frames_.allocate(0, kernel_use));
    auto* slab = new (hal::Machine::direct(frame)) Slab;
    slab->size_class = size_class;
    slab->mark = slab_mark;
    char* objects = reinterpret_cast<char*>(slab + 1);
    if (poisons_) poison(objects, capacity(size_class) * sizes[size_class]);
    // Thread the objects from the last to the first, so that the first is given first.
    for (uint32_t i = capacity(size_class); i-- > 0;) {
        auto* object = reinterpret_cast<FreeObject*>(objects + i * sizes[size_class]);
        object->next = slab->free;
        slab->free = object;
    }
    partial_[size_class].push_back(*slab);
    ++slabs_[size_class];
    return slab;
}

SimpleHeap::Slab* SimpleHeap::slab_of(void* object) {
    const auto address = reinterpret_cast<uintptr_t>(object);
    return reinterpret_cast<Slab*>(address & ~(hal::page_size - 1));
}

bool SimpleHeap::slab_consistent(Slab& slab, unsigned size_class) {
    if (slab.mark != slab_mark || slab.size_class != size_class || slab.used == 0) return false;
    uint32_t count = slab.used;
    for (FreeObject* object = slab.free; object != nullptr; object = object->next) {
        const auto offset = static_cast<size_t>(reinterpret_cast<char*>(object) -
                                                reinterpret_cast<char*>(&slab + 1));
        if (slab_of(object) != &slab || offset % sizes[size_class] != 0) return false;
        if (++count > capacity(size_class)) return false;
    }
    return count == capacity(size_class) && slab.free != nullptr;
}

bool SimpleHeap::consistent() const {
    const LockGuard guard(lock_);
    for (unsigned i = 0; i < class_count; ++i) {
        uint64_t used = (slabs_[i] - partial_[i].size()) * capacity(i);
        for (Slab* slab = partial_[i].front(); slab != nullptr; slab = partial_[i].next(*slab)) {
            if (!slab_consistent(*slab, i)) return false;
            used += slab->used;
        }
        if (used != used_[i]) return false;
    }
    return huge_.consistent();
}

}  // namespace kernel
