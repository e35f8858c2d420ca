// SPDX-License-Identifier: Apache-2.0
// The heaps by name.
#include "kernel/memory/heap/heap_choice.hpp"

#include "kernel/base/text.hpp"
#include "kernel/memory/heap/simple_heap.hpp"
#include "kernel/memory/heap/slab_heap.hpp"
#include "kernel/memory/heap/tlsf_heap.hpp"

namespace kernel {
namespace {

constexpr HeapKind kinds[] = {
    heap_kind<SimpleHeap>("simple"),
    heap_kind<SlabHeap>("slab"),
    heap_kind<TlsfHeap>("tlsf"),
};

}  // namespace

const HeapKind* find_heap(std::string_view name) {
    for (const HeapKind& kind : kinds) {
        if (kind.name == name) return &kind;
    }
    return nullptr;
}

unsigned heap_count() {
    return sizeof kinds / sizeof kinds[0];
}

const HeapKind& heap_at(unsigned index) {
    return kinds[index];
}

void ChosenHeap::choose(const HeapKind& kind, Frames& frames, bool debug) {
    heap_ = kind.create(room_, frames, debug);
    if (debug) heap_ = new (guard_room_) GuardedHeap(*heap_);
}

void ChosenHeap::show_in(abi::HeapInfo& info, uint64_t interval) {
    info_ = &info;
    interval_ = interval;
    copy_text(info.allocator, heap_->name());
    show(true);
}

void ChosenHeap::show(bool at_once) {
    if (info_ == nullptr) return;
    const uint64_t now = hal::Machine::counter();
    if (!at_once && now < next_show_.load(std::memory_order_relaxed)) return;
    // Whoever comes second would show the same.
    if (showing_.exchange(true, std::memory_order_acquire)) return;
    const HeapFigures figures = heap_->figures();
    info_->frames = figures.frames;
    info_->objects = figures.objects;
    info_->bytes = figures.bytes;
    info_->shown_ticks = now;
    next_show_.store(now + interval_, std::memory_order_relaxed);
    showing_.store(false, std::memory_order_release);
}

}  // namespace kernel
