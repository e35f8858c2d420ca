// SPDX-License-Identifier: Apache-2.0
// A page pool between threads of a program and a manager that evicts its free pages: no page has
// two owners, and what an owner does to a page comes before what the next one does.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "user/lib/page_pool.hpp"

namespace user {
namespace {

constexpr uint64_t count = 150;
constexpr uint64_t base = 0x1000'0000;

struct PagePoolStressTest : testing::Test {
    std::vector<uint64_t> state = std::vector<uint64_t>(abi::page_pool_state_size(count) / 8);
    PagePool pool{state.data(), reinterpret_cast<void*>(base), count};
    // Plain memory: two owners at a time, or one that does not see what the last one did, would be
    // a data race.
    std::vector<uint64_t> contents = std::vector<uint64_t>(count);
    std::atomic<uint64_t> failures{0};
    std::atomic<uint64_t> evictions{0};
    std::atomic<bool> done{false};

    uint64_t& content(void* page) {
        return contents[(reinterpret_cast<uint64_t>(page) - base) / abi::page_size];
    }
    void program(unsigned seed) {
        std::mt19937_64 random(seed);
        std::vector<void*> held;
        for (unsigned step = 0; step < 60'000; ++step) {
            if (random() % 2 == 0 && held.size() < 70) {
                void* page = pool.allocate();
                if (page == nullptr) continue;
                content(page) = reinterpret_cast<uint64_t>(page) + seed;
                held.push_back(page);
            } else if (!held.empty()) {
                std::swap(held[random() % held.size()], held.back());
                if (content(held.back()) != reinterpret_cast<uint64_t>(held.back()) + seed) {
                    ++failures;
                }
                pool.free(held.back());
                held.pop_back();
            }
        }
        for (void* page : held) pool.free(page);
    }
    void manager() {
        auto* const words = reinterpret_cast<uint64_t*>(pool.state() + 1);
        const uint64_t word_count = abi::page_pool_words(count);
        for (uint64_t word = 0; !done; word = (word + 1) % word_count) {
            const uint64_t wanted =
                abi::page_pool_look(words[word]) & ~abi::page_pool_look(words[word_count + word]);
            const uint64_t taken = abi::page_pool_take(words[word], wanted);
            for (uint64_t bit = 0; bit < 64; ++bit) {
                if ((taken >> bit & 1) == 0) continue;
                contents[word * 64 + bit] = 0;
                ++evictions;
            }
            abi::page_pool_mark_evicted(words[word_count + word], taken);
            abi::page_pool_give(words[word], taken);
        }
    }
};

TEST_F(PagePoolStressTest, APageHasOneOwner) {
    std::thread manager_thread([this] { manager(); });
    std::thread first([this] { program(1); });
    std::thread second([this] { program(2); });
    first.join();
    second.join();
    done = true;
    manager_thread.join();
    EXPECT_EQ(failures, 0U);
    EXPECT_GT(evictions, 0U);
    EXPECT_EQ(pool.free_pages(), count);
}

}  // namespace
}  // namespace user
