// SPDX-License-Identifier: Apache-2.0
// The page cache: batches, magazines of other CPUs, and a strategy that refuses.
#include "kernel/memory/frames/page_cache.hpp"

#include <set>

#include "tests/kernel/frames_bench.hpp"
#include "tests/kernel/memory/frames/strategy_bench.hpp"

namespace kernel {
namespace {

struct PageCacheTest : testing::Test {
    PageCacheTest() { cache.initialise(refusing, bench.map, metadata.get()); }

    PhysicalAddress take(unsigned cpu = 0, Mobility mobility = Mobility::Movable) {
        return cache.allocate({0, mobility, cpu}).value();
    }

    FakeMachine machine;
    StrategyBench bench{"segregated", false, {{0x4000'0000, 0x4000'0000 + 32 * section}}};
    RefusingStrategy refusing{*bench.strategy};
    AlignedBytes metadata = aligned_bytes(PageCache::metadata_size(bench.map));
    PageCache cache;
    const uint64_t all = bench.map.frames();

    // What the cache keeps of each frame, whose place is its own business.
    [[nodiscard]] std::vector<unsigned char> bytes() const {
        const auto* begin = reinterpret_cast<const unsigned char*>(metadata.get());
        return {begin, begin + PageCache::metadata_size(bench.map)};
    }
    void restore(const std::vector<unsigned char>& before) {
        std::copy(before.begin(), before.end(), reinterpret_cast<unsigned char*>(metadata.get()));
    }
};

TEST_F(PageCacheTest, GoesToTheStrategyOnceABatch) {
    std::vector<PhysicalAddress> taken;
    for (unsigned i = 0; i < PageCache::batch; ++i) taken.push_back(take());
    EXPECT_EQ(refusing.allocations(), PageCache::batch);  // each frame of the bulk counts
    EXPECT_EQ(cache.cached_frames(), 0U);
    taken.push_back(take());
    EXPECT_EQ(refusing.allocations(), 2 * PageCache::batch);
    EXPECT_EQ(cache.cached_frames(), PageCache::batch - 1);
    EXPECT_EQ(cache.free_frames(), all - taken.size());
    // Up and down at the border of a batch nothing goes to the strategy any more.
    for (unsigned i = 0; i < 100; ++i) {
        ASSERT_EQ(cache.free(taken.back(), 0, 0), Status::Ok);
        taken.back() = take();
    }
    EXPECT_EQ(refusing.allocations(), 2 * PageCache::batch);
}

TEST_F(PageCacheTest, GivesTheLastFreedFirst) {
    const PhysicalAddress first = take();
    const PhysicalAddress second = take();
    EXPECT_EQ(cache.free(first, 0, 0), Status::Ok);
    EXPECT_EQ(cache.free(second, 0, 0), Status::Ok);
    EXPECT_EQ(take(), second);
    EXPECT_EQ(take(), first);
}

TEST_F(PageCacheTest, HoldsNoMoreThanItsCapacity) {
    std::vector<PhysicalAddress> taken;
    for (unsigned i = 0; i < 1000; ++i) taken.push_back(take(i % 3));
    for (const PhysicalAddress frame : taken) {
        ASSERT_EQ(cache.free(frame, 0, 5), Status::Ok);
        ASSERT_LE(cache.cached_frames(), 4 * PageCache::capacity);
    }
    EXPECT_EQ(cache.free_frames(), all);
    EXPECT_TRUE(cache.consistent());
    cache.drain();
    EXPECT_EQ(cache.cached_frames(), 0U);
    EXPECT_EQ(bench.strategy->free_frames(), all);
    EXPECT_TRUE(cache.consistent());
}

TEST_F(PageCacheTest, KeepsMobilitiesApart) {
    const PhysicalAddress fixed = take(0, Mobility::Unmovable);
    const PhysicalAddress movable = take(0, Mobility::Movable);
    EXPECT_LT(fixed, 0x4000'0000 + 2 * section);
    EXPECT_GE(movable, 0x4000'0000 + 2 * section);
    EXPECT_EQ(cache.free(movable, 0, 0), Status::Ok);
    // The frame that was freed last is of the other kind.
    EXPECT_LT(take(0, Mobility::Unmovable), 0x4000'0000 + 2 * section);
    EXPECT_EQ(take(0, Mobility::Movable), movable);
}

TEST_F(PageCacheTest, FramesOfASplitBlockStayWithItsMobility) {
    for (const Mobility mobility : {Mobility::Movable, Mobility::Unmovable}) {
        const PhysicalAddress block = cache.allocate({3, mobility, 0}).value();
        ASSERT_EQ(cache.split(block, 3, 0), Status::Ok);
        ASSERT_EQ(cache.free(block + 5 * page, 0, 0), Status::Ok);
        EXPECT_EQ(take(0, mobility), block + 5 * page);
    }
    // A block that is freed as one leaves nothing behind.
    const PhysicalAddress block = cache.allocate({3, Mobility::Unmovable, 0}).value();
    EXPECT_EQ(cache.free(block, 2, 0), Status::NotFound);
    EXPECT_EQ(cache.free(block, 3, 0), Status::Ok);
    EXPECT_TRUE(cache.consistent());
    EXPECT_EQ(cache.split(block, 3, 0), Status::NotFound);
}

TEST_F(PageCacheTest, DrainsWhenTheStrategyRunsDry) {
    std::vector<PhysicalAddress> taken;
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) taken.push_back(take(cpu));
    const uint64_t cached = cache.cached_frames();
    EXPECT_EQ(cached, hal::max_cpus * (PageCache::batch - 1));
    while (bench.strategy->free_frames() != 0) taken.push_back(take(0));
    while (cache.free_frames() != 0) taken.push_back(take(0));
    EXPECT_EQ(std::set<PhysicalAddress>(taken.begin(), taken.end()).size(), all);
    EXPECT_EQ(cache.allocate({0, Mobility::Movable, 0}).status(), Status::NoMemory);
    EXPECT_TRUE(cache.consistent());
    EXPECT_EQ(cache.free_bulk(taken.data(), static_cast<unsigned>(all), 0), all);
    EXPECT_EQ(cache.free_frames(), all);
}

TEST_F(PageCacheTest, AStrategyThatRefusesAnywhereLosesNothing) {
    for (uint64_t refused = 1; refused < 80; ++refused) {
        std::vector<PhysicalAddress> taken;
        refusing.refuse_from(refused);
        for (unsigned i = 0; i < 200; ++i) {
            const auto frame = cache.allocate({0, Mobility::Movable, i % 2});
            if (frame.ok()) taken.push_back(frame.value());
        }
        EXPECT_LT(taken.size(), refused);
        ASSERT_TRUE(cache.consistent()) << refused;
        ASSERT_EQ(cache.free_frames(), all - taken.size());
        for (const PhysicalAddress frame : taken) ASSERT_EQ(cache.free(frame, 0, 1), Status::Ok);
        refusing.refuse_from(0);
        cache.drain();
        ASSERT_EQ(bench.strategy->free_frames(), all);
    }
}

TEST_F(PageCacheTest, SeesItsOwnDamage) {
    const PhysicalAddress frame = take();
    const std::vector<unsigned char> before = bytes();
    ASSERT_EQ(cache.free(frame, 0, 0), Status::Ok);
    ASSERT_TRUE(cache.consistent());
    restore(before);  // given, while it is in a magazine
    EXPECT_FALSE(cache.consistent());
}

TEST_F(PageCacheTest, DeathByTwoFreesInTheSameInstant) {
    const PhysicalAddress frame = take();
    const std::vector<unsigned char> before = bytes();
    ASSERT_EQ(cache.free(frame, 0, 0), Status::Ok);
    // CPU 1 had looked at the byte before CPU 0 changed it.
    restore(before);
    ASSERT_EQ(cache.free(frame, 0, 1), Status::Ok);
    EXPECT_EXIT((void)take(), testing::ExitedWithCode(FakeMachine::halted),
                "two CPUs freed the same frame at once");
}

}  // namespace
}  // namespace kernel
