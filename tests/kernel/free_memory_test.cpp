// SPDX-License-Identifier: Apache-2.0
// Which memory is free at boot: banks without everything that is taken.
#include "kernel/boot/free_memory.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;

struct FreeMemoryTest : testing::Test {
    void bank(uint64_t begin, uint64_t end) { machine.banks[machine.bank_count++] = {begin, end}; }
    void reserve(uint64_t begin, uint64_t end) {
        machine.reserved[machine.reserved_count++] = {begin, end};
    }
    [[nodiscard]] std::set<uint64_t> free_frames() const {
        const FreeMemory memory(machine, boot);
        std::set<uint64_t> frames;
        for (unsigned i = 0; i < memory.range_count(); ++i) {
            const FrameRange& range = memory.ranges()[i];
            EXPECT_LT(range.begin, range.end);
            for (uint64_t at = range.begin; at < range.end; at += page) {
                EXPECT_TRUE(frames.insert(at).second) << "twice: " << std::hex << at;
            }
        }
        EXPECT_EQ(memory.frames(), frames.size());
        return frames;
    }
    static std::set<uint64_t> pages(std::initializer_list<uint64_t> numbers) {
        std::set<uint64_t> result;
        for (const uint64_t number : numbers) result.insert(number * page);
        return result;
    }

    MachineDescription machine;
    hal::BootInformation boot{};
};

TEST_F(FreeMemoryTest, IsAllOfTheBanksWhenNothingIsTaken) {
    bank(16 * page, 18 * page);
    bank(32 * page, 33 * page);
    EXPECT_EQ(free_frames(), pages({16, 17, 32}));
    EXPECT_EQ(FreeMemory(machine, boot).total_frames(), 3U);
}

TEST_F(FreeMemoryTest, KeepsALimit) {
    bank(16 * page, 116 * page);
    bank(1000 * page, 1100 * page);
    bank(2000 * page, 2003 * page);
    for (uint64_t limit = 210; limit-- > 0;) {
        FreeMemory memory(machine, boot);
        memory.limit(limit);
        EXPECT_EQ(memory.frames(), limit < 203 ? limit : 203);
        for (unsigned i = 0; i < memory.range_count(); ++i) {
            EXPECT_LT(memory.ranges()[i].begin, memory.ranges()[i].end);
        }
        if (limit > 10) EXPECT_EQ(memory.range_count(), 3U);
    }
}

TEST_F(FreeMemoryTest, LacksImageTreeAndArchiveInWholeFrames) {
    bank(16 * page, 32 * page);
    boot.image_begin = 16 * page;
    boot.image_end = 18 * page + 1;
    boot.device_tree_physical = 20 * page + 8;
    boot.device_tree_limit = page;
    machine.archive = {24 * page + 100, 26 * page - 1};
    EXPECT_EQ(free_frames(), pages({19, 22, 23, 26, 27, 28, 29, 30, 31}));
    EXPECT_EQ(FreeMemory(machine, boot).total_frames(), 16U);
}

TEST_F(FreeMemoryTest, ReservationsMayOverlapInEveryWay) {
    bank(16 * page, 24 * page);
    reserve(18 * page, 20 * page);
    reserve(19 * page, 21 * page);  // overlaps
    reserve(18 * page, 19 * page);  // lies within
    reserve(17 * page, 21 * page);  // covers
    reserve(20 * page, 20 * page);  // is empty
    EXPECT_EQ(free_frames(), pages({16, 21, 22, 23}));
}

TEST_F(FreeMemoryTest, ReservationsAtAndBeyondBorders) {
    bank(16 * page, 20 * page);
    bank(24 * page, 28 * page);
    reserve(10 * page, 17 * page);
    reserve(19 * page, 25 * page);  // over the gap between the banks
    reserve(27 * page, 40 * page);
    reserve(0, 16 * page);
    reserve(28 * page, 29 * page);
    EXPECT_EQ(free_frames(), pages({17, 18, 25, 26}));
}

TEST_F(FreeMemoryTest, NothingIsLeftOfABankThatIsTakenWhole) {
    bank(16 * page, 20 * page);
    bank(24 * page, 28 * page);
    reserve(16 * page, 20 * page);
    EXPECT_EQ(free_frames(), pages({24, 25, 26, 27}));
    reserve(0, 100 * page);
    EXPECT_EQ(free_frames(), pages({}));
    FreeMemory memory(machine, boot);
    EXPECT_EQ(memory.carve(1).status(), Status::NoMemory);
}

TEST_F(FreeMemoryTest, CarvesWholeFramesOffTheLargestRange) {
    bank(16 * page, 20 * page);
    bank(32 * page, 40 * page);
    FreeMemory memory(machine, boot);
    EXPECT_EQ(memory.carve(1).value(), 39 * page);
    EXPECT_EQ(memory.carve(page + 1).value(), 37 * page);
    EXPECT_EQ(memory.frames(), 4U + 5);
    EXPECT_EQ(memory.carve(5 * page).status(), Status::NoMemory);  // nothing would be left of it
    EXPECT_EQ(memory.carve(3 * page).value(), 34 * page);
    EXPECT_EQ(memory.carve(page).value(), 19 * page);  // now the other one is larger
    EXPECT_EQ(memory.total_frames(), 12U);
}

// More pieces than there is room for cost memory, but never give away what is taken.
TEST_F(FreeMemoryTest, TooManyPiecesLoseMemoryButKeepReservations) {
    for (uint64_t i = 0; i < 8; ++i) bank(i * 64 * page, (i * 64 + 32) * page);
    for (uint64_t i = 0; i < 16; ++i) {
        const uint64_t begin = i / 2 * 64 + 8 + i % 2 * 8;
        reserve(begin * page, (begin + 1) * page);
    }
    const std::set<uint64_t> frames = free_frames();
    EXPECT_GT(frames.size(), 100U);
    for (unsigned i = 0; i < machine.reserved_count; ++i) {
        EXPECT_EQ(frames.count(machine.reserved[i].begin), 0U);
    }
}

TEST_F(FreeMemoryTest, AgreesWithASetOfFrames) {
    std::mt19937_64 random(7);
    for (unsigned round = 0; round < 3'000; ++round) {
        machine = {};
        boot = {};
        std::set<uint64_t> expected;
        for (uint64_t b = 0; b < 3; ++b) {
            bank((64 * b + 1) * page, (64 * b + 50) * page);
            for (uint64_t i = 1; i < 50; ++i) expected.insert((64 * b + i) * page);
        }
        // Few enough that the pieces always fit.
        for (unsigned i = 0; i < 12; ++i) {
            const uint64_t begin = random() % 200 * page;
            const uint64_t end = begin + random() % 20 * page;
            if (i == 0) {
                boot.image_begin = begin;
                boot.image_end = end;
            } else {
                reserve(begin, end);
            }
            expected.erase(expected.lower_bound(begin), expected.lower_bound(end));
        }
        ASSERT_EQ(free_frames(), expected) << round;
    }
}

}  // namespace
}  // namespace kernel
