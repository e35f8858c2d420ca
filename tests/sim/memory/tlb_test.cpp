// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/tlb.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sim/memory/translation.hpp"
#include "tests/sim/memory/fixture.hpp"

namespace orrery::memory {
namespace {

// A TLB as a list of entries, the most recently used last.
class SlowTlb final {
  public:
    SlowTlb(uint32_t sets, uint32_t ways) : sets_(sets), ways_(ways) {}

    uint32_t lookup(uint64_t address, uint16_t asid) {
        const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
            return matches(entry, address, asid);
        });
        if (found == entries_.end()) return 0;
        const uint32_t shift = found->shift;
        std::rotate(found, found + 1, entries_.end());
        return shift;
    }
    void insert(uint64_t address, uint16_t asid, uint32_t shift, bool global) {
        const Entry entry{address >> shift, asid, shift, global};
        const auto same_set = [&](const Entry& other) {
            return other.page % sets_ == entry.page % sets_;
        };
        if (std::count_if(entries_.begin(), entries_.end(), same_set) == ways_) {
            entries_.erase(std::find_if(entries_.begin(), entries_.end(), same_set));
        }
        entries_.push_back(entry);
    }
    void invalidate_page(uint64_t address, uint16_t asid) {
        std::erase_if(entries_, [&](const Entry& entry) { return matches(entry, address, asid); });
    }
    void invalidate_page_all_asids(uint64_t address) {
        std::erase_if(entries_,
                      [&](const Entry& entry) { return entry.page == address >> entry.shift; });
    }
    void invalidate_asid(uint16_t asid) {
        std::erase_if(entries_,
                      [&](const Entry& entry) { return !entry.global && entry.asid == asid; });
    }

  private:
    struct Entry {
        uint64_t page;
        uint16_t asid;
        uint32_t shift;
        bool global;
    };
    static bool matches(const Entry& entry, uint64_t address, uint16_t asid) {
        return entry.page == address >> entry.shift && (entry.global || entry.asid == asid);
    }
    uint32_t sets_;
    std::ptrdiff_t ways_;
    std::vector<Entry> entries_;
};

// What the tables map at an address: the low half has pages of each address space, from 1 GiB on
// blocks; the high half is global.
struct Mapping {
    uint32_t shift;
    bool global;
};
Mapping mapping_of(uint64_t address) {
    const bool global = address >> 63 != 0;
    const uint64_t gigabyte = address >> 30 & 3;
    return {gigabyte == 0 ? page_4k : gigabyte == 1 ? block_2m : block_1g, global};
}

void compare(uint32_t entries, uint32_t ways, uint32_t seed) {
    Tlb tlb("tlb", {.entries = entries, .ways = ways});
    SlowTlb slow(entries / ways, ways);
    Random random(seed);
    for (int step = 0; step < 20'000; ++step) {
        const uint64_t half = random() % 4 == 0 ? 0xffff'0000'0000'0000 : 0;
        const uint64_t page = random() % (entries + entries / 2);
        const uint64_t gigabyte = random() % 3;
        const uint64_t address =
            half | gigabyte << 30 | (gigabyte == 1 ? page << 21 & 0x3fff'ffff : page << 12);
        const auto asid = static_cast<uint16_t>(1 + random() % 3);
        const auto choice = random() % 64;
        if (choice == 0) {
            tlb.invalidate_page(address, asid);
            slow.invalidate_page(address, asid);
        } else if (choice == 1) {
            tlb.invalidate_page_all_asids(address);
            slow.invalidate_page_all_asids(address);
        } else if (choice == 2) {
            tlb.invalidate_asid(asid);
            slow.invalidate_asid(asid);
        } else {
            const uint32_t expected = slow.lookup(address, asid);
            if (tlb.hit_hinted(address, asid)) {
                ASSERT_NE(expected, 0u);
                continue;
            }
            bool global = false;
            ASSERT_EQ(tlb.lookup(address, asid, global), expected);
            const Mapping mapping = mapping_of(address);
            if (expected != 0) {
                ASSERT_EQ(global, mapping.global);
                continue;
            }
            tlb.insert(address, asid, mapping.shift, mapping.global);
            slow.insert(address, asid, mapping.shift, mapping.global);
        }
    }
}

TEST(Tlb, IsAsSlowLruList) {
    for (uint32_t seed = 1; seed <= 10; ++seed) {
        compare(16, 16, seed);
        compare(48, 48, seed);
        compare(64, 4, seed);
        compare(40, 5, seed);
    }
}

TEST(Tlb, RefusesImpossibleGeometry) {
    EXPECT_EQ(complaint([] { Tlb("l2_tlb", {.entries = 1000, .ways = 4}); }),
              "l2_tlb: 1000 entries in 4 ways make no power of two of sets, choose others");
}

constexpr uint64_t page = 0x40'0000;

TEST(Translation, WalksOnlyWhatIsInNoLevel) {
    Translation translation(cortex_a76().translation);
    EXPECT_FALSE(translation.level1(Side::data, page, 1));
    EXPECT_FALSE(translation.level2(Side::data, page, 1));
    EXPECT_EQ(translation.walked(Side::data, page, 1, 4, page_4k, false), 4u);
    EXPECT_TRUE(translation.level1(Side::data, page, 1));
    // The instruction side has a level 1 of its own, and the same level 2.
    EXPECT_FALSE(translation.level1(Side::instruction, page, 1));
    EXPECT_TRUE(translation.level2(Side::instruction, page, 1));
    EXPECT_TRUE(translation.level1(Side::instruction, page, 1));
    // Another address space has nothing.
    EXPECT_FALSE(translation.level1(Side::data, page, 2));
    EXPECT_FALSE(translation.level2(Side::data, page, 2));
}

TEST(Translation, SkipsUpperLevelsThatTheWalkCacheHas) {
    Translation translation(cortex_a76().translation);
    EXPECT_EQ(translation.walked(Side::data, page, 1, 4, page_4k, false), 4u);
    EXPECT_EQ(translation.walked(Side::data, page + 0x1000, 1, 4, page_4k, false), 1u);
    EXPECT_EQ(translation.walked(Side::data, page + 0x20'0000, 1, 4, page_4k, false), 4u);
    translation.invalidate_page(page + 0x1000, 1);
    EXPECT_EQ(translation.walked(Side::data, page + 0x1000, 1, 4, page_4k, false), 4u);
}

TEST(Translation, KeepsGlobalEntriesWhenAnAddressSpaceGoes) {
    Translation translation(cortex_a76().translation);
    const uint64_t kernel = 0xffff'8000'0000'0000;
    translation.walked(Side::data, page, 1, 4, page_4k, false);
    translation.walked(Side::data, kernel, 1, 2, block_1g, true);
    translation.invalidate_asid(1);
    EXPECT_FALSE(translation.level1(Side::data, page, 1));
    EXPECT_TRUE(translation.level1(Side::data, kernel + 0x3fff'f000, 2));
    translation.invalidate_page_all_asids(kernel);
    EXPECT_FALSE(translation.level1(Side::data, kernel, 2));
}

TEST(Translation, LosesLevel1ByAnyInvalidationOnTheCortexA55) {
    Translation translation(cortex_a55().translation);
    translation.walked(Side::data, page, 1, 4, page_4k, false);
    translation.invalidate_page(page + 0x1000, 7);
    EXPECT_FALSE(translation.level1(Side::data, page, 1));
    EXPECT_TRUE(translation.level2(Side::data, page, 1));
}

}  // namespace
}  // namespace orrery::memory
