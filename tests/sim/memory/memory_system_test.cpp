// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/memory_system.hpp"

#include <gtest/gtest.h>

#include <array>

#include "tests/sim/memory/fixture.hpp"

namespace orrery::memory {
namespace {

struct MemorySystemTest : testing::Test {
    MemorySystem system{phone8(), cpus(plain(cortex_a76()), 2)};
    CpuMemory& cpu = system.cpu(0);
};

// By hand: level 2 4.5 ns, level 3 11.166, distance 24, controller 12, row miss 45.875; less the
// level 1 latency of 2 ns that the pipeline charges. At 2 GHz a cycle is 500 ps.
TEST_F(MemorySystemTest, AFirstLoadTakesTheWayToMemory) {
    const uint64_t picoseconds = 4'500 + 11'166 + 24'000 + 12'000 + 45'875 - 2'000;
    EXPECT_EQ(cpu.load(near_base, 8, 0), (picoseconds * 64 + 250) / 500);
    EXPECT_EQ(cpu.load(near_base + 56, 8, microsecond), 0u);
    EXPECT_EQ(cpu.counts().l1d.accesses, 2u);
    EXPECT_EQ(cpu.counts().l1d.misses, 1u);
    EXPECT_EQ(cpu.counts().from_memory, 1u);
}

TEST_F(MemorySystemTest, WhatLeavesLevel2LeavesLevel1) {
    // Nine lines of one set of level 2, which has eight ways; level 1 is asked for the first again
    // and again, so there it stays, and level 2 does not know.
    uint64_t now = 0;
    cpu.atomic(near_base, now);
    for (uint64_t way = 1; way <= 8; ++way) {
        EXPECT_EQ(cpu.load(near_base, 8, now += microsecond), 0u);
        cpu.load(near_base + way * 32 * 1024, 8, now += microsecond);
    }
    EXPECT_EQ(cpu.counts().l2.write_backs, 1u);
    EXPECT_GT(cpu.load(near_base, 8, now += microsecond), 0u);
    EXPECT_EQ(cpu.counts().from_level3, 1u);
}

TEST_F(MemorySystemTest, TheFarNodeIsFarther) {
    const uint32_t near = cpu.load(near_base, 8, 0);
    const uint32_t far = cpu.load(far_base, 8, microsecond);
    EXPECT_EQ(far - near, 40'000u * 64 / 500);
    EXPECT_EQ(system.memory().counts(0).reads, 1u);
    EXPECT_EQ(system.memory().counts(1).reads, 1u);
}

TEST_F(MemorySystemTest, AnAccessAcrossLinesIsSeveral) {
    cpu.load(near_base + 60, 8, 0);
    EXPECT_EQ(cpu.counts().l1d.accesses, 2u);
    EXPECT_EQ(cpu.load(near_base + 64, 8, microsecond), 0u);
    cpu.store(near_base + 4096, 4096, 2 * microsecond);
    EXPECT_EQ(cpu.counts().l1d.accesses, 3u + 64);
}

TEST_F(MemorySystemTest, StoresWaitOnlyForThePlaceInTheBuffer) {
    // A buffer of one: the second waits for the first to reach memory.
    EXPECT_EQ(cpu.store(near_base, 8, 0), 0u);
    EXPECT_GT(cpu.store(near_base + 64, 8, 1'000), 0u);
    EXPECT_EQ(cpu.store(near_base, 8, 2'000), 0u);
    EXPECT_EQ(cpu.store(near_base + 128, 8, microsecond), 0u);
}

TEST_F(MemorySystemTest, AFasterClockWaitsMoreCycles) {
    const uint32_t slow = cpu.load(near_base, 8, 0);
    cpu.set_frequency(1'000'000'000);
    const uint32_t fast = cpu.load(near_base + 4096, 8, microsecond);
    // Private caches are twice as slow in time, so the cycles are a little more than half.
    EXPECT_GT(fast, slow / 2);
    EXPECT_LT(fast, slow / 2 + 5 * 64);
    cpu.set_frequency(2'000'000'000);
    EXPECT_NEAR(cpu.load(near_base + 8192, 8, 2 * microsecond), slow, 1);
}

TEST_F(MemorySystemTest, InstructionsAreFetchedOnceAndOnlyInvalidatedBySoftware) {
    EXPECT_GT(cpu.fetch(near_base, 0), 0u);
    EXPECT_EQ(cpu.fetch(near_base + 4, microsecond), 0u);
    system.cpu(1).atomic(near_base, 2 * microsecond);
    EXPECT_EQ(cpu.fetch(near_base, 3 * microsecond), 0u) << "not coherent";
    cpu.invalidate_instructions(near_base);
    EXPECT_GT(cpu.fetch(near_base, 4 * microsecond), 0u);
}

TEST_F(MemorySystemTest, WalksReadDescriptorsFromLevel2) {
    const std::array<uint64_t, 4> descriptors{near_base, near_base + 0x1000, near_base + 0x2000,
                                              near_base + 0x3000};
    const uint64_t page = 0x40'0000;
    ASSERT_EQ(cpu.translate(Side::data, page, 1, 0), CpuMemory::needs_walk);
    const Walk walk{.address = page, .asid = 1, .descriptors = descriptors};
    const uint32_t cold = cpu.walk(walk, 0);
    EXPECT_EQ(cpu.counts().translation.descriptors, 4u);
    EXPECT_EQ(cpu.counts().l1d.accesses, 0u) << "level 1 is not asked";
    EXPECT_EQ(cpu.translate(Side::data, page + 4095, 1, microsecond), 0u);

    cpu.translation().invalidate_all();
    ASSERT_EQ(cpu.translate(Side::data, page, 1, microsecond), CpuMemory::needs_walk);
    // Four reads that hit level 2, after three cycles in the level 2 TLB.
    EXPECT_EQ(cpu.walk(walk, microsecond), (3u + 4 * 9) * 64);
    EXPECT_GT(cold, 4 * 9 * 64u * 5);
}

TEST_F(MemorySystemTest, MispredictedBranchesCostTheRefill) {
    const Branch branch{0x1000, 0x2000, BranchKind::conditional, true};
    EXPECT_EQ(cpu.branch(branch), 11u * 64);
    EXPECT_EQ(cpu.branch(branch), 4u * 64) << "the target is not known yet";
    EXPECT_EQ(cpu.branch(branch), 0u);
    EXPECT_EQ(cpu.counts().branches.mispredicted, 1u);
}

TEST_F(MemorySystemTest, DevicesAreNotMemory) {
    EXPECT_EQ(complaint([&] { cpu.load(0x1c09'0000, 4, 0); }),
              "0x1c090000 is in no memory node, keep device accesses out of the caches");
}

TEST(MemorySystem, HasAtMost32Cpus) {
    EXPECT_EQ(complaint([] { MemorySystem(phone8(), cpus(cortex_a55(), 33)); }),
              "33 CPUs, a cluster has at most 32");
}

// All that comes back of a random mix of everything, as one number.
uint64_t fingerprint(uint32_t seed) {
    std::vector<MemorySystem::Cpu> phone = cpus(cortex_a55(), 4, 1'800'000'000);
    for (const MemorySystem::Cpu& cpu : cpus(cortex_a76(), 4, 2'400'000'000)) phone.push_back(cpu);
    MemorySystem system(phone8(), phone);
    Random random(seed);
    std::vector<uint64_t> now(8);
    uint64_t print = 0;
    for (int step = 0; step < 200'000; ++step) {
        const uint32_t number = random() % 8;
        CpuMemory& cpu = system.cpu(number);
        const uint64_t node = random() % 8 == 0 ? far_base : near_base;
        const uint64_t address = node + random() % (random() % 2 == 0 ? 16 << 20 : 64 << 10);
        const auto choice = random() % 8;
        uint32_t stall = 0;
        if (choice < 4) stall = cpu.load(address, 8, now[number]);
        if (choice == 4 || choice == 5) stall = cpu.store(address, 8, now[number]);
        if (choice == 6) stall = cpu.fetch(address, now[number]);
        if (choice == 7) stall = cpu.atomic(address, now[number]);
        now[number] += 1'000 + stall * 7;
        print = (print ^ stall) * 0x100'0000'01b3;
    }
    print ^= system.memory().counts(0).activates + system.cluster_counts().l3.misses * 3;
    return print;
}

TEST(MemorySystem, IsExactlyRepeatable) {
    EXPECT_EQ(fingerprint(1), fingerprint(1));
    EXPECT_NE(fingerprint(1), fingerprint(2));
}

TEST(MemorySystem, CountsAgreeWithEachOther) {
    MemorySystem system(phone8(), cpus(cortex_a76(), 2));
    Random random(1);
    for (uint64_t step = 0; step < 100'000; ++step) {
        const uint64_t address = near_base + random() % (8 << 20);
        system.cpu(step % 2).load(address, 8, step * 50'000);
        if (random() % 4 == 0) system.cpu(step % 2).store(address, 8, step * 50'000);
    }
    uint64_t requests = 0;
    uint64_t memory = 0;
    for (size_t number = 0; number < 2; ++number) {
        const CpuCounts counts = system.cpu(number).counts();
        EXPECT_EQ(counts.from_level3 + counts.from_another_cpu + counts.from_memory,
                  counts.l2.misses + counts.prefetches);
        requests += counts.l2.misses + counts.prefetches + counts.upgrades;
        memory += counts.from_memory;
    }
    const DramCounts dram = system.memory().counts(0);
    EXPECT_EQ(system.cluster_counts().l3.accesses, requests);
    EXPECT_EQ(system.cluster_counts().l3.misses, memory);
    EXPECT_EQ(dram.reads, memory);
    EXPECT_EQ(dram.writes, system.cluster_counts().l3.write_backs);
    EXPECT_EQ(dram.activates, dram.row_misses + dram.row_conflicts);
    system.reset_counts();
    EXPECT_EQ(system.cpu(0).counts().l1d.accesses, 0u);
    EXPECT_EQ(system.memory().counts(0).reads, 0u);
}

}  // namespace
}  // namespace orrery::memory
