// SPDX-License-Identifier: Apache-2.0
// Compaction: makes a free block of 2 MiB by moving pages elsewhere.
//
// All aligned areas of 2 MiB are counted, and the one with the fewest pages among those with
// nothing else but movable pages is emptied. Movable are pages that one object has alone; they are
// moved under the object's lock, hidden from all who show them, who find them again by faults.
// Frames of the area that the allocator offers meanwhile are put aside until the area is empty, so
// that they all become free at the end. Others may allocate there at the same time, and then the
// area is given up: what was moved is moved in vain, nothing else. Bound: a look at every frame,
// and at most 512 pages moved. While there is not more free memory than an area and what the kernel
// keeps, nothing is tried: others would lack what is put aside.
#pragma once

#include "kernel/memory/memory.hpp"

namespace kernel {

class Compaction final {
  public:
    explicit Compaction(Memory& memory) : memory_(memory) {}

    // There is enough free memory for it.
    [[nodiscard]] static bool has_room(Memory& memory);
    // And it has not just failed.
    [[nodiscard]] static bool is_worth_trying(Memory& memory);

    // NotFound: no area can be emptied, or only at the cost of another; NoMemory: there is not
    // enough elsewhere, or somebody was faster. Precondition: no lock is held.
    [[nodiscard]] Status make_block();

  private:
    static constexpr uint64_t pause_nanoseconds = 10'000'000;  // after a failure

    struct Area {
        unsigned node;
        uint32_t begin;   // number of its first frame
        unsigned pages;   // that would have to be moved
        unsigned target;  // node that they go to
    };
    // Frames of the area that are kept from others, each holding the address of the next.
    struct Aside {
        PhysicalAddress first = 0;
    };

    [[nodiscard]] Result<Area> choose_area();
    void consider(unsigned node, FrameRecords& records, uint32_t begin, Area& best);
    [[nodiscard]] Status empty_area(const Area& area, Aside& aside);
    [[nodiscard]] Status move_page(const Area& area, FrameRecord& record, Aside& aside);
    [[nodiscard]] Result<unsigned> node_with_gaps(const Area& area);
    [[nodiscard]] Result<PhysicalAddress> frame_outside(const Area& area, Aside& aside);
    [[nodiscard]] bool holds(const Area& area, PhysicalAddress frame);
    void free(const Aside& aside);
    [[nodiscard]] Status try_to_make_block();
    template <class Visit>
    void for_each_area(Visit visit);
    [[nodiscard]] static bool is_free(FrameRecords& records, uint32_t begin);
    [[nodiscard]] uint64_t free_areas();

    Memory& memory_;
};

}  // namespace kernel
