// SPDX-License-Identifier: Apache-2.0
// SwapStore: takes the content of a page and answers with an entry by which it is had back.
//
// A page of zeroes is a mere flag. Others are compressed into memory (LZ4, PackedPool) up to a
// limit, and what does not compress, or finds no room, goes to a block device if there is one. A
// page that cannot be stored is refused, and nothing has changed: a block that the device failed to
// write is never used again.
//
// Once memory is full, the pages that have been there longest are to go on to the device, as those
// of zswap do (Linux, mm/zswap.c, shrink_worker()): they are in a list by age, and each knows whose
// slot has its entry, which is to be changed. Whoever reclaims does that, with the object locked. A
// page that becomes shared leaves the list and stays in memory, as one way back is not all of them.
#pragma once

#include "kernel/abi/info.hpp"
#include "kernel/base/lock.hpp"
#include "kernel/drivers/block_device.hpp"
#include "kernel/memory/pressure/lz4_block.hpp"
#include "kernel/memory/pressure/packed_pool.hpp"
#include "kernel/memory/pressure/swap_slots.hpp"

namespace kernel {

// A stored page: never 0, at most 62 bits. Opaque to all but the store.
using SwapEntry = uint64_t;

using abi::SwapFigures;

class MemoryObject;

// Whose slot has an entry; without an object, nobody's in particular.
struct SwapHome {
    MemoryObject* object = nullptr;
    uint64_t page = 0;
};

class SwapStore final {
  public:
    explicit SwapStore(Frames& frames) : pool_(frames) {}

    // Bytes of metadata for a device of so many blocks.
    [[nodiscard]] static uint64_t metadata_size(uint64_t device_blocks);
    // At most `memory_frames` for compressed pages. `device` may be null, and then `metadata` too.
    // Precondition: `metadata` has metadata_size() bytes, aligned to 64.
    void initialise(uint64_t memory_frames, BlockDevice* device, void* metadata);

    // Of a page of hal::page_size bytes. NoMemory: there is no room. DeviceFailed. Precondition:
    // the home is alive while the entry is in its slot.
    [[nodiscard]] Result<SwapEntry> store(const void* page, const SwapHome& home = {});
    // Copies the content back; the entry stays. DeviceFailed: it cannot be had now.
    // Precondition of all below: `entry` came from store() and has not been freed as often as it
    // was stored and shared.
    [[nodiscard]] Status load(SwapEntry entry, void* page);
    // One more who will free it. LimitReached.
    [[nodiscard]] Status share(SwapEntry entry);
    void free(SwapEntry entry);

    struct OldPage {
        SwapEntry entry;
        SwapHome home;
    };
    // The page that has been in memory longest, if memory is full and the device is not. NotFound.
    // By the time the home is locked, its slot may have another entry.
    [[nodiscard]] Result<OldPage> page_to_move();
    // Stores the content of a page in memory on the device too: its entry there. NoMemory,
    // DeviceFailed.
    [[nodiscard]] Result<SwapEntry> copy_to_device(SwapEntry entry);

    // Whether a page might be stored: a hint, for who looks for something to evict.
    [[nodiscard]] bool enabled() const { return enabled_; }
    [[nodiscard]] SwapFigures figures();
    // From now on they are counted there.
    void show_in(SwapFigures& figures);
    [[nodiscard]] uint64_t frames_used();

  private:
    enum class Kind : uint64_t { Zero = 1, Memory = 2, Device = 3 };
    static constexpr unsigned kind_bits = 2;
    // Slots that a page is tried on, while the device fails.
    static constexpr unsigned device_attempts = 4;

    // Before the bytes of each page in the pool.
    struct PageHeader {
        uint16_t size;
        uint16_t shares;
        uint32_t page;         // of its home
        MemoryObject* object;  // its home; null when it is in no list
        PackedPool::Handle older;
        PackedPool::Handle newer;
    };
    static_assert(sizeof(PageHeader) == 32);
    static constexpr size_t largest_block = PackedPool::largest - sizeof(PageHeader);

    // What a CPU needs to compress or decompress a page; kernel code is never interrupted there.
    struct alignas(64) Scratch {
        lz4::Workspace workspace;
        uint8_t block[hal::page_size];
        uint8_t page[hal::page_size];
    };

    [[nodiscard]] static SwapEntry make(Kind kind, uint64_t value) {
        return value << kind_bits | static_cast<uint64_t>(kind);
    }
    [[nodiscard]] static Kind kind_of(SwapEntry entry) {
        return static_cast<Kind>(entry % (1U << kind_bits));
    }
    [[nodiscard]] static uint64_t value_of(SwapEntry entry) { return entry >> kind_bits; }

    [[nodiscard]] Scratch& scratch() { return scratch_[hal::Machine::cpu_index()]; }
    [[nodiscard]] Result<SwapEntry> store_somewhere(const void* page, const SwapHome& home);
    [[nodiscard]] Result<SwapEntry> store_in_memory(const void* page, const SwapHome& home);
    [[nodiscard]] Result<SwapEntry> store_on_device(const void* page);
    [[nodiscard]] Status load_from_memory(uint64_t handle, void* page);
    [[nodiscard]] Status load_from_device(uint64_t slot, void* page);
    [[nodiscard]] Result<uint32_t> take_slot();
    void free_in_memory(uint64_t handle);
    // Locked.
    [[nodiscard]] PageHeader header_of(PackedPool::Handle handle) const;
    void set_header(PackedPool::Handle handle, const PageHeader& header);
    void append(PackedPool::Handle handle, PageHeader& header);
    void take_out(PageHeader& header);

    SpinLock lock_{LockRank::Swap};
    PackedPool pool_;
    PackedPool::Handle oldest_ = 0;
    PackedPool::Handle newest_ = 0;
    SwapSlots slots_;
    BlockDevice* device_ = nullptr;
    SwapFigures own_figures_{};
    SwapFigures* figures_ = &own_figures_;
    bool enabled_ = false;
    Scratch scratch_[hal::max_cpus];
};

}  // namespace kernel
