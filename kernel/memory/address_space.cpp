// SPDX-License-Identifier: Apache-2.0
// The address space of a task: regions.
#include "kernel/memory/address_space.hpp"

#include "kernel/abi/syscall.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;
constexpr unsigned batch = 16;                             // pages between preemption points
constexpr VirtualAddress hole_search_begin = 0x1000'0000;  // above where programs are linked

bool aligned(uint64_t value) {
    return value % page == 0;
}

Status check_range(VirtualAddress address, uint64_t size) {
    if (size == 0 || !aligned(address)) return Status::InvalidArgument;
    if (address < abi::user_base || address >= abi::user_end) return Status::InvalidArgument;
    if (size > abi::user_end - address) return Status::InvalidArgument;
    return Status::Ok;
}

}  // namespace

Status check_protection(uint32_t protection) {
    constexpr uint32_t all = abi::ProtectionRead | abi::ProtectionWrite | abi::ProtectionExecute;
    constexpr uint32_t write_execute = abi::ProtectionWrite | abi::ProtectionExecute;
    if ((protection & ~all) != 0) return Status::InvalidArgument;
    if ((protection & abi::ProtectionRead) == 0) return Status::InvalidArgument;
    if ((protection & write_execute) == write_execute) return Status::PermissionDenied;
    return Status::Ok;
}

Status AddressSpace::create() {
    return table_.create();
}

void AddressSpace::destroy() {
    table_.retire();
    while (Region* region = regions_.front()) {
        region->busy = true;
        depopulate(*region, region->end);
        remove(*region);
    }
    table_.destroy();
}

Status AddressSpace::charge(uint64_t frames) {
    const LockGuard guard(lock_);
    if (frames > frame_limit_ || frames_owned() > frame_limit_ - frames) {
        return Status::LimitReached;
    }
    charged_ += frames;
    return Status::Ok;
}

void AddressSpace::discharge(uint64_t frames) {
    const LockGuard guard(lock_);
    KERNEL_ASSERT(frames <= charged_);
    charged_ -= frames;
}

Result<VirtualAddress> AddressSpace::map(uint64_t size, uint32_t protection,
                                         VirtualAddress address) {
    TRY_STATUS(check_protection(protection));
    if (!aligned(size)) return Status::InvalidArgument;
    Region* region = TRY(insert(size, protection, address, false));
    TRY_STATUS(populate(*region, 0));
    return region->begin;
}

Result<VirtualAddress> AddressSpace::map_borrowed(PhysicalAddress begin, uint64_t size,
                                                  uint32_t protection) {
    Region* region = TRY(insert(size, protection, 0, true));
    TRY_STATUS(populate(*region, begin));
    return region->begin;
}

Status AddressSpace::unmap(VirtualAddress address, uint64_t size) {
    TRY_STATUS(check_range(address, size));
    if (!aligned(size)) return Status::InvalidArgument;
    const VirtualAddress end = address + size;
    {
        const LockGuard guard(lock_);
        TRY_STATUS(isolate(address, end));
        set_busy(address, end, true);
    }
    // The regions of the range are ours alone now: nobody touches a busy region.
    while (address < end) {
        Region* region;
        {
            const LockGuard guard(lock_);
            region = region_at(address);
        }
        const VirtualAddress next = region->end;
        depopulate(*region, region->end);
        const LockGuard guard(lock_);
        remove(*region);
        address = next;
    }
    return Status::Ok;
}

Status AddressSpace::protect(VirtualAddress address, uint64_t size, uint32_t protection) {
    TRY_STATUS(check_range(address, size));
    TRY_STATUS(check_protection(protection));
    if (!aligned(size)) return Status::InvalidArgument;
    const VirtualAddress end = address + size;

    {
        const LockGuard guard(lock_);
        TRY_STATUS(check_covered(address, end));
        if (any_borrowed(address, end)) return Status::PermissionDenied;
        TRY_STATUS(isolate(address, end));
        set_busy(address, end, true);
    }
    // The regions of the range are ours alone now; copies by the kernel go on.
    for (VirtualAddress at = address; at < end;) {
        {
            const LockGuard guard(lock_);
            for (unsigned i = 0; i < batch && at < end; ++i, at += page) {
                protect_page(at, protection);
            }
        }
        preemption_point();
    }
    const LockGuard guard(lock_);
    for (Region* region = region_at(address); region != nullptr && region->begin < end;
         region = regions_.next(*region)) {
        region->protection = protection;
    }
    set_busy(address, end, false);
    return Status::Ok;
}

void AddressSpace::protect_page(VirtualAddress at, uint32_t protection) {
    const Result<Mapping> mapping = table_.walk(at);
    KERNEL_ASSERT(mapping.ok());
    if ((protection & abi::ProtectionExecute) != 0) {
        hal::Machine::synchronise_code(hal::Machine::direct(mapping.value().frame), page);
    }
    KERNEL_ASSERT(table_.protect(at, protection) == Status::Ok);
}

bool AddressSpace::any_borrowed(VirtualAddress address, VirtualAddress end) {
    for (Region* region = region_at(address); region != nullptr && region->begin < end;
         region = regions_.next(*region)) {
        if (region->borrowed) return true;
    }
    return false;
}

// Precondition: the range ends at borders of regions.
void AddressSpace::set_busy(VirtualAddress address, VirtualAddress end, bool busy) {
    for (Region* region = region_at(address); region != nullptr && region->begin < end;
         region = regions_.next(*region)) {
        region->busy = busy;
    }
}

