// SPDX-License-Identifier: Apache-2.0
// The kernel heap.
#include "kernel/memory/object_heap.hpp"

namespace kernel {

Result<void*> ObjectHeap::allocate(size_t size) {
    unsigned size_class = 0;
    while (size_class < class_count && sizes[size_class] < size) ++size_class;
    if (size_class == class_count) return Status::Unsupported;

    const LockGuard guard(lock_);
    Slab* slab = partial_[size_class].front();
    if (slab == nullptr) slab = TRY(new_slab(size_class));
    FreeObject* object = slab->free;
    slab->free = object->next;
    ++slab->used;
    if (slab->free == nullptr) partial_[size_class].remove(*slab);
    return static_cast<void*>(object);
}

void ObjectHeap::free(void* object) {
    const LockGuard guard(lock_);
    Slab* slab = slab_of(object);
    KERNEL_ASSERT(slab->mark == slab_mark && slab->used > 0);
    if (slab->free == nullptr) partial_[slab->size_class].push_back(*slab);
    auto* entry = static_cast<FreeObject*>(object);
    entry->next = slab->free;
    slab->free = entry;
    if (--slab->used != 0) return;

    partial_[slab->size_class].remove(*slab);
    slab->mark = 0;
    --slabs_;
    frames_.free(hal::Machine::physical(slab), use);
}

uint64_t ObjectHeap::frames_used() {
    const LockGuard guard(lock_);
    return slabs_;
}

Result<ObjectHeap::Slab*> ObjectHeap::new_slab(unsigned size_class) {
    const PhysicalAddress frame = TRY(frames_.allocate(0, use));
    auto* slab = new (hal::Machine::direct(frame)) Slab;
    slab->size_class = size_class;
    slab->mark = slab_mark;
    // Thread the objects from the last to the first, so that the first is given first.
    char* objects = reinterpret_cast<char*>(slab + 1);
    for (uint32_t i = capacity(size_class); i-- > 0;) {
        auto* object = reinterpret_cast<FreeObject*>(objects + i * sizes[size_class]);
        object->next = slab->free;
        slab->free = object;
    }
    partial_[size_class].push_back(*slab);
    ++slabs_;
    return slab;
}

ObjectHeap::Slab* ObjectHeap::slab_of(void* object) {
    const auto address = reinterpret_cast<uintptr_t>(object);
    return reinterpret_cast<Slab*>(address & ~(hal::page_size - 1));
}

}  // namespace kernel
