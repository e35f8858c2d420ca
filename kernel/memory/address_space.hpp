// SPDX-License-Identifier: Apache-2.0
// The address space of a task: regions that show pages of memory objects, and the handles by which
// the task holds objects.
//
// Nothing is populated when it is mapped: the first touch of a page is a fault, which takes the
// page from the region's object. Copies between the kernel and user memory resolve pages likewise.
//
// Limit: private memory and objects that the task holds count in full when they are mapped or got,
// and so does every page table that the regions can need; a page that is touched later never meets
// the limit. Memory that is mapped as overcommitted counts page by page instead.
//
// Work on many pages has preemption points. A region that is being changed is `busy`: others that
// want to change it are told so.
#pragma once

#include "kernel/memory/object_table.hpp"
#include "kernel/memory/objects/memory_object.hpp"
#include "kernel/memory/region_map.hpp"
#include "kernel/memory/space_tables.hpp"
#include "kernel/sync/futex_key.hpp"

namespace kernel {

class AnonymousObject;

// What to map. Without an object: zeroed memory.
struct MapRequest {
    uint64_t size = 0;           // bytes, whole pages
    uint32_t protection = 0;     // abi::Protection
    uint32_t allowed = ~0U;      // that may ever be asked for
    uint32_t flags = 0;          // abi::MapFlags
    VirtualAddress address = 0;  // 0: the kernel chooses
    MemoryObject* object = nullptr;
    uint64_t offset = 0;  // page of the object
    uint32_t handle = Region::no_handle;
    FramePlacement placement;
};

// Where a program's page pool is.
struct PagePool {
    VirtualAddress state;
    VirtualAddress begin;
    uint64_t pages;
};

class AddressSpace final {
  public:
    static constexpr unsigned max_regions = RegionMap::capacity;

    // `asid` is this space's for its life. `domain`, if any, pays for its frames and outlives it.
    AddressSpace(Memory& memory, uint16_t asid, uint64_t frame_limit,
                 MemoryDomain* domain = nullptr)
        : memory_(memory),
          tables_(memory, asid, domain),
          account_{.task = tables_.task(), .domain = domain},
          frame_limit_(frame_limit) {}

    [[nodiscard]] Status create();
    // Frees everything. Precondition: no CPU uses the space any more, no lock is held.
    void destroy();
    // The task ends: calls that go on page by page stop at the next one, with Busy, which nobody
    // sees any more. May be called at any time.
    void stop() { stopped_.store(true, std::memory_order_relaxed); }

    // Where the search for places that the kernel chooses begins. Precondition: nothing is mapped.
    void place_mappings_from(VirtualAddress address) { mappings_begin_ = address; }

    // Maps what is asked and returns its address. A reference to the object, if there is one, is
    // taken over, whatever the result.
    [[nodiscard]] Result<VirtualAddress> map(const MapRequest& request);
    // Zeroed memory. `address` 0 lets the kernel choose.
    [[nodiscard]] Result<VirtualAddress> map(uint64_t size, uint32_t protection,
                                             VirtualAddress address);
    // Physical memory that belongs to somebody else, read-only or less.
    [[nodiscard]] Result<VirtualAddress> map_borrowed(PhysicalAddress begin, uint64_t size,
                                                      uint32_t protection);
    // A copy on write of memory within one region, at an address of the kernel's choice.
    [[nodiscard]] Result<VirtualAddress> copy(VirtualAddress address, uint64_t size);
    [[nodiscard]] Status unmap(VirtualAddress address, uint64_t size);
    [[nodiscard]] Status protect(VirtualAddress address, uint64_t size, uint32_t protection);
    // Frees private pages, which become what they were at first, those before a failure too.
    [[nodiscard]] Status discard(VirtualAddress address, uint64_t size);
    // Makes all pages be there.
    [[nodiscard]] Status populate(VirtualAddress address, uint64_t size);
    // Stores pages away, or drops them, wherever that is possible; they come back when touched.
    [[nodiscard]] Status page_out(VirtualAddress address, uint64_t size);
    // Makes each 2 MiB of the range one mapping. NotFound where no region could have one, NoMemory,
    // Unsupported by the page-frame strategy, Busy where a page cannot be moved, LimitReached where
    // memory is overcommitted.
    [[nodiscard]] Status want_blocks(VirtualAddress address, uint64_t size);
    // Makes pages of all blocks of the range, where none come about until they are wanted again.
    [[nodiscard]] Status refuse_blocks(VirtualAddress address, uint64_t size);
    [[nodiscard]] Status query(VirtualAddress address, abi::PageInfo& info);