Result<AddressSpace::Region*> AddressSpace::insert(uint64_t size, uint32_t protection,
                                                   VirtualAddress address, bool borrowed) {
    if (size == 0 || size > abi::user_end) return Status::InvalidArgument;
    size = (size + page - 1) & ~(page - 1);
    if (address != 0) TRY_STATUS(check_range(address, size));

    const LockGuard guard(lock_);
    if (regions_.size() >= max_regions) return Status::LimitReached;
    if (!borrowed && frames_owned() + size / page > frame_limit_) return Status::LimitReached;
    if (address == 0) address = TRY(find_hole(size));
    Region* after = regions_.front();
    while (after != nullptr && after->end <= address) after = regions_.next(*after);
    if (after != nullptr && after->begin < address + size) return Status::Busy;

    Region* region = TRY(heap_.create<Region>());
    region->begin = address;
    region->end = address + size;
    region->protection = protection;
    region->borrowed = borrowed;
    region->busy = true;
    if (after == nullptr) {
        regions_.push_back(*region);
    } else {
        regions_.insert_before(*after, *region);
    }
    return region;
}

Result<VirtualAddress> AddressSpace::find_hole(uint64_t size) {
    // A page stays free between regions that the kernel places, so that overruns are noticed.
    VirtualAddress candidate = hole_search_begin;
    for (Region* region = regions_.front(); region != nullptr; region = regions_.next(*region)) {
        if (region->end <= candidate) continue;
        if (region->begin >= candidate + size + page) break;
        candidate = region->end + page;
        if (candidate >= abi::user_end) return Status::NoMemory;
    }
    if (size + page > abi::user_end - candidate) return Status::NoMemory;
    return candidate;
}

Status AddressSpace::populate(Region& region, PhysicalAddress borrowed_from) {
    for (VirtualAddress at = region.begin; at < region.end;) {
        Status status = Status::Ok;
        {
            const LockGuard guard(lock_);
            for (unsigned i = 0; i < batch && at < region.end && status == Status::Ok; ++i) {
                status = populate_page(region, at, borrowed_from);
                if (status == Status::Ok) at += page;
            }
        }
        if (status != Status::Ok) {
            depopulate(region, at);
            const LockGuard guard(lock_);
            remove(region);
            return status;
        }
        preemption_point();
    }
    const LockGuard guard(lock_);
    region.busy = false;
    return Status::Ok;
}

Status AddressSpace::populate_page(Region& region, VirtualAddress at,
                                   PhysicalAddress borrowed_from) {
    const uint64_t needed = table_.missing_tables(at) + (region.borrowed ? 0U : 1U);
    if (frames_owned() + needed > frame_limit_) return Status::LimitReached;
    if (region.borrowed) {
        return table_.map(at, borrowed_from + (at - region.begin), region.protection);
    }
    const PhysicalAddress frame = TRY(frames_.allocate_zeroed(0, use(), Mobility::Movable));
    // What the frame held before must not be executed, so this comes before it can be reached.
    if ((region.protection & abi::ProtectionExecute) != 0) {
        hal::Machine::synchronise_code(hal::Machine::direct(frame), page);
    }
    const Status status = table_.map(at, frame, region.protection);
    if (status != Status::Ok) {
        frames_.free(frame, use());
        return status;
    }
    ++owned_;
    return Status::Ok;
}

void AddressSpace::depopulate(Region& region, VirtualAddress up_to) {
    for (VirtualAddress at = region.begin; at < up_to;) {
        {
            const LockGuard guard(lock_);
            for (unsigned i = 0; i < batch && at < up_to; ++i, at += page) {
                const Result<Mapping> mapping = table_.unmap(at);
                KERNEL_ASSERT(mapping.ok());
                if (region.borrowed) continue;
                frames_.free(mapping.value().frame, use());
                --owned_;
            }
        }
        preemption_point();
    }
}

void AddressSpace::remove(Region& region) {
    regions_.remove(region);
    heap_.destroy(&region);
}

AddressSpace::Region* AddressSpace::region_at(VirtualAddress address) {
    for (Region* region = regions_.front(); region != nullptr; region = regions_.next(*region)) {
        if (address < region->begin) return nullptr;
        if (address < region->end) return region;
    }
    return nullptr;
}

// Every page of the range belongs to a region, and none of them is busy.
Status AddressSpace::check_covered(VirtualAddress address, VirtualAddress end) {
    while (address < end) {
        const Region* region = region_at(address);
        if (region == nullptr) return Status::NotFound;
        if (region->busy) return Status::Busy;
        address = region->end;
    }
    return Status::Ok;
}

// Makes the region that holds `address` end there, with a second region from there on.
Result<AddressSpace::Region*> AddressSpace::split_at(VirtualAddress address) {
    Region* region = region_at(address);
    if (region == nullptr || region->begin == address) return region;
    if (regions_.size() >= max_regions) return Status::LimitReached;
    Region* upper = TRY(heap_.create<Region>());
    upper->begin = address;
    upper->end = region->end;
    upper->protection = region->protection;
    upper->borrowed = region->borrowed;
    upper->busy = region->busy;
    region->end = address;
    if (Region* after = regions_.next(*region)) {
        regions_.insert_before(*after, *upper);
    } else {
        regions_.push_back(*upper);
    }
    return upper;
}

// Makes region borders of both ends of a range that is wholly covered. On an error nothing has
// changed but for a harmless border.
Status AddressSpace::isolate(VirtualAddress address, VirtualAddress end) {
    TRY_STATUS(check_covered(address, end));
    TRY(split_at(address));
    TRY(split_at(end));
    return Status::Ok;
}

}  // namespace kernel
