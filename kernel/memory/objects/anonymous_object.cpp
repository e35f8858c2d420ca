// SPDX-License-Identifier: Apache-2.0
// Anonymous memory: demand zero, private copies of files, copy on write.
#include "kernel/memory/objects/anonymous_object.hpp"

#include <string.h>

#include "kernel/abi/syscall.hpp"

namespace kernel {
namespace {

constexpr unsigned batch = 16;  // pages between preemption points

}  // namespace

AnonymousObject::AnonymousObject(Memory& memory, uint64_t pages, PageAccount* account,
                                 MemoryDomain* domain)
    : MemoryObject(memory, Kind::Anonymous, pages, LockRank::MemoryObject,
                   account != nullptr ? FrameUse{FrameOwner::Anonymous, account->task}
                                      : FrameUse{FrameOwner::Shared, 0}),
      slots_(memory.heap(), pages),
      account_(account),
      domain_(account != nullptr ? account->domain : domain) {
    if (account == nullptr && domain != nullptr) domain->reference();
}

Result<AnonymousObject*> AnonymousObject::create(Memory& memory, uint64_t pages,
                                                 PageAccount* account, MemoryDomain* domain) {
    return memory.heap().create<AnonymousObject>(memory, pages, account, domain);
}

Result<AnonymousObject*> AnonymousObject::create_from(Memory& memory, FileObject& file,
                                                      uint64_t first, uint64_t pages,
                                                      PageAccount* account) {
    AnonymousObject* object = TRY(create(memory, pages, account));
    object->file_ = &file;
    object->file_first_ = first;
    return object;
}

Result<AnonymousObject*> AnonymousObject::copy(Memory& memory, MemoryObject& from, uint64_t first,
                                               uint64_t pages, PageAccount* account,
                                               const std::atomic<bool>* stop,
                                               MemoryDomain* domain) {
    if (from.kind() == Kind::Physical) return Status::Unsupported;
    AnonymousObject* copy =
        TRY(memory.insist([&] { return create(memory, pages, account, domain); }));
    if (from.kind() == Kind::File) {
        from.reference();
        copy->file_ = static_cast<FileObject*>(&from);
        copy->file_first_ = first;
        return copy;
    }
    const Status copied = copy->copy_slots(static_cast<AnonymousObject&>(from), first, stop);
    if (copied == Status::Ok) return copy;
    copy->release();
    return copied;
}

// Nobody else knows this object yet, so only the other one is locked.
Status AnonymousObject::copy_slots(AnonymousObject& from, uint64_t first,
                                   const std::atomic<bool>* stop) {
    if (from.file_ != nullptr) {
        from.file_->reference();
        file_ = from.file_;
        file_first_ = from.file_first_ + first;
    }
    for (uint64_t index = first; index < first + pages();) {
        if (stop != nullptr && stop->load(std::memory_order_relaxed)) return Status::Busy;
        const Status some = memory_.insist([&] { return copy_some(from, first, index); });
        if (some != Status::Ok && (some != Status::LimitReached || !make_room())) return some;
        preemption_point();
    }
    return Status::Ok;
}

// Frees memory of the domain, if that is full; false when there is nothing to be had.
bool AnonymousObject::make_room() {
    const MemoryDomain* full = domain_ != nullptr ? domain_->full() : nullptr;
    return full != nullptr && memory_.reclaim().make_room_in(*full);
}

// Some slots from `index` on, which moves behind those that are copied.
Status AnonymousObject::copy_some(AnonymousObject& from, uint64_t first, uint64_t& index) {
    const uint64_t end = first + pages();
    const LockGuard guard(from.lock());
    for (unsigned i = 0; i < batch; ++i, ++index) {
        Slot* slot = from.slots_.next(index, end);
        if (slot == nullptr) break;
        // Before another slot refers to the frame, nobody can write to it any more.
        from.forbid_writing(index);
        Slot* place = TRY(slots_.make(index - first));
        TRY_STATUS(copy_slot(*slot, *place, index - first));
    }
    return Status::Ok;
}

// Where a frame cannot have another slot, the copy gets one of its own. Its record names nobody
// until the page is shown: who finds an object by a frame locks it, and this one is not locked.
Status AnonymousObject::copy_slot(const Slot& from, Slot& to, uint64_t index) {
    if (from.is_swapped()) return copy_swapped(from, to, index);
    TRY_STATUS(charge_page());
    if (memory_.share_page(from.frame()) == Status::Ok) {
        fill(to, from.frame());
        return Status::Ok;
    }
    discharge_page();
    const PhysicalAddress frame = TRY(new_page({nullptr, index, use()}, {}));
    memcpy(hal::Machine::direct(frame), hal::Machine::direct(from.frame()), hal::page_size);
    fill(to, frame);
    return Status::Ok;
}

Result<PhysicalAddress> AnonymousObject::new_page(const PageOwner& owner,
                                                  const FramePlacement& placement) {
    TRY_STATUS(charge_page());
    const Result<PhysicalAddress> frame = memory_.allocate_page(owner, placement);
    if (!frame.ok()) discharge_page();
    return frame;
}

// Precondition: the page is charged.
void AnonymousObject::fill(Slot& slot, PhysicalAddress frame) {
    slot = Slot::present(frame);
    if (account_ != nullptr) account_->pages.fetch_add(1, std::memory_order_relaxed);
}

Result<ObjectPage> AnonymousObject::page(uint64_t index, bool write,
                                         const FramePlacement& placement) {
    Slot& slot = *TRY(slots_.make(index));
    if (slot.is_empty()) {
        if (file_ != nullptr && file_first_ + index < file_->pages()) {
            return take_from_file(slot, index, write, placement);
        }
        return make_zero(slot, index, placement);
    }
    if (slot.is_swapped()) {
        TRY_STATUS(swap_in(slot, index, placement));
        return ObjectPage{slot.frame(), true, PageOrigin::Swap};
    }
    const bool alone = memory_.shares_of(slot.frame()) == 1;
    if (alone) memory_.take_over(slot.frame(), owner_of(index));
    if (alone || !write) return ObjectPage{slot.frame(), alone, PageOrigin::Present};
    return break_sharing(slot, index, placement);
}

Result<ObjectPage> AnonymousObject::make_zero(Slot& slot, uint64_t index,
                                              const FramePlacement& placement) {
    const PhysicalAddress frame = TRY(new_page(owner_of(index), placement));
    memset(hal::Machine::direct(frame), 0, hal::page_size);
    fill(slot, frame);
    return ObjectPage{frame, true, PageOrigin::Zero};
}

// A page that is only read stays the file's.
Result<ObjectPage> AnonymousObject::take_from_file(Slot& slot, uint64_t index, bool write,
                                                   const FramePlacement& placement) {
    const uint64_t file_index = file_first_ + index;
    if (write) {
        const PhysicalAddress frame = TRY(new_page(owner_of(index), placement));
        file_->read_page(file_index, frame);
        fill(slot, frame);
        return ObjectPage{frame, true, PageOrigin::File};
    }
    const LockGuard guard(file_->lock());
    const ObjectPage page = TRY(file_->page(file_index, false, placement));
    TRY_STATUS(charge_page());
    if (memory_.share_page(page.frame) != Status::Ok) {
        discharge_page();
        return take_from_file(slot, index, true, placement);
    }
    fill(slot, page.frame);
    return page;
}

Result<ObjectPage> AnonymousObject::break_sharing(Slot& slot, uint64_t index,
                                                  const FramePlacement& placement) {
    const PhysicalAddress shared = slot.frame();
    const PhysicalAddress frame = TRY(memory_.allocate_page(owner_of(index), placement));
    memcpy(hal::Machine::direct(frame), hal::Machine::direct(shared), hal::page_size);
    hide(index);
    slot = Slot::present(frame);
    memory_.release_page(shared);
    return ObjectPage{frame, true, PageOrigin::Copy};
}

Status AnonymousObject::settle(uint64_t index, PhysicalAddress frame) {
    Slot& slot = *TRY(slots_.make(index));
    void* to = hal::Machine::direct(frame);
    if (slot.is_empty()) {
        if (file_ != nullptr && file_first_ + index < file_->pages()) return Status::Busy;
        if (charge_page() != Status::Ok) return Status::Busy;
        memset(to, 0, hal::page_size);
        memory_.adopt_page(frame, owner_of(index));
        fill(slot, frame);
        return Status::Ok;
    }
    if (!slot.is_present() || memory_.shares_of(slot.frame()) != 1) return Status::Busy;
    const PhysicalAddress before = slot.frame();
    hide(index);
    memcpy(to, hal::Machine::direct(before), hal::page_size);
    memory_.adopt_page(frame, owner_of(index));
    slot = Slot::present(frame);
    memory_.release_page(before);
    return Status::Ok;
}

uint64_t AnonymousObject::next_present(uint64_t index, uint64_t end) {
    (void)slots_.next(index, end);
    return index;
}

void AnonymousObject::drop(uint64_t index) {
    const Slot slot = slots_.get(index);
    if (slot.is_empty()) return;
    slots_.clear(index);
    if (slot.is_swapped()) return drop_swapped(slot);
    memory_.release_page(slot.frame());
    if (account_ != nullptr) account_->pages.fetch_sub(1, std::memory_order_relaxed);
    discharge_page();
}

void AnonymousObject::destroy() {
    drop_all();
    if (file_ != nullptr) file_->release();
    memory_.reclaim().wait_for_look();
    if (account_ == nullptr && domain_ != nullptr) domain_->release(memory_.heap());
    memory_.heap().destroy(this);
}

}  // namespace kernel
