// SPDX-License-Identifier: Apache-2.0
// The address space of a task: a sorted list of regions over one page table.
//
// Memory is populated when it is mapped, page by page with preemption points between batches. A
// region that is being populated, changed or torn down is `busy`: others that want to change it are
// told so. Invariant: every page of a region that is not busy is mapped; anonymous regions own
// their frames, borrowed ones (the boot archive) do not.
#pragma once

#include <string_view>

#include "kernel/base/list.hpp"
#include "kernel/memory/kernel_heap.hpp"
#include "kernel/memory/page_table.hpp"

namespace kernel {

class AddressSpace final {
  public:
    static constexpr unsigned max_regions = 192;

    // `asid` is this space's for its life. `frame_limit` bounds the frames it may own, tables
    // included.
    AddressSpace(Frames& frames, KernelHeap& heap, uint16_t asid, uint64_t frame_limit)
        : frames_(frames), heap_(heap), table_(frames, asid), frame_limit_(frame_limit) {}

    [[nodiscard]] Status create();
    // Frees everything. Precondition: no CPU uses the space any more, no lock is held.
    void destroy();

    // Maps zeroed memory. `address` 0 lets the kernel choose. Returns the address.
    [[nodiscard]] Result<VirtualAddress> map(uint64_t size, uint32_t protection,
                                             VirtualAddress address);
    // Maps physical memory that belongs to somebody else, read-only or less.
    [[nodiscard]] Result<VirtualAddress> map_borrowed(PhysicalAddress begin, uint64_t size,
                                                      uint32_t protection);
    [[nodiscard]] Status unmap(VirtualAddress address, uint64_t size);
    [[nodiscard]] Status protect(VirtualAddress address, uint64_t size, uint32_t protection);

    // Copies between the kernel and user memory with the space's own permissions. BadAddress when
    // any byte is out of reach; bytes before it may have been copied.
    [[nodiscard]] Status read(void* to, VirtualAddress from, uint64_t size);
    [[nodiscard]] Status write(VirtualAddress to, const void* from, uint64_t size);
    // What write() would answer now.
    [[nodiscard]] Status check_writable(VirtualAddress to, uint64_t size);
    // Like write(), whatever the page's protection, for loading programs.
    [[nodiscard]] Status load(VirtualAddress to, const void* from, uint64_t size);

    void activate() const { hal::Machine::set_user_space(table_.root(), table_.asid()); }
    [[nodiscard]] uint64_t table_frames() const { return table_.table_frames(); }
    // Frames that count towards the limit: those of the space, and those charged.
    [[nodiscard]] uint64_t frames_owned() const {
        return owned_ + table_.table_frames() + charged_;
    }
    [[nodiscard]] uint64_t frame_limit() const { return frame_limit_; }
    // Frames that the task owns beside its space. LimitReached.
    [[nodiscard]] Status charge(uint64_t frames);
    void discharge(uint64_t frames);

  private:
    struct Region {
        static constexpr HeapType heap_type = HeapType::Region;
        ListNode node;
        VirtualAddress begin;
        VirtualAddress end;
        uint32_t protection;
        bool borrowed;
        bool busy;
    };
    // Of the memory that the space owns.
    [[nodiscard]] FrameUse use() const { return {FrameOwner::Anonymous, table_.task()}; }
    using Regions = List<Region, &Region::node>;

    [[nodiscard]] Result<Region*> insert(uint64_t size, uint32_t protection, VirtualAddress address,
                                         bool borrowed);
    [[nodiscard]] Result<VirtualAddress> find_hole(uint64_t size);
    [[nodiscard]] Status populate(Region& region, PhysicalAddress borrowed_from);
    [[nodiscard]] Status populate_page(Region& region, VirtualAddress page,
                                       PhysicalAddress borrowed_from);
    void depopulate(Region& region, VirtualAddress up_to);
    void remove(Region& region);
    void protect_page(VirtualAddress at, uint32_t protection);
    [[nodiscard]] bool any_borrowed(VirtualAddress address, VirtualAddress end);
    void set_busy(VirtualAddress address, VirtualAddress end, bool busy);
    [[nodiscard]] Result<Region*> split_at(VirtualAddress address);
    [[nodiscard]] Status isolate(VirtualAddress address, VirtualAddress end);
    [[nodiscard]] Region* region_at(VirtualAddress address);
    [[nodiscard]] Status check_covered(VirtualAddress address, VirtualAddress end);
    template <class Copy>
    [[nodiscard]] Status for_each_piece(VirtualAddress address, uint64_t size, uint32_t needed,
                                        Copy copy);

    SpinLock lock_{LockRank::AddressSpace};
    Frames& frames_;
    KernelHeap& heap_;
    PageTable table_;
    Regions regions_;
    uint64_t owned_ = 0;
    uint64_t charged_ = 0;
    uint64_t frame_limit_;
};

// The protections a program may ask for: readable at least, never writable and executable.
[[nodiscard]] Status check_protection(uint32_t protection);

}  // namespace kernel
