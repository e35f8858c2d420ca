// SPDX-License-Identifier: Apache-2.0
// The address space of a task: mapping, handles, the end.
#include "kernel/memory/address_space.hpp"

#include "kernel/abi/syscall.hpp"
#include "kernel/memory/objects/anonymous_object.hpp"
#include "kernel/memory/objects/physical_object.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;

bool aligned(uint64_t value) {
    return value % page == 0;
}

// Pages of the object that count for the limit of a task that holds it.
uint64_t charge_of(const MemoryObject& object) {
    return object.kind() == MemoryObject::Kind::Anonymous ? object.pages() : 0;
}

}  // namespace

Status check_range(VirtualAddress address, uint64_t size) {
    if (size == 0 || !aligned(address) || !aligned(size)) return Status::InvalidArgument;
    if (address < abi::user_base || address >= abi::user_end) return Status::InvalidArgument;
    if (size > abi::user_end - address) return Status::InvalidArgument;
    return Status::Ok;
}

Status check_protection(uint32_t protection) {
    constexpr uint32_t all = abi::ProtectionRead | abi::ProtectionWrite | abi::ProtectionExecute;
    constexpr uint32_t write_execute = abi::ProtectionWrite | abi::ProtectionExecute;
    if ((protection & ~all) != 0) return Status::InvalidArgument;
    if ((protection & abi::ProtectionRead) == 0) return Status::InvalidArgument;
    if ((protection & write_execute) == write_execute) return Status::PermissionDenied;
    return Status::Ok;
}

Status AddressSpace::create() {
    TRY_STATUS(regions_.create(memory_.heap()));
    return tables_.create();
}

void AddressSpace::destroy() {
    for (uint32_t handle = 0; handle < ObjectTable::capacity; ++handle) (void)close(handle);
    tables_.retire();
    while (regions_.size() != 0) tear_down(regions_[0]);
    regions_.destroy(memory_.heap());
    tables_.destroy();
    KERNEL_ASSERT(charged_ == 0 && account_.pages == 0);
}

Status AddressSpace::charge(uint64_t frames) {
    const LockGuard guard(lock_);
    if (!has_room(frames)) return Status::LimitReached;
    if (domain() != nullptr) TRY_STATUS(domain()->charge(frames));
    charged_ += frames;
    held_.store(held_.load(std::memory_order_relaxed) + frames, std::memory_order_relaxed);
    return Status::Ok;
}

void AddressSpace::discharge(uint64_t frames) {
    const LockGuard guard(lock_);
    const uint64_t held = held_.load(std::memory_order_relaxed);
    KERNEL_ASSERT(frames <= held);
    charged_ -= frames;
    held_.store(held - frames, std::memory_order_relaxed);
    if (domain() != nullptr) domain()->discharge(frames);
}

bool AddressSpace::make_room() {
    const MemoryDomain* full = domain() != nullptr ? domain()->full() : nullptr;
    if (full == nullptr) return false;
    if (memory_.reclaim().make_room_in(*full)) {
        vain_rounds_.store(0, std::memory_order_relaxed);
        return true;
    }
    // Where no page could be stored away, page tables may have gone with those that were hidden.
    // They are wanted again at once, so that alone is not for ever.
    constexpr uint32_t most_vain_rounds = 8;
    const bool goes_on = full->memory().has_room(1) &&
                         vain_rounds_.fetch_add(1, std::memory_order_relaxed) < most_vain_rounds;
    if (!goes_on) vain_rounds_.store(0, std::memory_order_relaxed);
    return goes_on;
}

Result<VirtualAddress> AddressSpace::map(uint64_t size, uint32_t protection,
                                         VirtualAddress address) {
    return map(MapRequest{.size = size, .protection = protection, .address = address});
}

Result<VirtualAddress> AddressSpace::map_borrowed(PhysicalAddress begin, uint64_t size,
                                                  uint32_t protection) {
    const uint64_t whole = (size + page - 1) & ~(page - 1);
    PhysicalObject* object = TRY(memory_.insist(
        [&] { return PhysicalObject::create(memory_, begin, whole / page, false); }));
    return map(MapRequest{.size = whole, .protection = protection, .object = object});
}

Result<VirtualAddress> AddressSpace::map(const MapRequest& request) {
    MapRequest complete = request;
    const Result<VirtualAddress> address = memory_.insist([&]() -> Result<VirtualAddress> {
        if (complete.object == nullptr) {
            TRY_STATUS(check_protection(request.protection));
            if (!aligned(request.size) || request.size == 0 || request.size > abi::user_end) {
                return Status::InvalidArgument;
            }
            complete.object = TRY(AnonymousObject::create(memory_, request.size / page, account()));
        }
        return insert(complete);
    });
    if (!address.ok()) {
        if (complete.object != nullptr) complete.object->release();
        return address;
    }
    const bool populates = (request.flags & abi::MapPopulate) != 0;
    const Status populated = populates ? populate(address.value(), request.size) : Status::Ok;
    if (populated != Status::Ok) {
        (void)unmap(address.value(), request.size);
        return populated;
    }
    // Parts of one object that lie beside each other; memory of a region's own has no other.
    if (request.handle != Region::no_handle) join(address.value(), address.value() + request.size);
    return address;
}

