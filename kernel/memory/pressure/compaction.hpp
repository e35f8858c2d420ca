// SPDX-License-Identifier: Apache-2.0
// Compaction: makes a free block of 2 MiB by moving pages elsewhere.
//
// All aligned areas of 2 MiB are counted, and the one with the fewest pages among those with
// nothing else but movable pages is emptied. Movable are pages that one object has alone; they are
// moved under the object's lock, hidden from all who show them, who find them again by faults.
// Frames of the area that the allocator offers meanwhile are put aside until the area is empty, so
// that they all become free at the end. Pages stay on their node, as it may be the one that they
// are bound to (in Linux, too, compaction is by zone: mm/compaction.c). Others may allocate there
// at the same time, and then the area is given up: what was moved is moved in vain, nothing else.
// Bound: a look at every frame, and at most 512 pages moved. While there is not more free memory
// than an area and what the kernel keeps, nothing is tried: others would lack what is put aside.
#pragma once

#include "kernel/memory/memory.hpp"

namespace kernel {

class Compaction final {
  public:
    explicit Compaction(Memory& memory) : memory_(memory) {}

    // There is enough free memory for it on one of these nodes.
    [[nodiscard]] static bool has_room(Memory& memory, uint32_t nodes);
    // And it has not just failed.
    [[nodiscard]] static bool is_worth_trying(Memory& memory, uint32_t nodes);

    // NotFound: no area can be emptied, or only at the cost of another; NoMemory: there is not
    // enough elsewhere, or somebody was faster. The block is on one of the nodes of the mask.
    // Precondition: no lock is held.
    [[nodiscard]] Status make_block(uint32_t nodes = ~uint32_t{0});

  private:
    static constexpr uint64_t pause_nanoseconds = 10'000'000;  // after a failure

    struct Area {
        unsigned node;
        uint32_t begin;  // number of its first frame
        unsigned pages;  // that would have to be moved
    };
    // Frames of the area that are kept from others, each holding the address of the next.
    struct Aside {
        PhysicalAddress first = 0;
    };

    [[nodiscard]] static bool has_room_on(Memory& memory, unsigned node);
    [[nodiscard]] bool has_gaps(unsigned node);
    [[nodiscard]] uint32_t nodes_with_gaps(uint32_t nodes);
    [[nodiscard]] Result<Area> choose_area(uint32_t nodes);
    void consider(unsigned node, FrameRecords& records, uint32_t begin, Area& best);
    [[nodiscard]] Status empty_area(const Area& area, Aside& aside);
    [[nodiscard]] Status move_page(const Area& area, FrameRecord& record, Aside& aside);
    [[nodiscard]] Result<PhysicalAddress> frame_outside(const Area& area, Aside& aside);
    [[nodiscard]] bool holds(const Area& area, PhysicalAddress frame);
    void free(const Aside& aside);
    [[nodiscard]] Status try_to_make_block(uint32_t nodes);
    template <class Visit>
    void for_each_area(uint32_t nodes, Visit visit);
    [[nodiscard]] static bool is_free(FrameRecords& records, uint32_t begin);
    [[nodiscard]] uint64_t free_areas(uint32_t nodes);

    Memory& memory_;
};

}  // namespace kernel
