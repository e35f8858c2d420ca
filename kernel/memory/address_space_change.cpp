// SPDX-License-Identifier: Apache-2.0
// The address space of a task: what changes memory that is mapped.
#include "kernel/abi/syscall.hpp"
#include "kernel/memory/address_space.hpp"
#include "kernel/memory/objects/anonymous_object.hpp"

namespace kernel {
namespace {

constexpr unsigned batch = 16;  // pages between preemption points

}  // namespace

// Every page of the range belongs to a region, and none of them is being changed.
Status AddressSpace::check_covered(VirtualAddress address, VirtualAddress end) const {
    for (unsigned i = regions_.position_of(address); address < end; ++i) {
        if (i == regions_.size() || regions_[i].begin > address) return Status::NotFound;
        if (regions_[i].busy) return Status::Busy;
        address = regions_[i].end;
    }
    return Status::Ok;
}

// Makes a region end at `address`, with another one from there on.
Status AddressSpace::split_at(VirtualAddress address) {
    Region* region = regions_.at(address);
    if (region == nullptr || region->begin == address) return Status::Ok;
    if (regions_.is_full()) return Status::LimitReached;
    Region* upper = TRY(memory_.heap().create<Region>());
    MemoryObject& object = *region->object;
    *upper = *region;
    upper->object_node = ListNode();
    object.reference();
    if (region->handle != Region::no_handle) objects_.add_region(region->handle);

    regions_.remove(*region);
    {
        const LockGuard guard(object.lock());
        upper->offset = region->index_of(address);
        upper->begin = address;
        region->end = address;
        object.add(*upper);
    }
    regions_.insert(*region);
    regions_.insert(*upper);
    return Status::Ok;
}

// Makes region borders of both ends of a range that is wholly covered, and its regions busy. On an
// error nothing has changed but for a harmless border, which join() takes away.
Status AddressSpace::isolate(VirtualAddress address, VirtualAddress end) {
    TRY_STATUS(check_covered(address, end));
    TRY_STATUS(split_at(address));
    TRY_STATUS(split_at(end));
    for (unsigned i = regions_.position_of(address); i < regions_.size(); ++i) {
        if (regions_[i].begin >= end) break;
        regions_[i].busy = true;
    }
    return Status::Ok;
}

// The region at `address`, which moves behind it; null at the end of the range.
Region* AddressSpace::next_busy(VirtualAddress& address, VirtualAddress end) {
    if (address >= end) return nullptr;
    const LockGuard guard(lock_);
    Region* region = regions_.at(address);
    KERNEL_ASSERT(region != nullptr && region->busy);
    address = region->end;
    return region;
}

Status AddressSpace::unmap(VirtualAddress address, uint64_t size) {
    TRY_STATUS(check_range(address, size));
    const VirtualAddress end = address + size;
    const Status isolated = memory_.insist([&] {
        const LockGuard guard(lock_);
        TRY_STATUS(isolate(address, end));
        for (unsigned i = regions_.position_of(address); i < regions_.size(); ++i) {
            if (regions_[i].begin >= end) break;
            regions_[i].dying = true;
        }
        return Status::Ok;
    });
    if (isolated != Status::Ok) {
        join(address, end);
        return isolated;
    }
    // The regions of the range are ours alone now: nobody touches a dying region.
    while (Region* region = next_busy(address, end)) tear_down(*region);
    return Status::Ok;
}

// Takes the pages of a region out of the tables, with preemption points, and frees them if they are
// to be dropped. Returns how many were. Precondition: the region shows nothing new.
uint64_t AddressSpace::hide(Region& region, bool drop) {
    tables_.cut(region.begin);
    tables_.cut(region.end);
    for (VirtualAddress at = region.begin; at < region.end;) {
        tables_.hide_some(at, region.end);
        preemption_point();
    }
    return drop ? drop_hidden(region) : 0;
}

// Frees the pages of a region that shows none of them any more; how many.
uint64_t AddressSpace::drop_hidden(const Region& region) {
    MemoryObject& object = *region.object;
    const uint64_t end = region.offset + region.pages();
    uint64_t dropped = 0;
    for (uint64_t index = region.offset; index < end;) {
        {
            const LockGuard guard(object.lock());
            for (unsigned i = 0; i < batch; ++i, ++index) {
                index = object.next_present(index, end);
                if (index >= end) break;
                object.drop(index);
                ++dropped;
            }
        }
        preemption_point();
    }
    return dropped;
}

Status AddressSpace::check_change(VirtualAddress address, VirtualAddress end,
                                  uint32_t protection) const {
    TRY_STATUS(check_covered(address, end));
    for (unsigned i = regions_.position_of(address); i < regions_.size(); ++i) {
        const Region& region = regions_[i];
        if (region.begin >= end) break;
        const bool writes = (protection & abi::ProtectionWrite) != 0;
        if ((protection & ~region.allowed) != 0) return Status::PermissionDenied;
        const MemoryObject::Kind kind = region.object->kind();
        if (kind == MemoryObject::Kind::Physical) return Status::PermissionDenied;
        if (kind == MemoryObject::Kind::File && writes) return Status::PermissionDenied;
    }
    return Status::Ok;
}

// Rights that go are taken at once; those that come are found by faults.
Status AddressSpace::protect(VirtualAddress address, uint64_t size, uint32_t protection) {
    TRY_STATUS(check_range(address, size));
    TRY_STATUS(check_protection(protection));
    const VirtualAddress end = address + size;
    const Status isolated = memory_.insist([&] {
        const LockGuard guard(lock_);
        TRY_STATUS(check_change(address, end, protection));
        return isolate(address, end);
    });
    if (isolated == Status::Ok) {
        // The regions of the range change by us alone now; faults and copies by the kernel go on.
        VirtualAddress at = address;
        while (Region* region = next_busy(at, end)) restrict(*region, protection);
    }
    join(address, end);
    return isolated;
}

void AddressSpace::restrict(Region& region, uint32_t protection) {
    uint32_t before;
    {
        const LockGuard guard(lock_);
        before = region.protection;
        region.protection = protection;
    }
    if ((before & ~protection) != 0) {
        tables_.cut(region.begin);
        tables_.cut(region.end);
        for (VirtualAddress at = region.begin; at < region.end;) {
            tables_.restrict_some(at, region.end, protection);
            preemption_point();
        }
    }
    const LockGuard guard(lock_);
    region.busy = false;
}

// Regions stay whole, as what they are does not change: a program that discards page by page would
// run out of regions.
Status AddressSpace::discard(VirtualAddress address, uint64_t size) {
    TRY_STATUS(check_range(address, size));
    const VirtualAddress end = address + size;
    {
        const LockGuard guard(lock_);
        TRY_STATUS(check_covered(address, end));
        for (unsigned i = regions_.position_of(address); i < regions_.size(); ++i) {
            if (regions_[i].begin >= end) break;
            if (!regions_[i].is_charged) return Status::PermissionDenied;
        }
    }
    while (address < end) {
        TRY_STATUS(discard_some(address, end));
        preemption_point();
    }
    return Status::Ok;
}

// Some pages from `address` on, which moves behind them. Regions may have changed since.
Status AddressSpace::discard_some(VirtualAddress& address, VirtualAddress end) {
    const LockGuard guard(lock_);
    Region* region = regions_.at(address);
    if (region == nullptr) return Status::NotFound;
    if (region->busy) return Status::Busy;
    if (!region->is_charged) return Status::PermissionDenied;
    MemoryObject& object = *region->object;
    const LockGuard object_guard(object.lock());
    const VirtualAddress stop = end < region->end ? end : region->end;
    const uint64_t last = region->offset + (stop - region->begin) / hal::page_size;
    uint64_t index = region->index_of(address);
    for (unsigned i = 0; i < batch; ++i, ++index) {
        index = object.next_present(index, last);
        if (index >= last) break;
        drop_shown(*region, index, stop);
        if (region->is_overcommitted) --charged_;
    }
    address = region->address_of(index);
    return Status::Ok;
}

// The object is locked. Takes a page that is there, of a range up to `end`, away and frees it.
void AddressSpace::drop_shown(Region& region, uint64_t index, VirtualAddress end) {
    const VirtualAddress at = region.address_of(index);
    // A block that goes as a whole need not become pages first.
    if (at % block_size == 0 && end - at >= block_size) tables_.hide_block(at);
    tables_.hide(at);
    region.object->drop(index);
}

Result<VirtualAddress> AddressSpace::copy(VirtualAddress address, uint64_t size) {
    TRY_STATUS(check_range(address, size));
    MapRequest request{.size = size};
    MemoryObject* from;
    uint64_t first;
    {
        const LockGuard guard(lock_);
        const Region* region = regions_.at(address);
        if (region == nullptr || region->dying) return Status::NotFound;
        if (address + size > region->end) return Status::InvalidArgument;
        from = region->object;
        from->reference();
        first = region->index_of(address);
        request.protection = region->protection;
        request.placement = region->placement;
    }
    const Result<AnonymousObject*> copied = copy_of(*from, first, size / hal::page_size, account());
    from->release();
    request.object = TRY(copied);
    return map(request);
}

Result<AnonymousObject*> AddressSpace::copy_of(MemoryObject& from, uint64_t first, uint64_t pages,
                                               PageAccount* account) {
    return AnonymousObject::copy(memory_, from, first, pages, account, &stopped_, domain());
}

}  // namespace kernel
