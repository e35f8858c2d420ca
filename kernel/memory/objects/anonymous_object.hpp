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
    // `account`, if any, counts the pages that are there, as those of its task, whose domain pays
    // for them; it outlives the object. Without one, the object is for several tasks, and `domain`
    // pays, if it is not null. NoMemory.
    [[nodiscard]] static Result<AnonymousObject*> create(Memory& memory, uint64_t pages,
                                                         PageAccount* account,
                                                         MemoryDomain* domain = nullptr);
    // The first `pages` of it are those of `file` from `first` on; a reference to it is taken over.
    [[nodiscard]] static Result<AnonymousObject*> create_from(Memory& memory, FileObject& file,
                                                              uint64_t first, uint64_t pages,
                                                              PageAccount* account);
    // A copy on write of `pages` of another object from `first` on, with preemption points. What is
    // written to the original meanwhile may be in the copy or not. Where memory is short, room is
    // made and the copy goes on; once `stop` is set, it ends with Busy. Unsupported for physical
    // memory; NoMemory; LimitReached of the domain. Precondition: no lock is held.
    [[nodiscard]] static Result<AnonymousObject*> copy(Memory& memory, MemoryObject& from,
                                                       uint64_t first, uint64_t pages,
                                                       PageAccount* account,
                                                       const std::atomic<bool>* stop = nullptr,
                                                       MemoryDomain* domain = nullptr);

    AnonymousObject(Memory& memory, uint64_t pages, PageAccount* account, MemoryDomain* domain);

    [[nodiscard]] Result<ObjectPage> page(uint64_t index, bool write,
                                          const FramePlacement& placement) override;
    [[nodiscard]] Slot look(uint64_t index) override { return slots_.get(index); }
    [[nodiscard]] uint64_t next_present(uint64_t index, uint64_t end) override;
    void drop(uint64_t index) override;
    [[nodiscard]] Status evict(uint64_t index) override;
    [[nodiscard]] Status move_stored(uint64_t index, uint64_t entry) override;
    void move(uint64_t index, PhysicalAddress to) override;
    [[nodiscard]] const MemoryDomain* domain() const override { return domain_; }

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
    [[nodiscard]] Status copy_slots(AnonymousObject& from, uint64_t first,
                                    const std::atomic<bool>* stop);
    [[nodiscard]] bool make_room();
    [[nodiscard]] Status copy_some(AnonymousObject& from, uint64_t first, uint64_t& index);
    [[nodiscard]] Status copy_slot(const Slot& from, Slot& to, uint64_t index);
    void fill(Slot& slot, PhysicalAddress frame);
    // One page more or less that is there, for the domain.
    [[nodiscard]] Status charge_page() {
        return domain_ != nullptr ? domain_->charge(1) : Status::Ok;
    }
    void discharge_page() {
        if (domain_ != nullptr) domain_->discharge(1);
    }
    [[nodiscard]] bool charge_swap() {
        return domain_ == nullptr || domain_->swap().charge(1) == nullptr;
    }
    // A frame for a page that is charged. NoMemory, LimitReached.
    [[nodiscard]] Result<PhysicalAddress> new_page(const PageOwner& owner,
                                                   const FramePlacement& placement);

    SlotTree slots_;
    FileObject* file_ = nullptr;  // where empty slots take their pages from; a reference
    uint64_t file_first_ = 0;     // its page at index 0
    PageAccount* account_;
    MemoryDomain* domain_;  // without an account: a reference
};

}  // namespace kernel
