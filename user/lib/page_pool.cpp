// SPDX-License-Identifier: Apache-2.0
// PagePool.
#include "user/lib/page_pool.hpp"

namespace user {

PagePool::PagePool(void* state, void* pages, uint64_t count)
    : state_(static_cast<abi::PagePoolState*>(state)) {
    state_->magic = abi::page_pool_magic;
    state_->begin = reinterpret_cast<uint64_t>(pages);
    state_->pages = count;
    for (uint64_t page = 0; page < count; page += abi::page_pool_bits) {
        const uint64_t rest = count - page;
        const uint64_t bits =
            rest >= abi::page_pool_bits ? ~uint64_t{0} : (uint64_t{1} << rest) - 1;
        abi::page_pool_give(free_word(page / abi::page_pool_bits), bits);
    }
}

uint64_t& PagePool::free_word(uint64_t word) const {
    return reinterpret_cast<uint64_t*>(state_ + 1)[word];
}

uint64_t& PagePool::evicted_word(uint64_t word) const {
    return free_word(abi::page_pool_words(state_->pages) + word);
}

uint64_t PagePool::candidates(uint64_t word, bool evicted) const {
    const uint64_t hint = abi::page_pool_look(evicted_word(word));
    return abi::page_pool_look(free_word(word)) & (evicted ? hint : ~hint);
}

void* PagePool::take_from(uint64_t word, bool evicted) {
    // Another owner may be faster; each round, one of us gets on.
    while (const uint64_t free = candidates(word, evicted)) {
        const uint64_t bit = free & (~free + 1);
        if (abi::page_pool_take(free_word(word), bit) == 0) continue;
        abi::page_pool_mark_backed(evicted_word(word), bit);
        const uint64_t page =
            word * abi::page_pool_bits + static_cast<uint64_t>(__builtin_ctzll(bit));
        return reinterpret_cast<void*>(state_->begin + page * abi::page_size);
    }
    return nullptr;
}

void* PagePool::allocate() {
    const uint64_t words = abi::page_pool_words(state_->pages);
    const uint64_t first = abi::page_pool_look(next_word_);
    for (const bool evicted : {false, true}) {
        for (uint64_t i = 0; i < words; ++i) {
            const uint64_t word = (first + i) % words;
            if (void* page = take_from(word, evicted)) {
                std::atomic_ref<uint64_t>(next_word_).store(word, std::memory_order_relaxed);
                return page;
            }
        }
    }
    return nullptr;
}

void PagePool::free(void* page) {
    const uint64_t index = (reinterpret_cast<uint64_t>(page) - state_->begin) / abi::page_size;
    abi::page_pool_give(free_word(index / abi::page_pool_bits),
                        uint64_t{1} << index % abi::page_pool_bits);
}

uint64_t PagePool::free_pages() const {
    uint64_t sum = 0;
    for (uint64_t word = 0; word < abi::page_pool_words(state_->pages); ++word) {
        sum += static_cast<uint64_t>(__builtin_popcountll(abi::page_pool_look(free_word(word))));
    }
    return sum;
}

uint64_t PagePool::evicted_pages() const {
    uint64_t sum = 0;
    for (uint64_t word = 0; word < abi::page_pool_words(state_->pages); ++word) {
        sum += static_cast<uint64_t>(__builtin_popcountll(abi::page_pool_look(evicted_word(word))));
    }
    return sum;
}

uint64_t PagePool::wanted() const {
    return abi::page_pool_look(state_->wanted);
}

}  // namespace user
