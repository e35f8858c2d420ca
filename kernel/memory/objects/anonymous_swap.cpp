// SPDX-License-Identifier: Apache-2.0
// Anonymous memory that is stored away and had back, and that is moved.
#include <string.h>

#include "kernel/memory/objects/anonymous_object.hpp"

namespace kernel {

// Precondition: what is more is charged.
void AnonymousObject::count_swapped(bool more) {
    if (!more && domain_ != nullptr) domain_->swap().discharge(1);
    if (account_ == nullptr) return;
    const uint64_t change = more ? uint64_t{1} : ~uint64_t{0};
    account_->swapped.fetch_add(change, std::memory_order_relaxed);
}

// The entry stays until the page is there: whatever fails, nothing is lost.
Status AnonymousObject::swap_in(Slot& slot, uint64_t index, const FramePlacement& placement) {
    const SwapEntry entry = slot.swap_entry();
    const PhysicalAddress frame = TRY(new_page(owner_of(index), placement));
    const Status loaded = memory_.swap().load(entry, hal::Machine::direct(frame));
    if (loaded != Status::Ok) {
        memory_.release_page(frame);
        discharge_page();
        return loaded;
    }
    memory_.swap().free(entry);
    fill(slot, frame);
    count_swapped(false);
    memory_.reclaim().count_swapped_in();
    return Status::Ok;
}

Status AnonymousObject::evict(uint64_t index) {
    Slot* slot = slots_.find(index);
    if (slot == nullptr || !slot->is_present()) return Status::NotFound;
    const PhysicalAddress frame = slot->frame();
    if (memory_.shares_of(frame) != 1) return Status::Busy;
    if (!charge_swap()) return Status::NoMemory;
    const Result<SwapEntry> entry =
        memory_.swap().store(hal::Machine::direct(frame), {this, index});
    if (!entry.ok()) {
        if (domain_ != nullptr) domain_->swap().discharge(1);
        return entry.status();
    }
    *slot = Slot::swapped(entry.value());
    memory_.release_page(frame);
    if (account_ != nullptr) account_->pages.fetch_sub(1, std::memory_order_relaxed);
    discharge_page();
    count_swapped(true);
    return Status::Ok;
}

Status AnonymousObject::move_stored(uint64_t index, uint64_t entry) {
    Slot* slot = slots_.find(index);
    if (slot == nullptr || !slot->is_swapped() || slot->swap_entry() != entry) {
        return Status::NotFound;
    }
    *slot = Slot::swapped(TRY(memory_.swap().copy_to_device(entry)));
    memory_.swap().free(entry);
    return Status::Ok;
}

void AnonymousObject::move(uint64_t index, PhysicalAddress to) {
    Slot& slot = *slots_.find(index);
    memcpy(hal::Machine::direct(to), hal::Machine::direct(slot.frame()), hal::page_size);
    memory_.release_page(slot.frame());
    slot = Slot::present(to);
}

void AnonymousObject::drop_swapped(const Slot& slot) {
    memory_.swap().free(slot.swap_entry());
    count_swapped(false);
}

// What is stored away is shared there; where it cannot be, the copy gets a frame, as in
// copy_slot().
Status AnonymousObject::copy_swapped(const Slot& from, Slot& to, uint64_t index) {
    if (charge_swap()) {
        if (memory_.swap().share(from.swap_entry()) == Status::Ok) {
            to = from;
            count_swapped(true);
            return Status::Ok;
        }
        if (domain_ != nullptr) domain_->swap().discharge(1);
    }
    const PhysicalAddress frame = TRY(new_page({nullptr, index, use()}, {}));
    const Status loaded = memory_.swap().load(from.swap_entry(), hal::Machine::direct(frame));
    if (loaded != Status::Ok) {
        memory_.release_page(frame);
        discharge_page();
        return loaded;
    }
    fill(to, frame);
    return Status::Ok;
}

}  // namespace kernel
