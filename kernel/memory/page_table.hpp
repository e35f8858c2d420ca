// SPDX-License-Identifier: Apache-2.0
// A user page table: VMSAv8-64, 4 KiB granule, 48-bit addresses, four levels (Arm ARM DDI 0487,
// D8). The same tables are walked by the hardware, by QEMU and by the simulator's CPU.
#pragma once

#include "hal/types.hpp"
#include "kernel/base/result.hpp"
#include "kernel/memory/frame_allocator.hpp"

namespace kernel {

using hal::VirtualAddress;

// A leaf as it is found by a walk.
struct Mapping {
    PhysicalAddress frame;
    uint32_t protection;  // abi::Protection bits
    uint32_t reserved;
};

class PageTable final {
  public:
    explicit PageTable(Frames& frames) : frames_(frames) {}

    // Allocates the root. NoMemory.
    [[nodiscard]] Status create();
    // Frees all tables, with preemption points. Precondition: no page is mapped any more, no lock
    // is held.
    void destroy();

    // Maps one page for EL0. Busy when something is mapped there, NoMemory when a table cannot be
    // had. The frame is not taken over: whoever maps it owns it.
    [[nodiscard]] Status map(VirtualAddress address, PhysicalAddress frame, uint32_t protection);
    // Removes one page and returns what was there, or NotFound. The caller invalidates TLBs.
    [[nodiscard]] Result<Mapping> unmap(VirtualAddress address);
    // Changes the protection of a mapped page, or NotFound. The caller invalidates TLBs.
    [[nodiscard]] Status protect(VirtualAddress address, uint32_t protection);
    [[nodiscard]] Result<Mapping> walk(VirtualAddress address) const;
    // How many tables map() would have to allocate there.
    [[nodiscard]] unsigned missing_tables(VirtualAddress address) const;

    [[nodiscard]] PhysicalAddress root() const { return root_; }
    [[nodiscard]] uint64_t table_frames() const { return tables_; }

  private:
    using Descriptor = uint64_t;

    [[nodiscard]] Descriptor* leaf(VirtualAddress address) const;
    [[nodiscard]] Result<Descriptor*> make_leaf(VirtualAddress address);
    void free_level(PhysicalAddress table, unsigned level);

    Frames& frames_;
    PhysicalAddress root_ = 0;
    uint64_t tables_ = 0;
};

}  // namespace kernel
