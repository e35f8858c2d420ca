// SPDX-License-Identifier: Apache-2.0
// PagePool: pages to take and give back, whose free ones the kernel may evict at any time
// (kernel/abi/page_pool.hpp has the protocol). Safe for several threads. Bound: one look at each
// word of 64 pages, from where the last page was found.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/abi/page_pool.hpp"
#include "kernel/abi/syscall.hpp"

namespace user {

namespace abi = kernel::abi;

class PagePool final {
  public:
    PagePool() = default;
    // Over memory that the caller has mapped: page_pool_state_size(pages) zeroed bytes for the
    // state, and the pages. All are free.
    PagePool(void* state, void* pages, uint64_t count);

    // A page of undefined content; null when there is none.
    [[nodiscard]] void* allocate();
    // Precondition: `page` came from allocate() and was not freed since.
    void free(void* page);

    [[nodiscard]] uint64_t pages() const { return state_->pages; }
    [[nodiscard]] uint64_t free_pages() const;
    [[nodiscard]] uint64_t evicted_pages() const;
    // Pages that a manager wants back and has not got yet.
    [[nodiscard]] uint64_t wanted() const;
    [[nodiscard]] abi::PagePoolState* state() const { return state_; }

  private:
    [[nodiscard]] uint64_t& free_word(uint64_t word) const;
    [[nodiscard]] uint64_t& evicted_word(uint64_t word) const;
    // Of the pages in a word, those that are free, evicted ones or the others.
    [[nodiscard]] uint64_t candidates(uint64_t word, bool evicted) const;
    [[nodiscard]] void* take_from(uint64_t word, bool evicted);

    abi::PagePoolState* state_ = nullptr;
    uint64_t next_word_ = 0;  // where to look first, a hint
};

}  // namespace user
