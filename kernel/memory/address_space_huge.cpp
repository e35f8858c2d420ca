// SPDX-License-Identifier: Apache-2.0
// The address space of a task: mappings of 2 MiB.
//
// A block of frames is only a matter of where pages lie: to the allocator and to the object they
// are 512 frames. A block comes about page by page, in bounded steps: a page that is not there is
// cleared in its place of the block, one that is there moves to it, and in the end all 512 are
// mapped at once. A step finds everything as it may be; if the block cannot be finished, pages stay
// where they have got to and what is left of the block is freed.
#include "kernel/abi/syscall.hpp"
#include "kernel/memory/address_space.hpp"
#include "kernel/memory/objects/anonymous_object.hpp"
#include "kernel/memory/pressure/compaction.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;
constexpr unsigned block_pages = 1U << huge_order;
constexpr unsigned batch = 8;  // pages between preemption points

}  // namespace

// The region that could show a block at `block`, which is aligned to one, of that object; or null.
Region* AddressSpace::region_for_block(VirtualAddress block, const MemoryObject* object) const {
    Region* region = regions_.at(block);
    if (region == nullptr || region->dying || region->busy || !region->is_charged) return nullptr;
    if (region->refuses_blocks || region->end - block < block_size) return nullptr;
    if (object != nullptr && region->object != object) return nullptr;
    return region;
}

// Whether a block is wanted around a page that has just been touched.
bool AddressSpace::wants_block(VirtualAddress address) {
    const Memory::HugePages mode = memory_.huge_pages();
    if (mode == Memory::HugePages::Never) return false;
    const VirtualAddress block = address & ~(block_size - 1);
    // Whether all pages are there is looked at now and then only.
    constexpr uint64_t interval = 64;
    const bool promotes = mode == Memory::HugePages::Promote;
    if (promotes && (address - block) / page % interval != interval - 1) return false;
    const LockGuard guard(lock_);
    Region* region = region_for_block(block, nullptr);
    if (region == nullptr) return false;
    // A block that nobody asked for must not be what the task's limit is met by.
    if (region->is_overcommitted && !has_room(block_pages)) return false;
    {
        const LockGuard table_guard(tables_.lock());
        const Result<Mapping> mapping = tables_.walk(block);
        if (mapping.ok() && mapping.value().order != 0) return false;
    }
    MemoryObject& object = *region->object;
    const LockGuard object_guard(object.lock());
    const uint64_t first = region->index_of(block);
    const uint64_t there = object.next_present(first, first + block_pages);
    // The page itself may be the only one that is there.
    if (!promotes) return there == first + block_pages || there == region->index_of(address);
    for (uint64_t i = 0; i < block_pages; ++i) {
        const Slot slot = object.look(first + i);
        if (!slot.is_present() || memory_.shares_of(slot.frame()) != 1) return false;
    }
    return true;
}

// Makes the 2 MiB around an address one mapping. NotFound where no region could have one,
// NoMemory, Unsupported by the page-frame strategy, Busy where a page cannot be moved.
Status AddressSpace::make_block(VirtualAddress address) {
    const VirtualAddress block = address & ~(block_size - 1);
    MemoryObject* object;
    FramePlacement placement;
    {
        const LockGuard guard(lock_);
        const Region* region = region_for_block(block, nullptr);
        if (region == nullptr) return Status::NotFound;
        object = region->object;
        object->reference();
        placement = region->placement;
        placement.position = region->index_of(block);
    }
    const FrameUse use = object->use();
    const Result<PhysicalAddress> frames = memory_.allocate_block(use, placement);
    Status status = frames.status();
    if (status == Status::Ok) {
        memory_.frames().split(frames.value(), huge_order);
        unsigned settled = 0;
        status = settle_block(*object, block, frames.value(), settled);
        for (unsigned i = settled; i < block_pages; ++i) {
            memory_.frames().free(frames.value() + i * page, use);
            if (i % batch == 0) preemption_point();
        }
    }
    object->release();
    return status;
}

