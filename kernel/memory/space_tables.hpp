// SPDX-License-Identifier: Apache-2.0
// SpaceTables: the page tables of an address space with their lock.
//
// Their lock comes after those of memory objects, so that whoever holds an object can take one of
// its pages away from every space that maps it.
#pragma once

#include "kernel/base/lock.hpp"
#include "kernel/memory/memory.hpp"
#include "kernel/memory/page_table.hpp"

namespace kernel {

class SpaceTables final {
  public:
    SpaceTables(Memory& memory, uint16_t asid, MemoryDomain* domain)
        : memory_(memory), table_(memory.frames(), asid, domain) {}

    [[nodiscard]] Status create() { return table_.create(); }
    // From now on nothing is invalidated any more. Precondition: no CPU uses the space any more.
    void retire() { table_.retire(); }
    // Precondition: nothing is mapped.
    void destroy() { table_.destroy(); }
    void activate() const { hal::Machine::set_user_space(table_.root(), table_.asid()); }

    // For look-ups and copies; the rest locks by itself.
    [[nodiscard]] SpinLock& lock() { return lock_; }
    // Locked.
    [[nodiscard]] Result<Mapping> walk(VirtualAddress address) const {
        return table_.walk(address);
    }

    // Makes the page show `frame` with this protection. What was mapped there before must be the
    // same frame. NoMemory.
    [[nodiscard]] Status show(VirtualAddress address, PhysicalAddress frame, uint32_t protection,
                              MemoryType type = MemoryType::Normal);
    [[nodiscard]] bool shows(VirtualAddress address) {
        const LockGuard guard(lock_);
        return table_.walk(address).ok();
    }
    // Makes one mapping of 2 MiB of what is mapped there and what is not. NoMemory.
    [[nodiscard]] Status show_block(VirtualAddress address, PhysicalAddress frames,
                                    uint32_t protection);
    // Takes a block away; nothing happens where pages are mapped.
    void hide_block(VirtualAddress address);
    // Takes a page away, mapped or not.
    void hide(VirtualAddress address);
    // Makes pages of a block that reaches over the address.
    void cut(VirtualAddress address);
    // Takes pages and blocks away from `at` on, which moves behind what was looked at, in bounded
    // time. Precondition: no block reaches over an end of the range.
    void hide_some(VirtualAddress& at, VirtualAddress end);
    // Leaves them those of their rights that are in `protection`, likewise.
    void restrict_some(VirtualAddress& at, VirtualAddress end, uint32_t protection);
    // Leaves a page, mapped or not, those of its rights that are in `protection`.
    void restrict(VirtualAddress address, uint32_t protection);

    [[nodiscard]] uint64_t table_frames() const { return table_.table_frames(); }
    [[nodiscard]] uint32_t task() const { return table_.task(); }

  private:
    [[nodiscard]] Result<Mapping> find_page(VirtualAddress address);

    SpinLock lock_{LockRank::PageTables};
    Memory& memory_;
    PageTable table_;
};

}  // namespace kernel
