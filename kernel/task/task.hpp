// SPDX-License-Identifier: Apache-2.0
// Task: an address space with threads, a name and a parent that is told how it ended.
#pragma once

#include <atomic>

#include "kernel/abi/info.hpp"
#include "kernel/capability/right_table.hpp"
#include "kernel/memory/address_space.hpp"
#include "kernel/memory/held_frames.hpp"
#include "kernel/task/balloon.hpp"
#include "kernel/task/thread.hpp"

namespace kernel {

enum class TaskState : uint32_t {
    Creating = 0,  // being loaded by its parent's call
    Alive = 1,
    Ending = 2,  // no thread of it will run at EL0 again
    Ended = 3,   // nothing left but how it ended; waits for its parent
};

struct Container;

struct Task {
    static constexpr HeapType heap_type = HeapType::Task;
    static constexpr uint32_t max_threads = 64;
    static constexpr unsigned max_children = 64;

    Task(Memory& memory, unsigned own_slot, uint64_t frame_limit, Container& own_container,
         MemoryDomain* domain)
        : space(memory, static_cast<uint16_t>(own_slot + 1), frame_limit, domain),
          held(memory.frames(), space, own_slot),
          container(own_container),
          slot(own_slot) {}

    AddressSpace space;
    HeldFrames held;
    RightTable rights{this};
    Container& container;
    List<Thread, &Thread::task_node> threads;  // ended ones too, until joined
    uint32_t live_threads = 0;
    uint32_t id = 0;
    uint32_t parent = 0;     // task id; 0 when the parent is gone: nobody will wait
    uint64_t load_bias = 0;  // of its program
    unsigned slot;           // in the task table; ASID = slot + 1
    TaskState state = TaskState::Creating;
    Port* exceptions = nullptr;  // who is told of exceptions of its threads; with a reference
    Thread* waiter = nullptr;    // the parent's thread in TaskWait
    abi::TaskResult result{};
    Balloon balloon;
    std::atomic<uint32_t> pins{0};  // CPUs that work on the task's memory; it is not buried then
};

}  // namespace kernel