// Brings all pages to their places; `settled` is how many have got there.
Status AddressSpace::settle_block(MemoryObject& object, VirtualAddress block,
                                  PhysicalAddress frames, unsigned& settled) {
    auto& memory = static_cast<AnonymousObject&>(object);
    while (settled < block_pages) {
        {
            const LockGuard guard(lock_);
            const Region* region = region_for_block(block, &object);
            if (region == nullptr) return Status::NotFound;
            const LockGuard object_guard(object.lock());
            const uint64_t first = region->index_of(block);
            for (unsigned i = 0; i < batch; ++i, ++settled) {
                const uint64_t index = first + settled;
                const bool comes = region->is_overcommitted && object.look(index).is_empty();
                if (comes && !has_room(1)) return Status::LimitReached;
                TRY_STATUS(memory.settle(index, frames + settled * page));
                if (comes) ++charged_;
            }
        }
        preemption_point();
    }
    const LockGuard guard(lock_);
    const Region* region = region_for_block(block, &object);
    if (region == nullptr) return Status::NotFound;
    const LockGuard object_guard(object.lock());
    const uint64_t first = region->index_of(block);
    for (unsigned i = 0; i < block_pages; ++i) {
        const Slot slot = object.look(first + i);
        if (!slot.is_present() || slot.frame() != frames + i * page) return Status::Busy;
        if (memory_.shares_of(slot.frame()) != 1) return Status::Busy;
    }
    return tables_.show_block(block, frames, region->protection);
}

// After a fault has been resolved. That there is no block is no failure.
bool AddressSpace::consider_block(VirtualAddress address) {
    if (!wants_block(address)) return false;
    if (make_block(address) != Status::Ok) return true;
    abi::MemoryEvents& events = memory_.events();
    if (memory_.huge_pages() == Memory::HugePages::Promote) {
        ++events.promotions;
    } else {
        ++events.faults_huge;
    }
    return false;
}

// Whether a region of the range refuses blocks.
bool AddressSpace::has_refusal(VirtualAddress address, VirtualAddress end) {
    const LockGuard guard(lock_);
    for (unsigned i = regions_.position_of(address); i < regions_.size(); ++i) {
        if (regions_[i].begin >= end) break;
        if (regions_[i].refuses_blocks) return true;
    }
    return false;
}

Status AddressSpace::mark_blocks(VirtualAddress address, VirtualAddress end, bool refused) {
    const Status marked = memory_.insist([&] {
        const LockGuard guard(lock_);
        TRY_STATUS(isolate(address, end));
        for (unsigned i = regions_.position_of(address); i < regions_.size(); ++i) {
            if (regions_[i].begin >= end) break;
            regions_[i].refuses_blocks = refused;
            regions_[i].busy = false;
        }
        return Status::Ok;
    });
    join(address, end);
    return marked;
}

Status AddressSpace::refuse_blocks(VirtualAddress address, uint64_t size) {
    TRY_STATUS(check_range(address, size));
    const VirtualAddress end = address + size;
    TRY_STATUS(mark_blocks(address, end, true));
    // No new ones come about meanwhile.
    for (VirtualAddress at = address & ~(block_size - 1); at < end; at += block_size) {
        if (is_stopped()) return Status::Busy;
        tables_.cut(at + page);
        preemption_point();
    }
    return Status::Ok;
}

Status AddressSpace::want_blocks(VirtualAddress address, uint64_t size) {
    TRY_STATUS(check_range(address, size));
    if (has_refusal(address, address + size)) {
        TRY_STATUS(mark_blocks(address, address + size, false));
    }
    const VirtualAddress begin = (address + block_size - 1) & ~(block_size - 1);
    for (VirtualAddress at = begin; at < address + size; at += block_size) {
        if (address + size - at < block_size) break;
        if (is_stopped()) return Status::Busy;
        {
            const LockGuard guard(tables_.lock());
            const Result<Mapping> mapping = tables_.walk(at);
            if (mapping.ok() && mapping.value().order != 0) continue;
        }
        // Where there is memory enough, though in pieces, more of it is no help.
        Status status = make_block(at);
        while (status == Status::NoMemory &&
               !Compaction::has_room(memory_, memory_.frames().lacking_nodes()) &&
               memory_.make_room()) {
            status = make_block(at);
        }
        TRY_STATUS(status);
        ++memory_.events().promotions;
    }
    return Status::Ok;
}

}  // namespace kernel
