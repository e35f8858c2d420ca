// SPDX-License-Identifier: Apache-2.0
// The address space of a task: faults.
#include "kernel/abi/syscall.hpp"
#include "kernel/memory/address_space.hpp"

#include <string.h>

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;

constexpr VirtualAddress page_of(VirtualAddress address) {
    return address & ~(page - 1);
}

}  // namespace

Status AddressSpace::fault(VirtualAddress address, uint32_t access) {
    const auto attempt = [&] {
        return insist([&] {
            const LockGuard guard(lock_);
            return resolve(address, access);
        });
    };
    const Status status = attempt();
    if (status != Status::Ok || memory_.huge_pages() == Memory::HugePages::Never) return status;
    // A block that could not be finished has hidden pages, perhaps this one: left at that, the same
    // fault would come again, and begin the same block.
    return consider_block(address) ? attempt() : status;
}

Status AddressSpace::resolve(VirtualAddress address, uint32_t access) {
    Region* region = regions_.at(address);
    if (region == nullptr || region->dying) return Status::BadAddress;
    if ((region->protection & access) != access) return Status::BadAddress;
    const LockGuard guard(region->object->lock());
    const bool write = (access & abi::ProtectionWrite) != 0;
    const Status status = show(*region, page_of(address), write).status();
    return status == Status::PermissionDenied ? Status::BadAddress : status;
}

// Both the space and the object are locked. Whatever fails, the page may be in the object already
// when it is tried again.
Result<PhysicalAddress> AddressSpace::show(Region& region, VirtualAddress address, bool write) {
    const uint64_t index = region.index_of(address);
    MemoryObject& object = *region.object;
    const bool comes = region.is_overcommitted && object.look(index).is_empty();
    if (comes && !has_room(1)) return Status::LimitReached;
    FramePlacement placement = region.placement;
    placement.position = index;
    const ObjectPage got = TRY(object.page(index, write, placement));
    if (comes) ++charged_;
    count(got.origin);
    const uint32_t refused = got.writable ? 0U : abi::ProtectionWrite;
    TRY_STATUS(tables_.show(address, got.frame, region.protection & ~refused, got.type));
    return got.frame;
}

void AddressSpace::count(PageOrigin origin) {
    abi::MemoryEvents& events = memory_.events();
    switch (origin) {
        case PageOrigin::Present: ++events.faults_present; break;
        case PageOrigin::Zero: ++events.faults_zero; break;
        case PageOrigin::File: ++events.faults_file; break;
        case PageOrigin::Copy: ++events.faults_copy; break;
        case PageOrigin::Swap: ++events.faults_swap; break;
    }
}

Status AddressSpace::populate(VirtualAddress address, uint64_t size) {
    TRY_STATUS(check_range(address, size));
    for (VirtualAddress at = address; at < address + size; at += page) {
        if (is_stopped()) return Status::Busy;
        const Status status = insist([&]() -> Status {
            const LockGuard guard(lock_);
            Region* region = regions_.at(at);
            if (region == nullptr || region->dying) return Status::NotFound;
            const LockGuard object_guard(region->object->lock());
            const bool write = (region->protection & abi::ProtectionWrite) != 0;
            return show(*region, at, write).status();
        });
        if (status != Status::Ok) return status;
        preemption_point();
    }
    return Status::Ok;
}

Status AddressSpace::load(VirtualAddress to, const void* from, uint64_t size) {
    if (size == 0) return Status::Ok;
    if (to >= abi::user_end || size > abi::user_end - to) return Status::BadAddress;
    for (uint64_t done = 0; done < size;) {
        const uint64_t room = page - (to + done) % page;
        const uint64_t length = size - done < room ? size - done : room;
        const auto* source = static_cast<const char*>(from) + done;
        const VirtualAddress at = to + done;
        TRY_STATUS(insist([&] { return load_piece(at, source, length); }));
        done += length;
    }
    return Status::Ok;
}

Status AddressSpace::load_piece(VirtualAddress to, const void* from, uint64_t size) {
    const LockGuard guard(lock_);
    Region* region = regions_.at(to);
    if (region == nullptr || region->dying || !region->is_charged) return Status::BadAddress;
    const LockGuard object_guard(region->object->lock());
    const PhysicalAddress frame = TRY(show(*region, page_of(to), true));
    char* piece = static_cast<char*>(hal::Machine::direct(frame)) + to % page;
    memcpy(piece, from, size);
    if ((region->protection & abi::ProtectionExecute) != 0) {
        hal::Machine::synchronise_code(piece, size);
    }
    return Status::Ok;
}

Status AddressSpace::query(VirtualAddress address, abi::PageInfo& info) {
    const LockGuard guard(lock_);
    const Region* region = regions_.at(address);
    if (region == nullptr || region->dying) return Status::NotFound;
    MemoryObject& object = *region->object;
    const LockGuard object_guard(object.lock());
    const Slot slot = object.look(region->index_of(address));
    info = abi::PageInfo{};
    info.region_begin = region->begin;
    info.region_size = region->end - region->begin;
    info.protection = region->protection;
    info.kind = static_cast<uint32_t>(object.kind());
    info.resident = slot.is_present() ? 1 : 0;
    info.swapped = slot.is_swapped() ? 1 : 0;
    if (slot.is_present() && object.kind() != MemoryObject::Kind::Physical) {
        info.shares = memory_.shares_of(slot.frame());
        info.node = memory_.frames().node_index_of(slot.frame());
    }
    const LockGuard table_guard(tables_.lock());
    const Result<Mapping> mapping = tables_.walk(address);
    info.mapped = mapping.ok() ? mapping.value().protection : 0;
    info.huge = mapping.ok() && mapping.value().order != 0 ? 1 : 0;
    return Status::Ok;
}

}  // namespace kernel
