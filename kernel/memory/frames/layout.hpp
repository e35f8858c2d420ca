// SPDX-License-Identifier: Apache-2.0
// Layout: cuts a piece of memory into arrays, or only counts how much they need. A strategy lays
// its metadata out by one function for both, so that the size it asks for is what it uses.
#pragma once

#include <string.h>

#include <new>

#include "hal/types.hpp"

namespace kernel {

class Layout final {
  public:
    static constexpr uint64_t alignment = 64;  // a cache line

    // With a null pointer nothing is constructed, only counted. Precondition: aligned otherwise.
    explicit Layout(void* memory) : memory_(static_cast<char*>(memory)) {}

    // `count` objects, each made from `arguments`; null while counting.
    template <class T, class... Arguments>
    T* array(uint64_t count, Arguments... arguments) {
        const uint64_t at = used_;
        used_ += (count * sizeof(T) + alignment - 1) & ~(alignment - 1);
        if (memory_ == nullptr) return nullptr;
        T* const first = reinterpret_cast<T*>(memory_ + at);
        for (uint64_t i = 0; i < count; ++i) new (first + i) T(arguments...);
        return first;
    }

    // `count` objects whose bytes are zero, which is much faster for many small ones.
    template <class T>
    T* zeroes(uint64_t count) {
        const uint64_t at = used_;
        used_ += (count * sizeof(T) + alignment - 1) & ~(alignment - 1);
        if (memory_ == nullptr) return nullptr;
        return static_cast<T*>(memset(memory_ + at, 0, count * sizeof(T)));
    }

    // `count` plain values that whoever asks will write, each of them.
    template <class T>
    T* raw(uint64_t count) {
        const uint64_t at = used_;
        used_ += (count * sizeof(T) + alignment - 1) & ~(alignment - 1);
        return memory_ == nullptr ? nullptr : reinterpret_cast<T*>(memory_ + at);
    }

    [[nodiscard]] uint64_t used() const { return used_; }

  private:
    char* memory_;
    uint64_t used_ = 0;
};

}  // namespace kernel
