// SPDX-License-Identifier: Apache-2.0
// KernelHeap: the interface of every allocator of kernel objects. An allocator is a sibling file in
// kernel/memory/heap that implements it over page frames.
//
// It is safe for several CPUs by itself. Precondition of every call: interrupts are off, so that a
// CPU index has one caller at a time, and no lock of rank Heap or above is held.
#pragma once

#include <new>

#include "hal/types.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

// Types of objects that an allocator may keep apart. A class is of one of them by a member
// `static constexpr HeapType heap_type`; a new type is a row here and in heap_type_name().
enum class HeapType : uint32_t { General = 0, Task = 1, Thread = 2, Region = 3, Right = 4 };
constexpr unsigned heap_type_count = 5;

constexpr const char* heap_type_name(HeapType type) {
    switch (type) {
        case HeapType::General: return "general";
        case HeapType::Task: return "task";
        case HeapType::Thread: return "thread";
        case HeapType::Region: return "region";
        case HeapType::Right: return "right";
    }
    return "unknown";
}

struct HeapFigures {
    uint64_t frames = 0;   // page frames that the heap holds
    uint64_t objects = 0;  // given and not freed
    uint64_t bytes = 0;    // that these take, with rounding and records of huge ones
};

class KernelHeap {
  public:
    static constexpr size_t largest = 2000;          // bytes that come from frames of order 0
    static constexpr size_t huge_largest = 4 << 20;  // from a block of frames of their own

    // Uninitialised memory, aligned to 16; at least a byte. NoMemory; Unsupported for a size that
    // it never has, which above a page depends on the orders of the page-frame strategy.
    [[nodiscard]] virtual Result<void*> allocate(size_t size) = 0;
    // The same for an object of a type. Precondition: at most `largest`, one size for each type.
    [[nodiscard]] virtual Result<void*> allocate_object(HeapType, size_t size) {
        return allocate(size);
    }
    // Precondition: `object` came from allocate() or allocate_object() and was not freed since.
    virtual void free(void* object) = 0;

    // Gives frames back that hold no object: what this CPU and what all CPUs share keep for later.
    // Other CPUs follow when they next need more than they keep, or in quiet().
    virtual void trim() {}
    // This CPU has nothing to run.
    virtual void quiet() {}

    // Exact while nobody allocates or frees.
    [[nodiscard]] virtual HeapFigures figures() const = 0;
    [[nodiscard]] uint64_t frames_used() const { return figures().frames; }
    // Bytes that an object of this size takes.
    [[nodiscard]] virtual size_t room_for(size_t size) const = 0;
    // True when all internal structures agree. Slow. Precondition: nobody allocates or frees.
    [[nodiscard]] virtual bool consistent() const = 0;
    [[nodiscard]] virtual const char* name() const = 0;

    template <class T, class... Arguments>
    [[nodiscard]] Result<T*> create(Arguments&&... arguments) {
        static_assert(sizeof(T) <= largest && alignof(T) <= 16);
        void* memory = TRY(allocate_object(type_of<T>(), sizeof(T)));
        return new (memory) T(static_cast<Arguments&&>(arguments)...);
    }

    template <class T>
    void destroy(T* object) {
        object->~T();
        free(object);
    }

  protected:
    ~KernelHeap() = default;

  private:
    template <class T>
    static constexpr HeapType type_of() {
        if constexpr (requires { T::heap_type; }) {
            return T::heap_type;
        } else {
            return HeapType::General;
        }
    }
};

}  // namespace kernel
