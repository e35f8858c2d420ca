// SPDX-License-Identifier: Apache-2.0
// The interface of every allocator of kernel objects. An allocator is a sibling file that
// implements KernelHeap over page frames.
#pragma once

#include <new>

#include "kernel/base/result.hpp"

namespace kernel {

class KernelHeap {
  public:
    static constexpr size_t largest = 2000;  // bytes that every allocator can give

    // Uninitialised memory, aligned to 16. NoMemory; Unsupported for a size that it never has.
    [[nodiscard]] virtual Result<void*> allocate(size_t size) = 0;
    // Precondition: `object` came from allocate() and was not freed since.
    virtual void free(void* object) = 0;
    // Page frames it holds at the moment.
    [[nodiscard]] virtual uint64_t frames_used() = 0;

    template <class T, class... Arguments>
    [[nodiscard]] Result<T*> create(Arguments&&... arguments) {
        static_assert(sizeof(T) <= largest && alignof(T) <= 16);
        void* memory = TRY(allocate(sizeof(T)));
        return new (memory) T(static_cast<Arguments&&>(arguments)...);
    }

    template <class T>
    void destroy(T* object) {
        object->~T();
        free(object);
    }

  protected:
    ~KernelHeap() = default;
};

}  // namespace kernel
