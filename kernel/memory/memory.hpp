// SPDX-License-Identifier: Apache-2.0
// Memory: what everything that holds memory shares: frames, the heap, who shares which frame, what
// is counted, and where memory comes from when there is none.
#pragma once

#include "kernel/abi/info.hpp"
#include "kernel/memory/frame_allocator.hpp"
#include "kernel/memory/kernel_heap.hpp"
#include "kernel/memory/objects/frame_shares.hpp"

namespace kernel {

class Memory final {
  public:
    // `events`: one for each CPU.
    Memory(Frames& frames, KernelHeap& heap, abi::MemoryEvents* events)
        : frames_(frames), heap_(heap), shares_(heap), events_(events) {}

    [[nodiscard]] Frames& frames() { return frames_; }
    [[nodiscard]] KernelHeap& heap() { return heap_; }
    [[nodiscard]] FrameShares& shares() { return shares_; }
    // Those of the calling CPU.
    [[nodiscard]] abi::MemoryEvents& events() { return events_[hal::Machine::cpu_index()]; }

    // A frame for a page of an object.
    [[nodiscard]] Result<PhysicalAddress> allocate_page(const FramePlacement& placement) {
        return frames_.allocate(0, Mobility::Movable, placement);
    }
    // A slot no longer refers to the frame, which is freed if no other does.
    void release_page(PhysicalAddress frame) {
        if (shares_.release(frame)) frames_.free(frame);
    }

    // Frees memory that can be done without; false when there is none. Precondition: no lock is
    // held. Nothing can be done without yet.
    [[nodiscard]] bool make_room() { return false; }

    // Repeats an operation that says NoMemory for as long as room can be made. Precondition: no
    // lock is held, and an operation that fails has changed nothing.
    template <class Operation>
    auto insist(Operation operation) {
        for (;;) {
            const auto result = operation();
            if (status_of(result) != Status::NoMemory || !make_room()) return result;
        }
    }

  private:
    static Status status_of(Status status) { return status; }
    template <class T>
    static Status status_of(const Result<T>& result) {
        return result.status();
    }

    Frames& frames_;
    KernelHeap& heap_;
    FrameShares shares_;
    abi::MemoryEvents* events_;
};

}  // namespace kernel
