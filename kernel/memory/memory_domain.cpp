// SPDX-License-Identifier: Apache-2.0
// MemoryDomain: charges up the tree.
#include "kernel/memory/memory_domain.hpp"

#include "kernel/memory/kernel_heap.hpp"

namespace kernel {

ResourceCounter* ResourceCounter::charge(uint64_t count) {
    for (ResourceCounter* at = this; at != nullptr; at = at->parent_) {
        const uint64_t now = at->current_.fetch_add(count, std::memory_order_relaxed) + count;
        if (now <= at->max()) {
            at->note_peak(now);
            continue;
        }
        // What was added so far goes again.
        for (ResourceCounter* back = this; back != at->parent_; back = back->parent_) {
            back->current_.fetch_sub(count, std::memory_order_relaxed);
        }
        return at;
    }
    return nullptr;
}

void ResourceCounter::force(uint64_t count) {
    for (ResourceCounter* at = this; at != nullptr; at = at->parent_) {
        at->note_peak(at->current_.fetch_add(count, std::memory_order_relaxed) + count);
    }
}

void ResourceCounter::discharge(uint64_t count) {
    for (ResourceCounter* at = this; at != nullptr; at = at->parent_) {
        at->current_.fetch_sub(count, std::memory_order_relaxed);
    }
}

// Two that race may leave the lower of two peaks, as in Linux.
void ResourceCounter::note_peak(uint64_t value) {
    if (value > peak()) peak_.store(value, std::memory_order_relaxed);
}

Result<MemoryDomain*> MemoryDomain::create(KernelHeap& heap, MemoryDomain* parent) {
    MemoryDomain* domain = TRY(heap.create<MemoryDomain>(parent));
    if (parent != nullptr) parent->reference();
    return domain;
}

void MemoryDomain::release(KernelHeap& heap) {
    for (MemoryDomain* at = this; at != nullptr;) {
        if (at->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        MemoryDomain* parent = at->parent_;
        heap.destroy(at);
        at = parent;
    }
}

Status MemoryDomain::charge(uint64_t frames) {
    const ResourceCounter* full = memory_.charge(frames);
    if (full == nullptr) return Status::Ok;
    MemoryDomain* at = this;
    while (&at->memory_ != full) at = at->parent_;
    at->count(&MemoryDomainEvents::max);
    return Status::LimitReached;
}

MemoryDomain* MemoryDomain::full() {
    MemoryDomain* at = this;
    while (at != nullptr && at->memory_.has_room(1)) at = at->parent_;
    return at;
}

MemoryDomain* MemoryDomain::over_high() {
    MemoryDomain* at = this;
    while (at != nullptr && at->memory_.current() <= at->high()) at = at->parent_;
    return at;
}

bool MemoryDomain::contains(const MemoryDomain* other) const {
    while (other != nullptr && other != this) other = other->parent_;
    return other == this;
}

void MemoryDomain::count(std::atomic<uint64_t> MemoryDomainEvents::*event) {
    for (MemoryDomain* at = this; at != nullptr; at = at->parent_) {
        (at->events_.*event).fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace kernel
