// SPDX-License-Identifier: Apache-2.0
// The page pool: every page once, and the free ones open to a manager.
#include "user/lib/page_pool.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace user {
namespace {

// The kernel's side: takes the free pages that still have a frame, and gives them back without.
uint64_t evict(const PagePool& pool, std::set<uint64_t>& evicted) {
    auto* const words = reinterpret_cast<uint64_t*>(pool.state() + 1);
    const uint64_t count = abi::page_pool_words(pool.pages());
    uint64_t sum = 0;
    for (uint64_t word = 0; word < count; ++word) {
        uint64_t& hints = words[count + word];
        const uint64_t taken =
            abi::page_pool_take(words[word], abi::page_pool_look(words[word]) & ~hints);
        for (uint64_t bit = 0; bit < 64; ++bit) {
            if ((taken >> bit & 1) != 0) evicted.insert(word * 64 + bit);
        }
        abi::page_pool_mark_evicted(hints, taken);
        abi::page_pool_give(words[word], taken);
        sum += static_cast<uint64_t>(__builtin_popcountll(taken));
    }
    return sum;
}

struct PagePoolTest : testing::TestWithParam<uint64_t> {
    static constexpr uint64_t base = 0x1000'0000;
    const uint64_t count = GetParam();
    std::vector<uint64_t> state = std::vector<uint64_t>(abi::page_pool_state_size(count) / 8);
    PagePool pool{state.data(), reinterpret_cast<void*>(base), count};

    uint64_t index_of(void* page) { return (reinterpret_cast<uint64_t>(page) - base) / 4096; }
};

TEST_P(PagePoolTest, GivesEveryPageOnce) {
    EXPECT_EQ(pool.free_pages(), count);
    std::set<void*> pages;
    while (void* page = pool.allocate()) {
        EXPECT_LT(index_of(page), count);
        EXPECT_TRUE(pages.insert(page).second);
    }
    EXPECT_EQ(pages.size(), count);
    EXPECT_EQ(pool.free_pages(), 0U);
    for (void* page : pages) pool.free(page);
    EXPECT_EQ(pool.free_pages(), count);
}

TEST_P(PagePoolTest, TakesEvictedPagesLast) {
    std::set<uint64_t> evicted;
    std::vector<void*> held;
    for (uint64_t i = 0; i < count / 2; ++i) held.push_back(pool.allocate());
    EXPECT_EQ(evict(pool, evicted), count - held.size());
    EXPECT_EQ(pool.evicted_pages(), count - held.size());
    for (void* page : held) {
        EXPECT_EQ(evicted.count(index_of(page)), 0U);
        pool.free(page);
    }
    for (uint64_t i = 0; i < held.size(); ++i) {
        EXPECT_EQ(evicted.count(index_of(pool.allocate())), 0U);
    }
    for (uint64_t i = held.size(); i < count; ++i) {
        EXPECT_EQ(evicted.count(index_of(pool.allocate())), 1U);
    }
    EXPECT_EQ(pool.evicted_pages(), 0U);
    EXPECT_EQ(pool.allocate(), nullptr);
}

TEST_P(PagePoolTest, AgreesWithAModel) {
    std::mt19937_64 random(count);
    std::set<void*> held;
    for (unsigned step = 0; step < 20'000; ++step) {
        const uint64_t what = random() % 100;
        if (what < 50) {
            void* page = pool.allocate();
            ASSERT_EQ(page == nullptr, held.size() == count);
            if (page != nullptr) ASSERT_TRUE(held.insert(page).second);
        } else if (what < 99 && !held.empty()) {
            auto any =
                held.lower_bound(reinterpret_cast<void*>(base + random() % count * abi::page_size));
            if (any == held.end()) any = held.begin();
            pool.free(*any);
            held.erase(any);
        } else if (what == 99) {
            std::set<uint64_t> evicted;
            evict(pool, evicted);
            for (void* page : held) ASSERT_EQ(evicted.count(index_of(page)), 0U);
        }
        ASSERT_EQ(pool.free_pages(), count - held.size());
    }
}

INSTANTIATE_TEST_SUITE_P(Sizes, PagePoolTest, testing::Values(1, 63, 64, 65, 200));

}  // namespace
}  // namespace user
