// SPDX-License-Identifier: Apache-2.0
// FutexKey: a word of user memory, by the memory object that it lies in and its place there, so
// that tasks which map the object at different addresses mean the same word.
//
// Objects are told apart by their number, which is never used again: who still waits on an object
// that is gone is not mistaken for one that waits on another.
#pragma once

#include <stdint.h>

namespace kernel {

struct FutexKey {
    uint64_t object = 0;  // MemoryObject::number()
    uint64_t offset = 0;  // in bytes

    [[nodiscard]] bool operator==(const FutexKey&) const = default;
};

}  // namespace kernel
