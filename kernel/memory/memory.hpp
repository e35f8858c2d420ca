// SPDX-License-Identifier: Apache-2.0
// Memory: what everything that holds memory shares: frames, the heap, the frames of objects' pages,
// what is counted, and where memory comes from when there is none.
//
// A page's frame is the object's whose slot refers to it. When a second slot comes to refer to it,
// it is nobody's: FrameOwner::Shared, without an object. It stays so until it is freed or the
// object whose slot is the last writes to it.
#pragma once

#include <atomic>

#include "kernel/abi/info.hpp"
#include "kernel/memory/frame_allocator.hpp"
#include "kernel/memory/kernel_heap.hpp"
#include "kernel/memory/pressure/reclaim.hpp"
#include "kernel/memory/pressure/swap_store.hpp"

namespace kernel {

class MemoryObject;

// To whom a page's frame belongs.
struct PageOwner {
    MemoryObject* object;
    uint64_t page;
    FrameUse use;
};

class Memory final {
  public:
    // `events`: one for each CPU.
    Memory(Frames& frames, abi::MemoryEvents* events)
        : frames_(frames), events_(events), swap_(frames) {}
    // Once, before anything else.
    void use_heap(KernelHeap& heap) { heap_ = &heap; }

    [[nodiscard]] Frames& frames() { return frames_; }
    [[nodiscard]] KernelHeap& heap() { return *heap_; }
    [[nodiscard]] SwapStore& swap() { return swap_; }
    [[nodiscard]] Reclaim& reclaim() { return reclaim_; }
    // When mappings of 2 MiB are made: not at all, at the first touch, or of 512 pages that are
    // there.
    enum class HugePages : uint32_t { Never, Always, Promote };
    [[nodiscard]] HugePages huge_pages() const { return huge_pages_; }
    void set_huge_pages(HugePages mode) { huge_pages_ = mode; }
    // Those of the calling CPU.
    [[nodiscard]] abi::MemoryEvents& events() { return events_[hal::Machine::cpu_index()]; }

    // A frame for a page of an object, to which one slot refers.
    [[nodiscard]] Result<PhysicalAddress> allocate_page(const PageOwner& owner,
                                                        const FramePlacement& placement);
    // A block of 2 MiB, which compaction makes if there is none. NoMemory, Unsupported by the
    // page-frame strategy. Precondition: no lock is held.
    [[nodiscard]] Result<PhysicalAddress> allocate_block(FrameUse use,
                                                         const FramePlacement& placement);
    // A frame that was allocated for the owner's use becomes one of its pages.
    void adopt_page(PhysicalAddress frame, const PageOwner& owner);
    // Another slot refers to the frame. LimitReached: too many do. Precondition: the object of one
    // that does is locked.
    [[nodiscard]] Status share_page(PhysicalAddress frame);
    // A slot no longer refers to the frame, which is freed if no other does.
    void release_page(PhysicalAddress frame);
    // How many slots refer to it. Precondition for more than a hint: as share_page().
    [[nodiscard]] uint32_t shares_of(PhysicalAddress frame) { return shares(frame).load(); }
    // The frame is this object's alone. Precondition: it is locked, and its slot the only one.
    void take_over(PhysicalAddress frame, const PageOwner& owner);

    // A frame that compaction has got from somewhere becomes a page of an object.
    void adopt_page(PhysicalAddress frame, FrameUse from, const PageOwner& owner);

    // Frees memory that can be done without, where this CPU's last allocation found none; false
    // when there is none. Precondition: no lock is held.
    [[nodiscard]] bool make_room();

    // For a memory object: no other has had it.
    [[nodiscard]] uint64_t next_object_number() {
        return objects_.fetch_add(1, std::memory_order_relaxed);
    }

    // Repeats an operation that says NoMemory for as long as room can be made. Precondition: no
    // lock is held, and an operation that fails has changed nothing.
    template <class Operation>
    auto insist(Operation operation) {
        for (;;) {
            frames_.set_lacking_nodes(frames_.node_mask());
            const auto result = operation();
            if (status_of(result) != Status::NoMemory || !make_room()) return result;
        }
    }

    static Status status_of(Status status) { return status; }
    template <class T>
    static Status status_of(const Result<T>& result) {
        return result.status();
    }

  private:
    [[nodiscard]] std::atomic_ref<uint16_t> shares(PhysicalAddress frame) {
        return std::atomic_ref<uint16_t>(frames_.record(frame).shares);
    }

    Frames& frames_;
    KernelHeap* heap_ = nullptr;
    abi::MemoryEvents* events_;
    SwapStore swap_;
    Reclaim reclaim_{*this};
    std::atomic<uint64_t> objects_{1};  // the number that the next one gets
    HugePages huge_pages_ = HugePages::Never;
};

}  // namespace kernel
