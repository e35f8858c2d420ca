// SPDX-License-Identifier: Apache-2.0
// ObjectTable: the memory objects that a task holds by its rights to memory, by small numbers of
// the address space's own.
//
// A handle that is closed while regions still show its object stays in the table, of no use but to
// remember that the object counts for the task's limit.
#pragma once

#include <stdint.h>

#include "kernel/abi/syscall.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

class MemoryObject;

class ObjectTable final {
  public:
    static constexpr uint32_t capacity = abi::max_handles;

    // The first number that is free. LimitReached.
    [[nodiscard]] Result<uint32_t> add(MemoryObject& object);
    // NotFound for a number that is not open.
    [[nodiscard]] Result<MemoryObject*> find(uint32_t handle) const;
    // One region more, or one less, shows the object.
    void add_region(uint32_t handle) { ++entries_[handle].regions; }
    // Both are true when the task does not hold the object at all any more.
    [[nodiscard]] bool remove_region(uint32_t handle);
    // Precondition: it is open.
    [[nodiscard]] bool close(uint32_t handle);

  private:
    struct Entry {
        MemoryObject* object = nullptr;
        uint32_t regions = 0;
        bool open = false;
    };
    [[nodiscard]] bool forget(Entry& entry);

    Entry entries_[capacity];
};

}  // namespace kernel