    // A copy on write of pages of an object, in steps, until the task ends; see AnonymousObject.
    [[nodiscard]] Result<AnonymousObject*> copy_of(MemoryObject& from, uint64_t first,
                                                   uint64_t pages, PageAccount* account);

    // Handles. A reference to the object is taken over, whatever the result. LimitReached.
    [[nodiscard]] Result<uint32_t> hold(MemoryObject& object);
    // The object with a reference for the caller. NotFound.
    [[nodiscard]] Result<MemoryObject*> held(uint32_t handle);
    [[nodiscard]] Status close(uint32_t handle);

    // A program's access to a page that is not mapped for it: makes it possible, or says
    // BadAddress, NoMemory, or LimitReached: of the domain, or where memory is overcommitted.
    [[nodiscard]] Status fault(VirtualAddress address, uint32_t access);

    // Copies between the kernel and user memory with the space's own permissions. BadAddress when
    // any byte is out of reach; bytes before it may have been copied. NoMemory.
    [[nodiscard]] Status read(void* to, VirtualAddress from, uint64_t size);
    [[nodiscard]] Status write(VirtualAddress to, const void* from, uint64_t size);
    // Which byte of which object is at an address. BadAddress.
    [[nodiscard]] Result<FutexKey> locate(VirtualAddress address);
    // An aligned word, if its page is mapped at the moment; otherwise WouldBlock. May be called
    // with the Objects lock held.
    [[nodiscard]] Result<uint32_t> peek(VirtualAddress address);
    // What write() would answer now.
    [[nodiscard]] Status check_writable(VirtualAddress to, uint64_t size);
    // Like write(), whatever the region's protection, for loading programs into memory of their
    // own.
    [[nodiscard]] Status load(VirtualAddress to, const void* from, uint64_t size);

    // The pool whose state (abi::PagePoolState) lies at `state`. InvalidArgument, BadAddress.
    [[nodiscard]] Result<PagePool> find_pool(VirtualAddress state);
    // Frees up to `wanted` frames of free pages of the pool; how many. Precondition: no lock held.
    [[nodiscard]] Result<uint64_t> take_pool_pages(VirtualAddress state, uint64_t wanted);
    // Tells the pool how many pages are wanted of it, if it can be told.
    void tell_pool(VirtualAddress state, uint64_t wanted);

    void activate() const { tables_.activate(); }
    [[nodiscard]] Memory& memory() { return memory_; }
    [[nodiscard]] uint64_t table_frames() const { return tables_.table_frames(); }
    // Private pages that are stored away.
    [[nodiscard]] uint64_t pages_swapped() const {
        return account_.swapped.load(std::memory_order_relaxed);
    }
    // Frames that hold private memory and page tables, and those charged. One that several share
    // counts with each.
    [[nodiscard]] uint64_t frames_owned() const {
        return account_.pages.load(std::memory_order_relaxed) + tables_.table_frames() +
               held_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] MemoryDomain* domain() const { return account_.domain; }
    [[nodiscard]] uint64_t frame_limit() const { return frame_limit_; }
    // Frames that the task owns beside its space. LimitReached.
    [[nodiscard]] Status charge(uint64_t frames);
    void discharge(uint64_t frames);
    // Runs `visit` on each region, in order, with the space locked.
    template <class Visit>
    void for_each_region(Visit visit) {
        const LockGuard guard(lock_);
        for (unsigned i = 0; i < regions_.size(); ++i) visit(regions_[i]);
    }
    // Where private objects of this space count their pages.
    [[nodiscard]] PageAccount* account() { return &account_; }

  private:
    // Repeats an operation for as long as it lacks memory, of the machine or of the domain, and
    // some can be had again. Preconditions as of Memory::insist().
    template <class Operation>
    auto insist(Operation operation) {
        for (;;) {
            const auto result = memory_.insist(operation);
            if (Memory::status_of(result) != Status::LimitReached || !make_room()) return result;
        }
    }
    // Frees memory of the domain, if that is full; false when there is nothing to be had.
    [[nodiscard]] bool make_room();