bool AddressSpace::has_room(uint64_t frames) const {
    const uint64_t used = charged_ + regions_.tables_needed() + 1;
    return used <= frame_limit_ && frames <= frame_limit_ - used;
}

Result<VirtualAddress> AddressSpace::insert(const MapRequest& request) {
    TRY_STATUS(check_protection(request.protection));
    const uint64_t size = request.size;
    if (!aligned(size) || size == 0 || size > abi::user_end) return Status::InvalidArgument;
    if (request.address != 0) TRY_STATUS(check_range(request.address, size));
    MemoryObject& object = *request.object;
    if (object.pages() > MemoryObject::most_pages) return Status::LimitReached;
    if (request.offset > object.pages() || size / page > object.pages() - request.offset) {
        return Status::InvalidArgument;
    }

    const LockGuard guard(lock_);
    const bool is_private = request.handle == Region::no_handle;
    if (!is_private) {
        // It may have been closed since the caller got the object.
        const MemoryObject* held = TRY(objects_.find(request.handle));
        if (held != &object) return Status::NotFound;
    }
    const bool overcommitted = (request.flags & abi::MapOvercommit) != 0;
    const bool charged = is_private && object.kind() == MemoryObject::Kind::Anonymous;
    const uint64_t charge = charged && !overcommitted ? size / page : 0;
    if (regions_.is_full() || !has_room(charge)) return Status::LimitReached;
    VirtualAddress address = request.address;
    if (address == 0) address = TRY(find_hole(size));
    if (!regions_.is_free(address, address + size)) return Status::Busy;
    if (!has_room(charge + regions_.tables_for(address, address + size))) {
        return Status::LimitReached;
    }

    Region* region = TRY(memory_.heap().create<Region>());
    region->begin = address;
    region->end = address + size;
    region->object = &object;
    region->offset = request.offset;
    region->tables = &tables_;
    region->placement = request.placement;
    region->protection = request.protection;
    region->allowed = request.allowed;
    region->handle = request.handle;
    region->is_charged = charged;
    region->is_overcommitted = charged && overcommitted;
    charged_ += charge;
    if (!is_private) objects_.add_region(request.handle);
    regions_.insert(*region);
    const LockGuard object_guard(object.lock());
    object.add(*region);
    return address;
}

Result<VirtualAddress> AddressSpace::find_hole(uint64_t size) const {
    // A page stays free between regions that the kernel places, so that overruns are noticed.
    VirtualAddress candidate = mappings_begin_;
    for (unsigned i = regions_.position_of(candidate); i < regions_.size(); ++i) {
        if (regions_[i].begin >= candidate + size + page) break;
        candidate = regions_[i].end + page;
        if (candidate >= abi::user_end) return Status::LimitReached;
    }
    if (size + page > abi::user_end - candidate) return Status::LimitReached;
    return candidate;
}

// Nothing is shown in the region any more; `freed`: pages that were freed with it.
void AddressSpace::remove(Region& region, uint64_t freed) {
    MemoryObject& object = *region.object;
    {
        const LockGuard guard(lock_);
        {
            const LockGuard object_guard(object.lock());
            object.remove(region);
        }
        regions_.remove(region);
        if (region.is_charged) charged_ -= region.is_overcommitted ? freed : region.pages();
        if (region.handle != Region::no_handle && objects_.remove_region(region.handle)) {
            charged_ -= charge_of(object);
        }
    }
    memory_.heap().destroy(&region);
    object.release();
}

// Precondition: the region is dying, or nobody else uses the space.
void AddressSpace::tear_down(Region& region) {
    const uint64_t freed = hide(region, region.is_charged);
    remove(region, freed);
}

Result<uint32_t> AddressSpace::hold(MemoryObject& object) {
    Result<uint32_t> handle = Status::LimitReached;
    {
        const LockGuard guard(lock_);
        if (has_room(charge_of(object))) handle = objects_.add(object);
        if (handle.ok()) charged_ += charge_of(object);
    }
    if (!handle.ok()) object.release();
    return handle;
}

Result<MemoryObject*> AddressSpace::held(uint32_t handle) {
    const LockGuard guard(lock_);
    MemoryObject* object = TRY(objects_.find(handle));
    object->reference();
    return object;
}

Status AddressSpace::close(uint32_t handle) {
    MemoryObject* object;
    {
        const LockGuard guard(lock_);
        object = TRY(objects_.find(handle));
        if (objects_.close(handle)) charged_ -= charge_of(*object);
    }
    object->release();
    return Status::Ok;
}

}  // namespace kernel
