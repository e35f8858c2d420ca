// SPDX-License-Identifier: Apache-2.0
// A user page table: VMSAv8-64, 4 KiB granule, 48-bit addresses, four levels (Arm ARM DDI 0487,
// D8), with pages of 4 KiB and blocks of 2 MiB. The same tables are walked by the hardware, by QEMU
// and by the simulator's CPU.
//
// The table knows its address space (ASID) and does the TLB maintenance: when a function that takes
// something away or changes it returns, no CPU can use what was there before. A table is freed when
// its last entry goes; the descriptor that leads to it counts its entries. Where the architecture
// demands it (D8.14, TLB maintenance: a change of address, of memory type or of the size of a
// block), an entry is invalid for a moment (break before make): another CPU may fault on it
// meanwhile, and finds it mapped again when it asks.
//
// Precondition of all: one caller at a time.
#pragma once

#include "hal/types.hpp"
#include "kernel/base/result.hpp"
#include "kernel/memory/frame_allocator.hpp"
#include "kernel/memory/memory_domain.hpp"

namespace kernel {

using hal::VirtualAddress;

constexpr uint64_t block_size = hal::page_size << huge_order;

// Write-back memory, or registers of a device (Device-nGnRE, never executable).
enum class MemoryType : uint32_t { Normal, Device };

// Physical addresses that a descriptor can hold lie below.
constexpr PhysicalAddress physical_end = 1ULL << 48;

// What is mapped at an address.
struct Mapping {
    PhysicalAddress frame;
    uint32_t protection;  // abi::Protection bits
    uint32_t order;       // 0: a page; huge_order: a part of a block
    MemoryType type = MemoryType::Normal;
};

struct RemovedMapping {
    VirtualAddress address;
    Mapping mapping;
};

class PageTable final {
  public:
    // Pages and blocks that a range call handles between two waits for TLBs.
    static constexpr unsigned batch = 16;

    // The ASID is the slot of the space's task plus one: its tables are that task's frames.
    // `domain`, if any, pays for them.
    PageTable(Frames& frames, uint16_t asid, MemoryDomain* domain = nullptr)
        : frames_(frames), domain_(domain), asid_(asid) {}

    // Allocates the root. NoMemory.
    [[nodiscard]] Status create();
    // From now on nothing is invalidated any more: all of the space is, once. Precondition: no CPU
    // uses the space any more, and none will.
    void retire();
    // Frees the root. Precondition: nothing is mapped any more.
    void destroy();

    // Maps one page for EL0. Busy when something is mapped there, NoMemory when a table cannot be
    // had. The frame is not taken over: whoever maps it owns it.
    [[nodiscard]] Status map(VirtualAddress address, PhysicalAddress frame, uint32_t protection,
                             MemoryType type = MemoryType::Normal);
    // The same for 2 MiB. InvalidArgument when one of the two is misaligned, Busy when anything is
    // mapped in the range.
    [[nodiscard]] Status map_block(VirtualAddress address, PhysicalAddress frame,
                                   uint32_t protection, MemoryType type = MemoryType::Normal);

    // Removes the page or block and returns what was there. NotFound, and InvalidArgument for an
    // address within a block.
    [[nodiscard]] Result<Mapping> unmap(VirtualAddress address);
    // Removes up to `batch` pages and blocks from `at` on, and moves `at` behind what it has looked
    // at; how many. In bounded time: call it until `at` is `end`. Precondition: no block reaches
    // over an end of the range.
    unsigned unmap_range(VirtualAddress& at, VirtualAddress end, RemovedMapping (&removed)[batch]);

    // Changes the protection of a page or block. NotFound, InvalidArgument as unmap().
    [[nodiscard]] Status protect(VirtualAddress address, uint32_t protection);
    // Leaves pages and blocks those of their rights that are in `protection`, up to `batch` that
    // have more; how many. Bounds and precondition as unmap_range().
    unsigned restrict_range(VirtualAddress& at, VirtualAddress end, uint32_t protection);

    // Another frame with another protection in the place of a page. What was there, NotFound, or
    // InvalidArgument for a block. Needs no memory.
    [[nodiscard]] Result<Mapping> replace(VirtualAddress address, PhysicalAddress frame,
                                          uint32_t protection);

    // Makes the block that holds `address` 512 pages of the same frames. NotFound when there is no
    // block, NoMemory.
    [[nodiscard]] Status split_block(VirtualAddress address);
    // The way back. NotFound when not all 512 pages are mapped, InvalidArgument when their frames
    // are no aligned block in order, or do not all have the same protection.
    [[nodiscard]] Status join(VirtualAddress address);

    // What is mapped at an address; `frame` is that of its 4 KiB. NotFound.
    [[nodiscard]] Result<Mapping> walk(VirtualAddress address) const;
    // How many tables map(), or with huge_order map_block(), would have to allocate there; within a
    // block, that split_block() would.
    [[nodiscard]] unsigned missing_tables(VirtualAddress address, unsigned order = 0) const;

    [[nodiscard]] PhysicalAddress root() const { return root_; }
    [[nodiscard]] uint16_t asid() const { return asid_; }
    [[nodiscard]] uint32_t task() const { return asid_ - 1U; }
    [[nodiscard]] uint64_t table_frames() const { return tables_; }

  private:
    using Descriptor = uint64_t;
    static constexpr unsigned levels = 4;

    // The entries on the way to an address, down to the first that leads to no further table.
    struct Path {
        Descriptor* entries[levels];
        unsigned level;
        [[nodiscard]] Descriptor& last() const { return *entries[level]; }
    };
    // Tables that lost their last entry, until no walker can be in them any more.
    struct EmptyTables {
        PhysicalAddress tables[batch * (levels - 1)];
        unsigned count = 0;
    };

    [[nodiscard]] FrameUse use() const { return {FrameOwner::Tables, task()}; }
    [[nodiscard]] bool knows(VirtualAddress address) const;
    // Not inline, and not unrolled: one loop for all, whose costs can be told (sim/compiler).
    [[gnu::noinline]] void find(VirtualAddress address, Path& path) const;
    [[nodiscard]] Status find_leaf(VirtualAddress address, Path& path) const;
    template <class Interest, class Visit>
    void for_each_leaf(VirtualAddress& at, VirtualAddress end, Interest interest,
                       Visit visit) const;
    [[nodiscard]] Status make(VirtualAddress address, unsigned level, Path& path);
    [[nodiscard]] Status set(VirtualAddress address, unsigned level, Descriptor entry);
    void count_up(const Path& path, unsigned level);
    void count_down(const Path& path, unsigned level);
    void take(const Path& path, EmptyTables& empty);
    void prune(const Path& path, unsigned level, EmptyTables& empty);
    void free(const EmptyTables& empty);
    void count_table();
    void free_table(PhysicalAddress table);
    void invalidate(VirtualAddress address) const;
    void finish_invalidations() const;

    Frames& frames_;
    MemoryDomain* domain_;
    PhysicalAddress root_ = 0;
    uint64_t tables_ = 0;
    uint32_t root_entries_ = 0;
    uint16_t asid_;
    bool retired_ = false;
};

}  // namespace kernel
