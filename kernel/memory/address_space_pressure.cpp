// SPDX-License-Identifier: Apache-2.0
// The address space of a task: pages that are given up while their memory stays mapped.
#include "kernel/abi/page_pool.hpp"
#include "kernel/memory/address_space.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;

void take_free(uint64_t& word, uint64_t& pages) {
    pages = abi::page_pool_take(word, pages);
}
void give_free(uint64_t& word, uint64_t& pages) {
    abi::page_pool_give(word, pages);
}
void look_at(uint64_t& word, uint64_t& pages) {
    pages = abi::page_pool_look(word);
}
void mark_evicted(uint64_t& word, uint64_t& pages) {
    abi::page_pool_mark_evicted(word, pages);
}
void set_wanted(uint64_t& word, uint64_t& pages) {
    std::atomic_ref<uint64_t>(word).store(pages, std::memory_order_relaxed);
}

// The `most` lowest bits that are set.
uint64_t lowest_bits(uint64_t bits, uint64_t most) {
    uint64_t result = 0;
    for (; bits != 0 && most != 0; --most) {
        result |= bits & (~bits + 1);
        bits &= bits - 1;
    }
    return result;
}

}  // namespace

Status AddressSpace::page_out(VirtualAddress address, uint64_t size) {
    TRY_STATUS(check_range(address, size));
    for (VirtualAddress at = address; at < address + size; at += page) {
        if (is_stopped()) return Status::Busy;
        {
            const LockGuard guard(lock_);
            Region* region = regions_.at(at);
            if (region == nullptr || region->dying) return Status::NotFound;
            page_out_page(*region, at);
        }
        preemption_point();
    }
    return Status::Ok;
}

// What several objects share stays, and what cannot be stored away.
void AddressSpace::page_out_page(Region& region, VirtualAddress at) {
    MemoryObject& object = *region.object;
    if (object.kind() == MemoryObject::Kind::Physical) return;
    const LockGuard guard(object.lock());
    const uint64_t index = region.index_of(at);
    const Slot slot = object.look(index);
    if (!slot.is_present() || memory_.frames().record(slot.frame()).object != &object) return;
    (void)memory_.reclaim().evict(object, index);
}

// True when there was a frame.
bool AddressSpace::discard_page(VirtualAddress at) {
    const LockGuard guard(lock_);
    Region* region = regions_.at(at);
    if (region == nullptr || region->busy || !region->is_charged) return false;
    MemoryObject& object = *region->object;
    const LockGuard object_guard(object.lock());
    const uint64_t index = region->index_of(at);
    const Slot slot = object.look(index);
    if (slot.is_empty()) return false;
    tables_.hide(at);
    object.drop(index);
    if (region->is_overcommitted) --charged_;
    return slot.is_present();
}

Result<PagePool> AddressSpace::find_pool(VirtualAddress state) {
    abi::PagePoolState header{};
    if (state % sizeof header != 0) return Status::InvalidArgument;
    TRY_STATUS(read(&header, state, sizeof header));
    if (header.magic != abi::page_pool_magic) return Status::InvalidArgument;
    if (header.pages == 0 || header.pages > abi::page_pool_most_pages) {
        return Status::InvalidArgument;
    }
    TRY_STATUS(check_range(header.begin, header.pages * page));
    return PagePool{state, header.begin, header.pages};
}

Result<uint64_t> AddressSpace::take_pool_pages(VirtualAddress state, uint64_t wanted) {
    const PagePool pool = TRY(find_pool(state));
    uint64_t taken = 0;
    for (uint64_t word = 0; word < abi::page_pool_words(pool.pages) && taken < wanted; ++word) {
        taken += TRY(take_pool_word(pool, word, wanted - taken));
        preemption_point();
    }
    return taken;
}

// The kernel owns the pages from take_free() to give_free(): see kernel/abi/page_pool.hpp. The
// state's own page may have been evicted in between; the frames that were just freed suffice to
// have it back.
Result<uint64_t> AddressSpace::take_pool_word(const PagePool& pool, uint64_t word,
                                              uint64_t wanted) {
    const VirtualAddress free_at = pool.state + abi::page_pool_free_at(word);
    const VirtualAddress evicted_at = pool.state + abi::page_pool_evicted_at(pool.pages, word);
    uint64_t free = 0;
    uint64_t evicted = 0;
    TRY_STATUS(update_word(free_at, look_at, free));
    TRY_STATUS(update_word(evicted_at, look_at, evicted));
    uint64_t pages = lowest_bits(free & ~evicted, wanted);
    if (pages == 0) return uint64_t{0};
    TRY_STATUS(update_word(free_at, take_free, pages));
    uint64_t freed = 0;
    for (uint64_t rest = pages; rest != 0; rest &= rest - 1) {
        const uint64_t index =
            word * abi::page_pool_bits + static_cast<uint64_t>(__builtin_ctzll(rest));
        if (index < pool.pages && discard_page(pool.begin + index * page)) ++freed;
    }
    TRY_STATUS(update_word(evicted_at, mark_evicted, pages));
    TRY_STATUS(update_word(free_at, give_free, pages));
    return freed;
}

void AddressSpace::tell_pool(VirtualAddress state, uint64_t wanted) {
    (void)update_word(state + offsetof(abi::PagePoolState, wanted), set_wanted, wanted);
}

}  // namespace kernel