    // address_space.cpp
    [[nodiscard]] Result<VirtualAddress> insert(const MapRequest& request);
    [[nodiscard]] Result<VirtualAddress> find_hole(uint64_t size) const;
    [[nodiscard]] bool has_room(uint64_t frames) const;
    [[nodiscard]] bool is_stopped() const { return stopped_.load(std::memory_order_relaxed); }
    void remove(Region& region, uint64_t freed);
    void tear_down(Region& region);

    // address_space_change.cpp
    [[nodiscard]] Status check_covered(VirtualAddress address, VirtualAddress end) const;
    [[nodiscard]] Status check_change(VirtualAddress address, VirtualAddress end,
                                      uint32_t protection) const;
    [[nodiscard]] Status isolate(VirtualAddress address, VirtualAddress end);
    [[nodiscard]] Status split_at(VirtualAddress address);
    [[nodiscard]] Region* next_busy(VirtualAddress& address, VirtualAddress end);
    void restrict(Region& region, uint32_t protection);
    uint64_t hide(Region& region, bool drop);
    uint64_t drop_hidden(const Region& region);
    [[nodiscard]] Status discard_some(VirtualAddress& address, VirtualAddress end);
    void drop_shown(Region& region, uint64_t index, VirtualAddress end);

    // address_space_join.cpp
    void join(VirtualAddress border, VirtualAddress end);
    [[nodiscard]] bool join_next(VirtualAddress& border, VirtualAddress end);
    void absorb(Region& lower, Region& upper);

    // address_space_fault.cpp
    [[nodiscard]] Status resolve(VirtualAddress address, uint32_t access);
    [[nodiscard]] Result<PhysicalAddress> show(Region& region, VirtualAddress page, bool write);
    [[nodiscard]] Status load_piece(VirtualAddress to, const void* from, uint64_t size);
    void count(PageOrigin origin);

    // address_space_pressure.cpp
    void page_out_page(Region& region, VirtualAddress at);
    [[nodiscard]] bool discard_page(VirtualAddress at);
    [[nodiscard]] Result<uint64_t> take_pool_word(const PagePool& pool, uint64_t word,
                                                  uint64_t wanted);
    // address_space_huge.cpp
    [[nodiscard]] Region* region_for_block(VirtualAddress block, const MemoryObject* object) const;
    [[nodiscard]] bool wants_block(VirtualAddress address);
    [[nodiscard]] Status make_block(VirtualAddress address);
    [[nodiscard]] Status settle_block(MemoryObject& object, VirtualAddress block,
                                      PhysicalAddress frames, unsigned& settled);
    // True if a block was begun and not finished: any of its pages may be hidden.
    [[nodiscard]] bool consider_block(VirtualAddress address);
    [[nodiscard]] bool has_refusal(VirtualAddress address, VirtualAddress end);
    [[nodiscard]] Status mark_blocks(VirtualAddress address, VirtualAddress end, bool refused);

    // user_memory.cpp
    // Calls step(word, value) on a word of user memory that may be written.
    using WordStep = void (*)(uint64_t& word, uint64_t& value);
    [[nodiscard]] Status update_word(VirtualAddress at, WordStep step, uint64_t& value);
    template <class Copy>
    [[nodiscard]] Status for_each_piece(VirtualAddress address, uint64_t size, uint32_t needed,
                                        Copy copy);

    SpinLock lock_{LockRank::AddressSpace};
    Memory& memory_;
    SpaceTables tables_;
    RegionMap regions_;
    ObjectTable objects_;
    PageAccount account_;            // private pages that are there
    uint64_t charged_ = 0;           // pages that count for the limit
    std::atomic<uint64_t> held_{0};  // of them, frames beside the space; written under the lock
    uint64_t frame_limit_;
    std::atomic<bool> stopped_{false};
    std::atomic<uint32_t> vain_rounds_{0};         // in which make_room() got page tables only
    VirtualAddress mappings_begin_ = 0x1000'0000;  // above where programs are linked
};

// The protections a program may ask for: readable at least, never writable and executable.
[[nodiscard]] Status check_protection(uint32_t protection);
// Whole pages within user space.
[[nodiscard]] Status check_range(VirtualAddress address, uint64_t size);

}  // namespace kernel
