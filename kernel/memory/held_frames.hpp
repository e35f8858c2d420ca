// SPDX-License-Identifier: Apache-2.0
// Frames that a task holds without mapping them: blocks of any order in numbered slots.
//
// The slots are a table of two levels, each level one frame, made as slots are first used; its
// frames count as the task's too, and stay until the task ends. A slot is one atomic word, so that
// threads on all CPUs meet in the page-frame allocator and nowhere else.
#pragma once

#include <atomic>

#include "kernel/memory/address_space.hpp"

namespace kernel {

// Frames charged to a task ahead of their use, a few operations' worth at a time; what is left is
// given back at the end.
class FrameBudget final {
  public:
    explicit FrameBudget(AddressSpace& space) : space_(space) {}
    ~FrameBudget() {
        if (left_ != 0) space_.discharge(left_);
    }
    FrameBudget(const FrameBudget&) = delete;
    FrameBudget& operator=(const FrameBudget&) = delete;

    // Charges this much at once if there is so much; nothing otherwise.
    void reserve(uint64_t frames) {
        if (frames != 0 && space_.charge(frames) == Status::Ok) left_ += frames;
    }
    // LimitReached.
    [[nodiscard]] Status take(uint64_t frames) {
        if (frames > left_) {
            TRY_STATUS(space_.charge(frames - left_));
            left_ = frames;
        }
        left_ -= frames;
        return Status::Ok;
    }
    void put(uint64_t frames) { left_ += frames; }

  private:
    AddressSpace& space_;
    uint64_t left_ = 0;
};

class HeldFrames final {
  public:
    static constexpr uint64_t entries = hal::page_size / sizeof(uint64_t);  // of a level
    static constexpr uint64_t slots = entries * entries;

    // `task` is the slot of the task in the task table.
    HeldFrames(Frames& frames, AddressSpace& space, uint32_t task)
        : frames_(frames), space_(space), use_{FrameOwner::Held, task} {}

    // What came of an operation, and how long the strategy took.
    struct Outcome {
        Status status;
        uint64_t ticks;
    };
    // InvalidArgument: no such slot or order. Busy: the slot is taken. LimitReached, NoMemory.
    // Unsupported: the strategy never has blocks of that order.
    [[nodiscard]] Outcome allocate(uint64_t slot, unsigned order, Mobility mobility,
                                   const FramePlacement& placement, FrameBudget& budget);
    // InvalidArgument: no such slot, or its block has another order. NotFound: the slot is empty.
    [[nodiscard]] Outcome free(uint64_t slot, unsigned order, FrameBudget& budget);

    // Frees everything. Precondition: no thread of the task runs any more, no lock is held.
    void release();

  private:
    using Entry = std::atomic<uint64_t>;
    struct Leaf {
        Entry entries[HeldFrames::entries];
    };
    struct Root {
        std::atomic<Leaf*> leaves[entries];
    };
    // An entry: 0 for an empty slot, `changing` while somebody is at it, or address of the block,
    // `taken`, and the order.
    static constexpr uint64_t changing = 1;
    static constexpr uint64_t taken = 0x800;
    static constexpr uint64_t order_mask = 0xf;

    // The slot's entry, in tables that are made if need be. LimitReached, NoMemory.
    [[nodiscard]] Result<Entry*> make_entry(uint64_t slot);
    [[nodiscard]] Entry* find_entry(uint64_t slot) const;
    template <class Table>
    [[nodiscard]] Result<Table*> table_at(std::atomic<Table*>& place);
    void release_table(void* table);
    [[nodiscard]] Result<PhysicalAddress> allocate_block(unsigned order, Mobility mobility,
                                                         const FramePlacement& placement,
                                                         FrameBudget& budget, uint64_t& ticks);

    Frames& frames_;
    AddressSpace& space_;
    FrameUse use_;
    std::atomic<Root*> root_{nullptr};
};

}  // namespace kernel
