// SPDX-License-Identifier: Apache-2.0
// MemoryObject: pages that address spaces can show, after the memory objects of Mach (Rashid et
// al., "Machine-Independent Virtual Memory Management", ASPLOS 1987). Anonymous memory, files and
// physical ranges are siblings behind this interface.
//
// Locks: an object's own lock guards its pages and its list of regions. It comes after the address
// space's and before the page tables', so that a page can be taken away from all who show it.
//
// Copy on write is by frame: a copy's slots refer to the same frames as the original's, and whoever
// writes to a frame that several slots refer to gets a frame of its own. Invariant: a frame that
// several slots refer to is nowhere mapped for writing.
//
// References count regions, handles and copies that still take pages from the object. The last one
// goes by release(), which frees all pages with preemption points and then the object.
#pragma once

#include <atomic>

#include "kernel/memory/memory.hpp"
#include "kernel/memory/memory_domain.hpp"
#include "kernel/memory/objects/slot.hpp"
#include "kernel/memory/page_table.hpp"
#include "kernel/memory/region.hpp"

namespace kernel {

// How a page came to be there.
enum class PageOrigin : uint32_t { Present, Zero, File, Copy, Swap };

// A page as a fault gets it.
struct ObjectPage {
    PhysicalAddress frame;
    bool writable;  // it may be mapped for writing
    PageOrigin origin;
    MemoryType type = MemoryType::Normal;
};

// Where the pages that private objects have are counted, for which task, and who pays for them.
struct PageAccount {
    uint32_t task;  // slot
    std::atomic<uint64_t> pages{0};
    std::atomic<uint64_t> swapped{0};  // pages that are stored away
    MemoryDomain* domain = nullptr;    // null: nobody
};

class MemoryObject {
  public:
    static constexpr uint64_t most_pages = uint64_t{1} << 32;

    enum class Kind : uint32_t { Anonymous, File, Physical };

    MemoryObject(const MemoryObject&) = delete;
    MemoryObject& operator=(const MemoryObject&) = delete;

    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] uint64_t pages() const { return pages_; }
    [[nodiscard]] FrameUse use() const { return use_; }
    [[nodiscard]] SpinLock& lock() { return lock_; }
    // It is no other object's, before or after.
    [[nodiscard]] uint64_t number() const { return number_; }

    void reference() { references_.fetch_add(1, std::memory_order_relaxed); }
    // Precondition: no lock is held, and nobody uses this reference any more.
    void release();

    // Locked. The page to show at `index`, made if it is not there; for writing, it becomes this
    // object's alone. PermissionDenied where nobody may write, NoMemory.
    [[nodiscard]] virtual Result<ObjectPage> page(uint64_t index, bool write,
                                                  const FramePlacement& placement) = 0;
    // Locked. The page as it is, without making it: Slot() when nothing is there.
    [[nodiscard]] virtual Slot look(uint64_t index) = 0;
    // Locked. The first page from `index` on, below `end`, that is there; or `end`.
    [[nodiscard]] virtual uint64_t next_present(uint64_t index, uint64_t end) = 0;
    // Locked. Frees the page, if it is there: it will be made anew. Precondition: nobody shows it.
    virtual void drop(uint64_t index) = 0;
    // Locked. Frees the frame of a page that is there and the object's alone; page() makes it again
    // as it was. NoMemory: its content can be kept nowhere. DeviceFailed. Precondition: nobody
    // shows it.
    [[nodiscard]] virtual Status evict(uint64_t) { return Status::Unsupported; }
    // Locked. Brings a page that is stored away compressed as `entry` on to the device. NotFound:
    // it is not stored so any more. NoMemory, DeviceFailed: nothing has changed.
    [[nodiscard]] virtual Status move_stored(uint64_t, uint64_t) { return Status::Unsupported; }
    // Locked. Makes `to` the frame of a page that is there and the object's alone, and frees its
    // old one. Precondition: nobody shows it; `to` was adopted for it.
    virtual void move(uint64_t, PhysicalAddress) {}
    // Who pays for its pages; null: nobody.
    [[nodiscard]] virtual const MemoryDomain* domain() const { return nullptr; }
    [[nodiscard]] PageOwner owner_of(uint64_t index) { return {this, index, use_}; }

    // Locked.
    void add(Region& region) { regions_.push_back(region); }
    void remove(Region& region) { regions_.remove(region); }
    // Locked. In all regions: nobody shows the page any more; nobody writes to it without a fault.
    void hide(uint64_t index);
    void forbid_writing(uint64_t index);
    // Locked. Whether any region shows the page at the moment.
    [[nodiscard]] bool is_shown(uint64_t index);
    // Locked. Regions for whoever walks them.
    using Regions = List<Region, &Region::object_node>;
    [[nodiscard]] Regions& regions() { return regions_; }

  protected:
    MemoryObject(Memory& memory, Kind kind, uint64_t pages, LockRank rank, FrameUse use)
        : memory_(memory),
          lock_(rank),
          number_(memory.next_object_number()),
          pages_(pages),
          kind_(kind),
          use_(use) {}
    ~MemoryObject() = default;

    // No reference is left: frees all pages, with preemption points, and the object.
    virtual void destroy() = 0;
    // Frees all pages, with preemption points. Precondition: nobody shows any of them.
    void drop_all();
    // Takes the last reference, unless the object has been found by somebody in the meantime.
    [[nodiscard]] virtual bool take_last_reference();

    Memory& memory_;

  private:
    SpinLock lock_;
    std::atomic<uint32_t> references_{1};
    uint64_t number_;
    uint64_t pages_;
    Kind kind_;
    FrameUse use_;  // of its frames, as long as no other object shares them
    Regions regions_;

    friend class FileObjects;
};

}  // namespace kernel
