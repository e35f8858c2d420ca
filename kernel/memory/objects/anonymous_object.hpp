// SPDX-License-Identifier: Apache-2.0
// AnonymousObject: memory that starts as zeroes or as the content of a file, and is then its own.
//
// It is private to one space, or shared between tasks; both look the same here. Where it is a
// private copy of a file, pages that were only read are the file's own frames.
#pragma once

#include "kernel/memory/objects/file_object.hpp"
#include "kernel/memory/objects/memory_object.hpp"
#include "kernel/memory/objects/slot_tree.hpp"

namespace kernel {

class AnonymousObject final : public MemoryObject {
  public:
    // `account`, if any, counts the pages that are there, as those of its task; it outlives the
    // object. Without one, the object is for several tasks. NoMemory.
    [[nodiscard]] static Result<AnonymousObject*> create(Memory& memory, uint64_t pages,
                                                         PageAccount* account);
    // The first `pages` of it are those of `file` from `first` on; a reference to it is taken over.
    [[nodiscard]] static Result<AnonymousObject*> create_from(Memory& memory, FileObject& file,
                                                              uint64_t first, uint64_t pages,
                                                              PageAccount* account);
    // A copy on write of `pages` of another object from `first` on, with preemption points. What is
    // written to the original meanwhile may be in the copy or not. Unsupported for physical memory;
    // NoMemory. Precondition: no lock is held.
    [[nodiscard]] static Result<AnonymousObject*> copy(Memory& memory, MemoryObject& from,
                                                       uint64_t first, uint64_t pages,
                                                       PageAccount* account);

    AnonymousObject(Memory& memory, uint64_t pages, PageAccount* account);

    [[nodiscard]] Result<ObjectPage> page(uint64_t index, bool write,
                                          const FramePlacement& placement) override;
    [[nodiscard]] Slot look(uint64_t index) override { return slots_.get(index); }
    [[nodiscard]] uint64_t next_present(uint64_t index, uint64_t end) override;
    void drop(uint64_t index) override;
    [[nodiscard]] Status evict(uint64_t index) override;
    [[nodiscard]] Status move_stored(uint64_t index, uint64_t entry) override;
    void move(uint64_t index, PhysicalAddress to) override;

    // Locked. Brings the page to `frame`, which is nobody's page yet and has been allocated for
    // this object's use: the page moves there, or is made there. Busy where it cannot.
    [[nodiscard]] Status settle(uint64_t index, PhysicalAddress frame);

  private:
    void destroy() override;
    // anonymous_swap.cpp
    [[nodiscard]] Status swap_in(Slot& slot, uint64_t index, const FramePlacement& placement);
    [[nodiscard]] Status copy_swapped(const Slot& from, Slot& to, uint64_t index);
    void drop_swapped(const Slot& slot);
    void count_swapped(bool more);
    [[nodiscard]] Result<ObjectPage> make_zero(Slot& slot, uint64_t index,
                                               const FramePlacement& placement);
    [[nodiscard]] Result<ObjectPage> take_from_file(Slot& slot, uint64_t index, bool write,
                                                    const FramePlacement& placement);
    [[nodiscard]] Result<ObjectPage> break_sharing(Slot& slot, uint64_t index,
                                                   const FramePlacement& placement);
    [[nodiscard]] Status copy_slots(AnonymousObject& from, uint64_t first);
    [[nodiscard]] Status copy_slot(const Slot& from, Slot& to, uint64_t index);
    void fill(Slot& slot, PhysicalAddress frame);

    SlotTree slots_;
    FileObject* file_ = nullptr;  // where empty slots take their pages from; a reference
    uint64_t file_first_ = 0;     // its page at index 0
    PageAccount* account_;
};

}  // namespace kernel
