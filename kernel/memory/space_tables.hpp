// SPDX-License-Identifier: Apache-2.0
// SpaceTables: the page tables of an address space with their lock and their TLB maintenance.
//
// Their lock comes after those of memory objects, so that whoever holds an object can take one of
// its pages away from every space that maps it.
#pragma once

#include "kernel/base/lock.hpp"
#include "kernel/memory/page_table.hpp"

namespace kernel {

class SpaceTables final {
  public:
    SpaceTables(Frames& frames, uint16_t asid) : table_(frames), asid_(asid) {}

    [[nodiscard]] Status create() { return table_.create(); }
    // Precondition: no page is mapped, no CPU uses the space, no lock is held.
    void destroy();
    void activate() const { hal::Machine::set_user_space(table_.root(), asid_); }

    // For look-ups and copies; the rest locks by itself.
    [[nodiscard]] SpinLock& lock() { return lock_; }
    // Locked.
    [[nodiscard]] Result<Mapping> walk(VirtualAddress address) const {
        return table_.walk(address);
    }

    // Makes the page show `frame` with this protection. What was mapped there before must be the
    // same frame. NoMemory.
    [[nodiscard]] Status show(VirtualAddress address, PhysicalAddress frame, uint32_t protection);
    // Takes pages away, mapped or not.
    void hide(VirtualAddress address);
    // Leaves a mapped page those of its rights that are in `protection`.
    void restrict(VirtualAddress address, uint32_t protection);

    [[nodiscard]] uint64_t table_frames() const { return table_.table_frames(); }

  private:
    SpinLock lock_{LockRank::PageTables};
    PageTable table_;
    uint16_t asid_;
};

}  // namespace kernel
