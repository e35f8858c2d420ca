// SPDX-License-Identifier: Apache-2.0
// The heaps by the names that the kernel command line uses. A new heap is a row in the .cpp file.
#pragma once

#include <string_view>

#include "kernel/abi/info.hpp"
#include "kernel/memory/frame_allocator.hpp"
#include "kernel/memory/heap/guarded_heap.hpp"

namespace kernel {

struct HeapKind {
    std::string_view name;
    size_t object_size;
    // Makes one at `room`, aligned to 64, of object_size bytes.
    KernelHeap* (*create)(void* room, Frames& frames, bool poisons);
};

// Room for the object of any heap.
constexpr size_t heap_room = 12288;

template <class Heap>
KernelHeap* create_heap(void* room, Frames& frames, bool poisons) {
    return new (room) Heap(frames, poisons);
}

template <class Heap>
constexpr HeapKind heap_kind(std::string_view name) {
    static_assert(sizeof(Heap) <= heap_room && alignof(Heap) <= 64);
    return {name, sizeof(Heap), create_heap<Heap>};
}

// Null for a name that no heap has.
[[nodiscard]] const HeapKind* find_heap(std::string_view name);
// All of them, the baseline first.
[[nodiscard]] unsigned heap_count();
[[nodiscard]] const HeapKind& heap_at(unsigned index);

// The heap that the command line chose, with heap_debug=on over it.
class ChosenHeap final {
  public:
    ChosenHeap() = default;
    ChosenHeap(const ChosenHeap&) = delete;
    ChosenHeap& operator=(const ChosenHeap&) = delete;

    void choose(const HeapKind& kind, Frames& frames, bool debug);
    // Where its figures are shown, and the ticks between that.
    void show_in(abi::HeapInfo& info, uint64_t interval);
    // Brings what is shown up to date; when not `at_once`, only if the interval is over.
    // Precondition: no lock is held.
    void show(bool at_once);
    // This CPU has nothing to run.
    void quiet() {
        heap_->quiet();
        show(false);
    }

    // Precondition of what follows: chosen.
    operator KernelHeap&() { return *heap_; }  // NOLINT: it is one
    KernelHeap* operator->() { return heap_; }
    template <class T, class... Arguments>
    [[nodiscard]] Result<T*> create(Arguments&&... arguments) {
        return heap_->create<T>(static_cast<Arguments&&>(arguments)...);
    }
    template <class T>
    void destroy(T* object) {
        heap_->destroy(object);
    }

  private:
    alignas(64) unsigned char room_[heap_room] = {};
    alignas(GuardedHeap) unsigned char guard_room_[sizeof(GuardedHeap)] = {};
    KernelHeap* heap_ = nullptr;
    abi::HeapInfo* info_ = nullptr;
    uint64_t interval_ = 0;
    std::atomic<uint64_t> next_show_{0};
    std::atomic<bool> showing_{false};
};

}  // namespace kernel
