// SPDX-License-Identifier: Apache-2.0
// What CPUs see of each other, against a slow model that writes down who holds what.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/sim/memory/fixture.hpp"

namespace orrery::memory {
namespace {

struct Coherence : testing::Test {
    MemorySystem system{phone8(), cpus(plain(cortex_a76()), 4)};
    uint64_t now = 0;

    uint32_t load(uint32_t cpu, uint64_t address) {
        now += microsecond;
        return system.cpu(cpu).load(address, 8, now);
    }
    uint32_t atomic(uint32_t cpu, uint64_t address) {
        now += microsecond;
        return system.cpu(cpu).atomic(address, now);
    }
};

// 2 GHz: 500 ps a cycle. Level 2 takes 9 cycles, 4 of them charged; level 3 18 cycles and a snoop
// 16 of 1612 MHz; the other CPU's level 2 9 cycles.
constexpr uint64_t l2 = 4'500;
constexpr uint64_t l1 = 2'000;
constexpr uint64_t l3 = 11'166;
constexpr uint64_t snoop = 9'926 + 4'500;

uint32_t parts(uint64_t picoseconds) {
    return Clock(2'000'000'000).parts(picoseconds);
}

TEST_F(Coherence, AWriteTakesTheLineFromItsOwner) {
    atomic(0, near_base);
    EXPECT_EQ(atomic(0, near_base), 0u);
    for (uint32_t turn = 1; turn < 8; ++turn) {
        EXPECT_EQ(atomic(turn % 2, near_base), parts(l2 + l3 + snoop - l1));
        EXPECT_EQ(atomic(turn % 2, near_base), 0u);
    }
    EXPECT_EQ(system.cluster_counts().supplied, 7u);
    EXPECT_EQ(system.cluster_counts().invalidations, 7u);
}

TEST_F(Coherence, ReadersShareAndAWriterAsksThem) {
    atomic(0, near_base);
    EXPECT_EQ(load(1, near_base), parts(l2 + l3 + snoop - l1)) << "from the owner";
    EXPECT_EQ(load(2, near_base), parts(l2 + l3 - l1)) << "level 3 has it by now";
    EXPECT_EQ(load(0, near_base), 0u) << "the owner kept it";
    EXPECT_EQ(atomic(0, near_base), parts(l2 + l3 + snoop - l1)) << "an upgrade";
    EXPECT_EQ(system.cpu(0).counts().upgrades, 1u);
    EXPECT_EQ(load(1, near_base), parts(l2 + l3 + snoop - l1));
}

TEST_F(Coherence, APassedMessageCostsTwoMoves) {
    // A flag and a payload in two lines; each end touches both.
    const uint64_t flag = near_base;
    const uint64_t payload = near_base + 64;
    for (uint32_t cpu : {0u, 1u, 0u}) {
        atomic(cpu, flag);
        atomic(cpu, payload);
    }
    system.reset_counts();
    atomic(1, flag);
    atomic(1, payload);
    EXPECT_EQ(system.cpu(1).counts().from_another_cpu, 2u);
    EXPECT_EQ(system.cpu(1).counts().from_memory, 0u);
}

TEST_F(Coherence, FalseSharingCostsLikeSharing) {
    atomic(0, near_base);
    atomic(1, near_base + 32);
    EXPECT_GT(atomic(0, near_base), 0u);
}

TEST_F(Coherence, AModifiedLineReachesMemoryOnlyWhenLevel3GivesItUp) {
    // 8 MiB written: more than all caches.
    for (uint64_t offset = 0; offset < 8 << 20; offset += 64) atomic(0, near_base + offset);
    const CpuCounts counts = system.cpu(0).counts();
    const uint64_t lines = (8 << 20) / 64;
    const uint64_t level2 = (256 << 10) / 64;
    const uint64_t level3 = (3 << 20) / 64;
    EXPECT_EQ(counts.l2.write_backs, lines - level2);
    EXPECT_EQ(system.cluster_counts().l3.write_backs, lines - level2 - level3);
    EXPECT_EQ(system.memory().counts(0).writes, lines - level2 - level3);
    EXPECT_EQ(system.memory().counts(0).reads, lines);
}

TEST_F(Coherence, DataOfOneCpuLeavesLevel3WhenItComesBack) {
    // More than level 2: what goes out is in level 3, and each line is in one of the two.
    const uint64_t bytes = 3 << 20;
    for (int round = 0; round < 3; ++round) {
        system.reset_counts();
        for (uint64_t offset = 0; offset < bytes; offset += 64) load(0, near_base + offset);
    }
    EXPECT_EQ(system.cpu(0).counts().from_memory, 0u);
}

TEST_F(Coherence, FetchedLinesStayInLevel3) {
    now += microsecond;
    system.cpu(0).fetch(near_base, now);
    EXPECT_EQ(system.cpu(0).counts().from_memory, 1u);
    system.cpu(1).fetch(near_base, now + microsecond);
    EXPECT_EQ(system.cpu(1).counts().from_another_cpu, 1u);
    system.cpu(2).fetch(near_base, now + 2 * microsecond);
    EXPECT_EQ(system.cpu(2).counts().from_level3, 1u);
}

// Who holds a line, of a set of lines so small that no cache ever gives one up.
class Ledger final {
  public:
    enum class From { nowhere, level3, another_cpu, memory };

    From read(uint32_t cpu, uint64_t line) {
        Entry& entry = entries_[line];
        if (entry.holders.contains(cpu)) return From::nowhere;
        From from = From::memory;
        if (!entry.holders.empty()) {
            from = entry.owned || !entry.level3 ? From::another_cpu : From::level3;
            entry.level3 = true;
            entry.owned = false;
        } else {
            entry.owned = true;
        }
        entry.holders.insert(cpu);
        return from;
    }
    // Sets whether others had to be asked for a line that this CPU has already.
    From write(uint32_t cpu, uint64_t line, bool& upgrade) {
        Entry& entry = entries_[line];
        const bool had = entry.holders.contains(cpu);
        upgrade = had && !entry.owned;
        const bool others = entry.holders.size() > (had ? 1 : 0);
        entry = {{cpu}, true, false};
        if (had) return From::nowhere;
        return others ? From::another_cpu : From::memory;
    }

  private:
    struct Entry {
        std::set<uint32_t> holders;
        bool owned = false;
        bool level3 = false;
    };
    std::map<uint64_t, Entry> entries_;
};

TEST(CoherenceReference, CountsAsTheLedger) {
    for (uint32_t seed = 1; seed <= 20; ++seed) {
        MemorySystem system(phone8(), cpus(plain(cortex_a55()), 4));
        Ledger ledger;
        Random random(seed);
        std::map<Ledger::From, uint64_t> from;
        uint64_t upgrades = 0;
        for (uint64_t step = 1; step <= 5000; ++step) {
            const uint32_t cpu = random() % 4;
            const uint64_t line = random() % 200;
            const uint64_t address = near_base + line * 64;
            const auto choice = random() % 4;
            if (choice < 2) {
                ++from[ledger.read(cpu, line)];
                system.cpu(cpu).load(address, 4, step * microsecond);
                continue;
            }
            bool upgrade = false;
            ++from[ledger.write(cpu, line, upgrade)];
            upgrades += upgrade;
            if (choice == 2) system.cpu(cpu).store(address, 4, step * microsecond);
            if (choice == 3) system.cpu(cpu).atomic(address, step * microsecond);
        }
        CpuCounts sum;
        for (size_t cpu = 0; cpu < system.cpus(); ++cpu) {
            const CpuCounts counts = system.cpu(cpu).counts();
            sum.from_level3 += counts.from_level3;
            sum.from_another_cpu += counts.from_another_cpu;
            sum.from_memory += counts.from_memory;
            sum.upgrades += counts.upgrades;
        }
        EXPECT_EQ(sum.from_level3, from[Ledger::From::level3]);
        EXPECT_EQ(sum.from_another_cpu, from[Ledger::From::another_cpu]);
        EXPECT_EQ(sum.from_memory, from[Ledger::From::memory]);
        EXPECT_EQ(sum.upgrades, upgrades);
    }
}

}  // namespace
}  // namespace orrery::memory
