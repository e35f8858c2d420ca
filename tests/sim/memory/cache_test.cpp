// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>
#include <numeric>
#include <vector>

#include "tests/sim/memory/fixture.hpp"

namespace orrery::memory {
namespace {

// LRU sets as lists, the most recent line first.
class SlowCache final {
  public:
    SlowCache(uint64_t sets, size_t ways) : sets_(sets), ways_(ways) {}

    LineState touch(uint64_t line) {
        auto& set = lists_[line % sets_];
        const auto found = find(set, line);
        if (found == set.end()) return LineState::invalid;
        set.splice(set.begin(), set, found);
        return set.front().state;
    }
    LineState peek(uint64_t line) {
        auto& set = lists_[line % sets_];
        const auto found = find(set, line);
        return found == set.end() ? LineState::invalid : found->state;
    }
    CacheLine insert(uint64_t line, LineState state) {
        auto& set = lists_[line % sets_];
        set.push_front({line, state});
        if (set.size() <= ways_) return {};
        const CacheLine victim = set.back();
        set.pop_back();
        return victim;
    }
    LineState remove(uint64_t line) {
        auto& set = lists_[line % sets_];
        const auto found = find(set, line);
        if (found == set.end()) return LineState::invalid;
        const LineState state = found->state;
        set.erase(found);
        return state;
    }
    void set_state(uint64_t line, LineState state) {
        find(lists_[line % sets_], line)->state = state;
    }
    [[nodiscard]] bool newest(uint64_t line) {
        const auto& set = lists_[line % sets_];
        return !set.empty() && set.front().line == line;
    }

  private:
    static std::list<CacheLine>::iterator find(std::list<CacheLine>& set, uint64_t line) {
        return std::find_if(set.begin(), set.end(),
                            [&](const CacheLine& entry) { return entry.line == line; });
    }
    uint64_t sets_;
    size_t ways_;
    std::map<uint64_t, std::list<CacheLine>> lists_;
};

void compare(uint32_t sets, uint32_t ways, uint32_t seed) {
    Cache cache("cache", {.size = sets * ways * line_size, .ways = ways, .line = 64});
    SlowCache slow(sets, ways);
    Random random(seed);
    for (int step = 0; step < 20'000; ++step) {
        const uint64_t line = random() % (uint64_t{sets} * ways * 2) + 0x200'0000;
        const auto state = static_cast<LineState>(1 + random() % 3);
        ASSERT_EQ(cache.newest(line), slow.newest(line));
        ASSERT_EQ(cache.newest_modified(line),
                  slow.newest(line) && slow.peek(line) == LineState::modified);
        ASSERT_EQ(cache.peek(line), slow.peek(line));
        const auto choice = random() % 8;
        if (choice == 0) {
            ASSERT_EQ(cache.remove(line), slow.remove(line));
        } else if (choice == 1 && slow.peek(line) != LineState::invalid) {
            cache.set_state(line, state);
            slow.set_state(line, state);
        } else if (slow.peek(line) != LineState::invalid) {
            ASSERT_EQ(cache.touch(line), slow.touch(line));
        } else {
            ASSERT_EQ(cache.touch(line), LineState::invalid);
            const CacheLine victim = cache.insert(line, state);
            const CacheLine expected = slow.insert(line, state);
            ASSERT_EQ(victim.line, expected.line);
            ASSERT_EQ(victim.state, expected.state);
        }
    }
}

TEST(Cache, IsAsSlowLruSets) {
    for (uint32_t seed = 1; seed <= 10; ++seed) {
        compare(1, 1, seed);
        compare(16, 4, seed);
        compare(8, 12, seed);
        compare(4, 16, seed);
    }
}

TEST(Cache, ReplacesAnyLineOfAFullSetAtRandom) {
    const auto victims = [] {
        Cache cache("cache", {.size = 12 * 64, .ways = 12, .line = 64}, Replacement::random);
        for (uint64_t line = 0; line < 12; ++line) {
            EXPECT_EQ(cache.insert(line, LineState::shared).state, LineState::invalid);
        }
        std::vector<uint64_t> lines;
        for (uint64_t line = 12; line < 1212; ++line) {
            const CacheLine victim = cache.insert(line, LineState::shared);
            EXPECT_EQ(victim.state, LineState::shared);
            EXPECT_EQ(cache.peek(victim.line), LineState::invalid);
            EXPECT_TRUE(cache.newest(line));
            lines.push_back(line - victim.line);
        }
        return lines;
    };
    const std::vector<uint64_t> ages = victims();
    EXPECT_EQ(victims(), ages) << "the same every time";
    // A line lives for twelve replacements in the mean, some for one, some for many.
    const double mean = std::accumulate(ages.begin(), ages.end(), 0.0) / 1200;
    EXPECT_NEAR(mean, 12, 1);
    EXPECT_EQ(*std::min_element(ages.begin(), ages.end()), 1u);
    EXPECT_GT(*std::max_element(ages.begin(), ages.end()), 40u);
}

TEST(Cache, IsEmptyAfterClear) {
    Cache cache("cache", {.size = 4096, .ways = 4, .line = 64});
    cache.insert(7, LineState::modified);
    cache.clear();
    EXPECT_EQ(cache.peek(7), LineState::invalid);
    EXPECT_FALSE(cache.newest(7));
}

TEST(Cache, RefusesImpossibleGeometry) {
    EXPECT_EQ(complaint([] { Cache("l1d", {.size = 3 * 4096, .ways = 4, .line = 64}); }),
              "l1d: 12288 bytes in 4 ways make no power of two of sets, choose another size");
    EXPECT_EQ(complaint([] { Cache("l1d", {.size = 4096, .ways = 0, .line = 64}); }),
              "l1d: 0 ways, give 1 to 32");
    EXPECT_EQ(complaint([] { Cache("l1d", {.size = 4096, .ways = 4, .line = 32}); }),
              "l1d: lines have 32 bytes, give 64");
}

}  // namespace
}  // namespace orrery::memory
