// SPDX-License-Identifier: Apache-2.0
// SwapStore.
#include "kernel/memory/pressure/swap_store.hpp"

#include <string.h>

namespace kernel {
namespace {

bool all_zero(const void* page) {
    const auto* words = static_cast<const uint64_t*>(page);
    for (size_t i = 0; i < hal::page_size / sizeof *words; ++i) {
        if (words[i] != 0) return false;
    }
    return true;
}

uint32_t usable_slots(uint64_t blocks) {
    return blocks < SwapSlots::most ? static_cast<uint32_t>(blocks) : SwapSlots::most;
}

}  // namespace

uint64_t SwapStore::metadata_size(uint64_t device_blocks) {
    Layout layout(nullptr);
    SwapSlots slots;
    slots.lay_out(layout, usable_slots(device_blocks));
    return layout.used();
}

void SwapStore::initialise(uint64_t memory_frames, BlockDevice* device, void* metadata) {
    pool_.set_frame_limit(memory_frames);
    device_ = device;
    enabled_ = memory_frames != 0 || device != nullptr;
    if (device == nullptr) return;
    Layout layout(metadata);
    slots_.lay_out(layout, usable_slots(device->blocks()));
    slots_.free_all();
}

Result<SwapEntry> SwapStore::store(const void* page, const SwapHome& home) {
    if (!enabled_) return Status::NoMemory;
    const Result<SwapEntry> entry = store_somewhere(page, home);
    const LockGuard guard(lock_);
    ++(entry.ok() ? figures_->stored : figures_->refused);
    return entry;
}

Result<SwapEntry> SwapStore::store_somewhere(const void* page, const SwapHome& home) {
    if (all_zero(page)) {
        const LockGuard guard(lock_);
        ++figures_->pages_zero;
        return make(Kind::Zero, 1);
    }
    const Result<SwapEntry> entry = store_in_memory(page, home);
    return entry.ok() || device_ == nullptr ? entry : store_on_device(page);
}

// Compressing is done without the lock.
Result<SwapEntry> SwapStore::store_in_memory(const void* page, const SwapHome& home) {
    Scratch& own = scratch();
    const Result<size_t> size = lz4::compress(static_cast<const uint8_t*>(page), hal::page_size,
                                              own.block, largest_block, own.workspace);
    if (!size.ok()) return Status::NoMemory;
    const LockGuard guard(lock_);
    const Result<PackedPool::Handle> handle = pool_.allocate(sizeof(PageHeader) + size.value());
    if (!handle.ok()) return Status::NoMemory;
    PageHeader header{static_cast<uint16_t>(size.value()),
                      1,
                      static_cast<uint32_t>(home.page),
                      home.object,
                      0,
                      0};
    append(handle.value(), header);
    pool_.write(handle.value(), sizeof header, own.block, size.value());
    ++figures_->pages_memory;
    figures_->compressed_bytes += size.value();
    figures_->frames = pool_.frames_used();
    return make(Kind::Memory, handle.value());
}

SwapStore::PageHeader SwapStore::header_of(PackedPool::Handle handle) const {
    PageHeader header{};
    pool_.read(handle, 0, &header, sizeof header);
    return header;
}

void SwapStore::set_header(PackedPool::Handle handle, const PageHeader& header) {
    pool_.write(handle, 0, &header, sizeof header);
}

// As the newest, if it has a home.
void SwapStore::append(PackedPool::Handle handle, PageHeader& header) {
    if (header.object != nullptr) {
        header.older = newest_;
        if (newest_ != 0) {
            PageHeader before = header_of(newest_);
            before.newer = handle;
            set_header(newest_, before);
        } else {
            oldest_ = handle;
        }
        newest_ = handle;
    }
    set_header(handle, header);
}

// Out of the list, if it is there; its own header is the caller's to write.
void SwapStore::take_out(PageHeader& header) {
    if (header.object == nullptr) return;
    if (header.older != 0) {
        PageHeader older = header_of(header.older);
        older.newer = header.newer;
        set_header(header.older, older);
    } else {
        oldest_ = header.newer;
    }
    if (header.newer != 0) {
        PageHeader newer = header_of(header.newer);
        newer.older = header.older;
        set_header(header.newer, newer);
    } else {
        newest_ = header.older;
    }
    header.object = nullptr;
    header.older = header.newer = 0;
}

Result<SwapStore::OldPage> SwapStore::page_to_move() {
    if (device_ == nullptr) return Status::NotFound;
    const LockGuard guard(lock_);
    if (oldest_ == 0 || !pool_.is_full() || slots_.free_count() == 0) return Status::NotFound;
    const PageHeader header = header_of(oldest_);
    return OldPage{make(Kind::Memory, oldest_), {header.object, header.page}};
}

Result<SwapEntry> SwapStore::copy_to_device(SwapEntry entry) {
    KERNEL_ASSERT(kind_of(entry) == Kind::Memory && device_ != nullptr);
    Scratch& own = scratch();
    TRY_STATUS(load_from_memory(value_of(entry), own.page));
    const SwapEntry there = TRY(store_on_device(own.page));
    const LockGuard guard(lock_);
    ++figures_->moved;
    return there;
}

Result<uint32_t> SwapStore::take_slot() {
    const LockGuard guard(lock_);
    return slots_.take();
}

Result<SwapEntry> SwapStore::store_on_device(const void* page) {
    for (unsigned attempt = 0; attempt < device_attempts; ++attempt) {
        const uint32_t slot = TRY(take_slot());
        const Status written = device_->write(slot, page);
        const LockGuard guard(lock_);
        ++figures_->device_writes;
        if (written == Status::Ok) {
            ++figures_->pages_device;
            return make(Kind::Device, slot);
        }
        ++figures_->device_errors;
        slots_.retire(slot);
    }
    return Status::DeviceFailed;
}

Status SwapStore::load(SwapEntry entry, void* page) {
    Status status = Status::Ok;
    switch (kind_of(entry)) {
        case Kind::Zero: memset(page, 0, hal::page_size); break;
        case Kind::Memory: status = load_from_memory(value_of(entry), page); break;
        case Kind::Device: status = load_from_device(value_of(entry), page); break;
        default: KERNEL_PANIC("a swap entry that was never given", entry);
    }
    const LockGuard guard(lock_);
    if (status == Status::Ok) ++figures_->loaded;
    return status;
}

Status SwapStore::load_from_memory(uint64_t handle, void* page) {
    Scratch& own = scratch();
    PageHeader header{};
    {
        const LockGuard guard(lock_);
        pool_.read(handle, 0, &header, sizeof header);
        pool_.read(handle, sizeof header, own.block, header.size);
    }
    const Result<size_t> size =
        lz4::decompress(own.block, header.size, static_cast<uint8_t*>(page), hal::page_size);
    // Nobody but this class writes there.
    KERNEL_ASSERT(size.ok() && size.value() == hal::page_size);
    return Status::Ok;
}

Status SwapStore::load_from_device(uint64_t slot, void* page) {
    const Status status = device_->read(slot, page);
    const LockGuard guard(lock_);
    KERNEL_ASSERT(slots_.taken(static_cast<uint32_t>(slot)));
    ++figures_->device_reads;
    if (status != Status::Ok) ++figures_->device_errors;
    return status == Status::Ok ? Status::Ok : Status::DeviceFailed;
}

Status SwapStore::share(SwapEntry entry) {
    const LockGuard guard(lock_);
    switch (kind_of(entry)) {
        case Kind::Zero: ++figures_->pages_zero; return Status::Ok;
        case Kind::Device: return slots_.share(static_cast<uint32_t>(value_of(entry)));
        default: break;
    }
    PageHeader header = header_of(value_of(entry));
    if (header.shares == UINT16_MAX) return Status::LimitReached;
    take_out(header);
    ++header.shares;
    set_header(value_of(entry), header);
    return Status::Ok;
}

void SwapStore::free(SwapEntry entry) {
    const LockGuard guard(lock_);
    switch (kind_of(entry)) {
        case Kind::Zero: --figures_->pages_zero; return;
        case Kind::Memory: free_in_memory(value_of(entry)); return;
        case Kind::Device: {
            const auto slot = static_cast<uint32_t>(value_of(entry));
            KERNEL_ASSERT(slots_.taken(slot));
            if (slots_.release(slot)) --figures_->pages_device;
            return;
        }
        default: KERNEL_PANIC("a swap entry that was never given", entry);
    }
}

void SwapStore::free_in_memory(uint64_t handle) {
    PageHeader header = header_of(handle);
    if (--header.shares != 0) return set_header(handle, header);
    take_out(header);
    pool_.free(handle);
    figures_->frames = pool_.frames_used();
    --figures_->pages_memory;
    figures_->compressed_bytes -= header.size;
}

SwapFigures SwapStore::figures() {
    const LockGuard guard(lock_);
    return *figures_;
}

void SwapStore::show_in(SwapFigures& figures) {
    const LockGuard guard(lock_);
    figures = *figures_;
    figures_ = &figures;
}

uint64_t SwapStore::frames_used() {
    const LockGuard guard(lock_);
    return pool_.frames_used();
}

}  // namespace kernel
