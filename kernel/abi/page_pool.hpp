// SPDX-License-Identifier: Apache-2.0
// The state of a program's page pool, shared between the program and the kernel, so that a manager
// can have the pool's free pages back without asking.
//
// Source: HyperAlloc (Wrenger et al., EuroSys 2025), which shares a guest's page-frame allocator
// with its hypervisor. Here a page is 4 KiB, and an evicted page needs no call before its next use:
// it is made again, of zeroes, by the page fault.
//
// The protocol. The free bit of a page is its lock: while it is set, nobody owns the page. Whoever
// clears it, in one atomic step that shows it was set, owns the page, and only the owner touches it
// or throws its content away. The program clears a bit to allocate; the kernel clears one to evict
// the page, and sets it again when the frame is gone. So neither can take what the other has, in
// whatever order they run, and neither ever waits: the program may find no free page while the
// kernel has the last ones. Setting a bit releases and clearing it acquires, so that what an owner
// did to a page comes before what the next one does. The content of a free page is undefined.
//
// Evicted bits are hints: set by the kernel for a free page without a frame, cleared by whoever
// allocates it. A program should allocate other pages first, which spares it a fault.
//
// The kernel believes nothing that is written here: a wrong bit costs the program its own page.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>

namespace kernel::abi {

constexpr uint64_t page_pool_magic = 0x4c4f4f5045474150;  // "PAGEPOOL" as little-endian bytes
constexpr uint64_t page_pool_most_pages = 1 << 20;        // 4 GiB
constexpr unsigned page_pool_bits = 64;                   // pages in a word

// Followed by the words of free bits, and then by those of evicted bits.
struct PagePoolState {
    uint64_t magic;
    uint64_t begin;   // address of the first page
    uint64_t pages;   // not above page_pool_most_pages
    uint64_t wanted;  // pages that a manager wants back; written by the kernel, 0 when it has them
    uint64_t reserved[4];
};
static_assert(sizeof(PagePoolState) == 64);

constexpr uint64_t page_pool_words(uint64_t pages) {
    return (pages + page_pool_bits - 1) / page_pool_bits;
}
// Offsets from the state's begin, and its size, in bytes.
constexpr uint64_t page_pool_free_at(uint64_t word) {
    return sizeof(PagePoolState) + word * sizeof(uint64_t);
}
constexpr uint64_t page_pool_evicted_at(uint64_t pages, uint64_t word) {
    return page_pool_free_at(page_pool_words(pages) + word);
}
constexpr uint64_t page_pool_state_size(uint64_t pages) {
    return page_pool_evicted_at(pages, page_pool_words(pages));
}

// The steps of the protocol, on words of 64 pages.

// Takes those pages of `wanted` that are free; which ones.
inline uint64_t page_pool_take(uint64_t& free_word, uint64_t wanted) {
    return std::atomic_ref<uint64_t>(free_word).fetch_and(~wanted, std::memory_order_acquire) &
           wanted;
}
// Precondition: the caller owns `pages`.
inline void page_pool_give(uint64_t& free_word, uint64_t pages) {
    std::atomic_ref<uint64_t>(free_word).fetch_or(pages, std::memory_order_release);
}
// What is free at the moment, as a hint.
inline uint64_t page_pool_look(uint64_t& word) {
    return std::atomic_ref<uint64_t>(word).load(std::memory_order_relaxed);
}
// Precondition: the caller owns `pages`, whose free bits order this.
inline void page_pool_mark_evicted(uint64_t& evicted_word, uint64_t pages) {
    std::atomic_ref<uint64_t>(evicted_word).fetch_or(pages, std::memory_order_relaxed);
}
inline void page_pool_mark_backed(uint64_t& evicted_word, uint64_t pages) {
    std::atomic_ref<uint64_t>(evicted_word).fetch_and(~pages, std::memory_order_relaxed);
}

}  // namespace kernel::abi
