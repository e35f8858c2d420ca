// SPDX-License-Identifier: Apache-2.0
// Reclaim and compaction under address spaces whose contents are verified.
#include "kernel/memory/pressure/reclaim.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "kernel/abi/page_pool.hpp"
#include "kernel/drivers/ram_disk.hpp"
#include "kernel/memory/frames/frame_buddy.hpp"
#include "kernel/memory/objects/anonymous_object.hpp"
#include "kernel/memory/pressure/compaction.hpp"
#include "tests/kernel/address_space_bench.hpp"

namespace kernel {
namespace {

struct ReclaimTest : AddressSpaceBench {
    static constexpr uint64_t disk_blocks = 1500;
    // Of a task that may have more memory than there is.
    AddressSpace large{bench.memory, 6, 3000};
    Reclaim& reclaim = bench.memory.reclaim();
    SwapStore& swap = bench.memory.swap();
    RamDisk disk;
    std::vector<uint64_t> metadata = std::vector<uint64_t>(SwapStore::metadata_size(disk_blocks));

    void SetUp() override {
        AddressSpaceBench::SetUp();
        ASSERT_EQ(large.create(), Status::Ok);
    }
    void TearDown() override {
        large.destroy();
        EXPECT_EQ(swap.frames_used(), 0U);
        AddressSpaceBench::TearDown();
    }
    void use_swap(uint64_t memory_frames, bool with_disk) {
        disk.initialise(FramesBench::begin + frame_count * page, disk_blocks);
        auto at = (reinterpret_cast<uintptr_t>(metadata.data()) + 63) / 64 * 64;
        swap.initialise(memory_frames, with_disk ? &disk : nullptr, reinterpret_cast<void*>(at));
        reclaim.set_up();
    }
    // A page that compresses, unless it is of noise.
    static std::string content(uint64_t seed) {
        std::string text(page, '\0');
        std::mt19937_64 random(seed);
        const bool noise = seed % 3 == 0;
        for (uint64_t at = 0; at < page; at += 8) {
            const uint64_t word = noise ? random() : seed * (at / 64 + 1);
            memcpy(text.data() + at, &word, sizeof word);
        }
        return text;
    }
    void put(AddressSpace& to, VirtualAddress at, uint64_t seed) {
        ASSERT_EQ(to.write(at, content(seed).data(), page), Status::Ok);
    }
    static bool holds(AddressSpace& from, VirtualAddress at, uint64_t seed) {
        std::string back(page, '\1');
        return from.read(back.data(), at, page) == Status::Ok && back == content(seed);
    }
    abi::PageInfo look(AddressSpace& in, VirtualAddress at) {
        abi::PageInfo info{};
        EXPECT_EQ(in.query(at, info), Status::Ok);
        return info;
    }
};

TEST_F(ReclaimTest, MoreMemoryThanThereIs) {
    for (const bool with_disk : {false, true}) {
        use_swap(400, with_disk);
        const uint64_t count = with_disk ? 2000 : 1300;
        const VirtualAddress at = large.map(count * page, read_write, 0).value();
        // Without a disk, what does not compress has nowhere to go.
        const auto seed = [&](uint64_t i) { return with_disk ? i : i * 3 + 1; };
        for (uint64_t i = 0; i < count; ++i) put(large, at + i * page, seed(i));
        EXPECT_GT(reclaim.info().pages_swapped_out, count - frame_count);
        EXPECT_GT(large.pages_swapped(), 0U);
        for (uint64_t i = 0; i < count; ++i) ASSERT_TRUE(holds(large, at + i * page, seed(i))) << i;
        EXPECT_GT(reclaim.info().pages_swapped_in, 0U);
        EXPECT_GE(bench.free_count, 0U);
        EXPECT_EQ(large.unmap(at, count * page), Status::Ok);
        EXPECT_EQ(large.pages_swapped(), 0U);
        EXPECT_EQ(swap.frames_used(), 0U);
    }
}

TEST_F(ReclaimTest, SaysSoWhenNothingCanBeStored) {
    use_swap(0, false);
    const VirtualAddress at = large.map(2000 * page, read_write, 0).value();
    uint64_t i = 0;
    Status status = Status::Ok;
    for (; status == Status::Ok && i < 2000; ++i) {
        status = large.write(at + i * page, content(i).data(), page);
    }
    EXPECT_EQ(status, Status::NoMemory);
    // The reserve is the kernel's.
    EXPECT_GE(bench.free_count, reclaim.watermarks().min - 4);
    for (uint64_t k = 0; k + 1 < i; ++k) ASSERT_TRUE(holds(large, at + k * page, k));
}

TEST_F(ReclaimTest, AFullDiskLosesNothing) {
    use_swap(40, true);
    const VirtualAddress at = large.map(2900 * page, read_write, 0).value();
    uint64_t written = 0;
    while (large.write(at + written * page, content(written * 3).data(), page) == Status::Ok) {
        ++written;
    }
    EXPECT_GT(written, disk_blocks + 500);
    for (uint64_t i = 0; i < written; i += 7) ASSERT_TRUE(holds(large, at + i * page, i * 3)) << i;
}

TEST_F(ReclaimTest, PagesOfFilesAreDroppedAndMadeAgain) {
    use_swap(0, false);
    std::string bytes;
    for (uint64_t i = 0; i < 50; ++i) bytes += content(i);
    FileObject* file =
        bench.files.open({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), 0}).value();
    const VirtualAddress at =
        large.map(MapRequest{.size = 50 * page, .protection = read_only, .object = file}).value();
    for (uint64_t i = 0; i < 50; ++i) ASSERT_TRUE(holds(large, at + i * page, i));
    EXPECT_EQ(bench.frames.frames_of(FrameOwner::File), 50U);
    while (reclaim.make_room()) {
    }
    EXPECT_EQ(bench.frames.frames_of(FrameOwner::File), 0U);
    EXPECT_EQ(reclaim.info().pages_dropped, 50U);
    for (uint64_t i = 0; i < 50; ++i) ASSERT_TRUE(holds(large, at + i * page, i));
}

// Who is touched between two visits of the clock stays.
TEST_F(ReclaimTest, UsedPagesStay) {
    use_swap(400, true);
    const VirtualAddress hot = large.map(50 * page, read_write, 0).value();
    for (uint64_t i = 0; i < 50; ++i) put(large, hot + i * page, i);
    const VirtualAddress cold = large.map(1200 * page, read_write, 0).value();
    for (uint64_t i = 0; i < 1200; ++i) {
        put(large, cold + i * page, i);
        for (uint64_t k = 0; k < 50; ++k) {
            char byte = 0;
            ASSERT_EQ(large.read(&byte, hot + k * page, 1), Status::Ok);
        }
    }
    // Once, when memory first ran out: all pages had been touched since the clock last came by, as
    // it had never come by. Not again.
    EXPECT_LE(bench.events[0].faults_swap, 50U);
    EXPECT_GT(reclaim.info().pages_swapped_out, 250U);
}

TEST_F(ReclaimTest, CompressedPagesMoveOnWhenTheirMemoryIsFull) {
    use_swap(40, true);
    const auto seed = [](uint64_t i) { return i * 3 + 1; };  // all of them compress
    const VirtualAddress at = large.map(1500 * page, read_write, 0).value();
    for (uint64_t i = 0; i < 1500; ++i) put(large, at + i * page, seed(i));
    const SwapFigures before = swap.figures();
    EXPECT_GT(before.moved, 100U);
    EXPECT_LE(before.frames, 40U);
    EXPECT_GT(before.pages_memory, 0U);
    // A copy shares what is there; neither hears of the other's end.
    const VirtualAddress copy = large.copy(at, 300 * page).value();
    EXPECT_EQ(large.unmap(at, 150 * page), Status::Ok);
    for (uint64_t i = 0; i < 300; ++i) ASSERT_TRUE(holds(large, copy + i * page, seed(i))) << i;
    for (uint64_t i = 150; i < 1500; ++i) ASSERT_TRUE(holds(large, at + i * page, seed(i))) << i;
    EXPECT_EQ(large.unmap(copy, 300 * page), Status::Ok);
    EXPECT_EQ(large.unmap(at + 150 * page, 1350 * page), Status::Ok);
    EXPECT_EQ(swap.frames_used(), 0U);
    EXPECT_EQ(swap.figures().pages_device, 0U);
}

TEST_F(ReclaimTest, PageOutAndBack) {
    use_swap(400, true);
    const VirtualAddress at = large.map(8 * page, read_write, 0).value();
    for (uint64_t i = 0; i < 6; ++i) put(large, at + i * page, i);
    EXPECT_EQ(large.page_out(at, 8 * page), Status::Ok);
    EXPECT_EQ(large.pages_swapped(), 6U);
    EXPECT_EQ(look(large, at).swapped, 1U);
    EXPECT_EQ(look(large, at).resident, 0U);
    EXPECT_EQ(look(large, at + 7 * page).swapped, 0U);
    for (uint64_t i = 0; i < 6; ++i) EXPECT_TRUE(holds(large, at + i * page, i));
    EXPECT_EQ(large.pages_swapped(), 0U);
    EXPECT_EQ(large.page_out(at + 100 * page, page), Status::NotFound);
    EXPECT_EQ(large.page_out(at + 1, page), Status::InvalidArgument);
}

// A task that is killed must not go on to fill memory, or swap, page after page.
TEST_F(ReclaimTest, LongCallsStopWhenTheTaskEnds) {
    use_swap(400, true);
    const VirtualAddress at = large.map(2000 * page, read_write, 0).value();
    ASSERT_EQ(large.populate(at, 8 * page), Status::Ok);
    const uint64_t before = large.frames_owned();
    large.stop();
    EXPECT_EQ(large.populate(at, 2000 * page), Status::Busy);
    EXPECT_EQ(large.page_out(at, 2000 * page), Status::Busy);
    EXPECT_EQ(large.want_blocks(at, 2000 * page), Status::Busy);
    EXPECT_EQ(large.frames_owned(), before);
    EXPECT_EQ(large.pages_swapped(), 0U);
}

TEST_F(ReclaimTest, CopiesShareWhatIsStored) {
    use_swap(400, true);
    const VirtualAddress at = large.map(8 * page, read_write, 0).value();
    for (uint64_t i = 0; i < 8; ++i) put(large, at + i * page, i);
    EXPECT_EQ(large.page_out(at, 8 * page), Status::Ok);
    const VirtualAddress copy = large.copy(at, 8 * page).value();
    EXPECT_EQ(large.pages_swapped(), 16U);
    EXPECT_EQ(swap.figures().stored, 8U);
    put(large, copy, 100);
    for (uint64_t i = 0; i < 8; ++i) EXPECT_TRUE(holds(large, at + i * page, i));
    EXPECT_TRUE(holds(large, copy, 100));
    for (uint64_t i = 1; i < 8; ++i) EXPECT_TRUE(holds(large, copy + i * page, i));
}

TEST_F(ReclaimTest, DiscardForgetsWhatIsStored) {
    use_swap(400, true);
    const VirtualAddress at = large.map(8 * page, read_write, 0).value();
    for (uint64_t i = 0; i < 8; ++i) put(large, at + i * page, i + 1);
    EXPECT_EQ(large.page_out(at, 8 * page), Status::Ok);
    EXPECT_EQ(large.discard(at, 8 * page), Status::Ok);
    EXPECT_EQ(large.pages_swapped(), 0U);
    EXPECT_TRUE(holds(large, at, 0) || true);
    std::string back(page, '\1');
    EXPECT_EQ(large.read(back.data(), at, page), Status::Ok);
    EXPECT_EQ(back, std::string(page, '\0'));
}

TEST_F(ReclaimTest, TakesFromOneTaskOnly) {
    use_swap(400, true);
    const VirtualAddress mine = space.map(100 * page, read_write, 0).value();
    const VirtualAddress theirs = large.map(100 * page, read_write, 0).value();
    for (uint64_t i = 0; i < 100; ++i) {
        put(space, mine + i * page, i);
        put(large, theirs + i * page, i + 1000);
    }
    EXPECT_EQ(reclaim.take_from(5, 60), 60U);
    EXPECT_EQ(large.pages_swapped(), 60U);
    EXPECT_EQ(space.pages_swapped(), 0U);
    EXPECT_EQ(reclaim.take_from(5, 60), 40U);
    for (uint64_t i = 0; i < 100; ++i) {
        ASSERT_TRUE(holds(space, mine + i * page, i));
        ASSERT_TRUE(holds(large, theirs + i * page, i + 1000));
    }
}

TEST_F(ReclaimTest, FreePagesOfAPoolAreTakenWithoutAsking) {
    use_swap(0, false);
    const VirtualAddress state = large.map(page, read_write, 0).value();
    const VirtualAddress pages = large.map(100 * page, read_write, 0).value();
    const abi::PagePoolState header{abi::page_pool_magic, pages, 100, 0, {}};
    ASSERT_EQ(large.write(state, &header, sizeof header), Status::Ok);
    for (uint64_t i = 0; i < 100; ++i) put(large, pages + i * page, i);
    // Pages 10 to 63 are free, and 64 to 70.
    const uint64_t free[2] = {~uint64_t{0} << 10, 0x7f};
    ASSERT_EQ(large.write(state + abi::page_pool_free_at(0), free, sizeof free), Status::Ok);
    const uint64_t before = large.frames_owned();
    EXPECT_EQ(large.take_pool_pages(state, 20).value(), 20U);
    EXPECT_EQ(large.frames_owned(), before - 20);
    EXPECT_EQ(large.take_pool_pages(state, 100).value(), 41U);
    EXPECT_EQ(large.take_pool_pages(state, 100).value(), 0U);
    for (uint64_t i = 0; i < 100; ++i) {
        const bool was_free = i >= 10 && i < 71;
        ASSERT_EQ(holds(large, pages + i * page, i), !was_free) << i;
    }
    uint64_t after[2] = {};
    ASSERT_EQ(large.read(after, state + abi::page_pool_free_at(0), sizeof after), Status::Ok);
    EXPECT_EQ(after[0], free[0]);
    EXPECT_EQ(after[1], free[1]);
    ASSERT_EQ(large.read(after, state + abi::page_pool_evicted_at(100, 0), sizeof after),
              Status::Ok);
    EXPECT_EQ(after[0], free[0]);
}

TEST_F(ReclaimTest, APoolThatLiesHurtsItselfOnly) {
    use_swap(0, false);
    const VirtualAddress state = large.map(page, read_write, 0).value();
    const auto with = [&](abi::PagePoolState header) {
        EXPECT_EQ(large.write(state, &header, sizeof header), Status::Ok);
        return large.take_pool_pages(state, 10).status();
    };
    EXPECT_EQ(with({0, state, 1, 0, {}}), Status::InvalidArgument);
    EXPECT_EQ(with({abi::page_pool_magic, state + 1, 1, 0, {}}), Status::InvalidArgument);
    EXPECT_EQ(with({abi::page_pool_magic, state, 0, 0, {}}), Status::InvalidArgument);
    EXPECT_EQ(with({abi::page_pool_magic, state, ~uint64_t{0}, 0, {}}), Status::InvalidArgument);
    EXPECT_EQ(with({abi::page_pool_magic, abi::user_end - page, 2, 0, {}}),
              Status::InvalidArgument);
    // Bits that lie outside all memory: the words cannot be read.
    EXPECT_EQ(with({abi::page_pool_magic, state, abi::page_pool_most_pages, 0, {}}),
              Status::BadAddress);
    EXPECT_EQ(large.take_pool_pages(state + 8, 10).status(), Status::InvalidArgument);
    EXPECT_EQ(large.take_pool_pages(0x1234'0000, 10).status(), Status::BadAddress);
}

// The buddy over eight areas, with pages all over the place.
struct CompactionTest : ReclaimTest {};

TEST_F(CompactionTest, FindsNothingToMoveInNoMemory) {
    EXPECT_EQ(Compaction(bench.memory).make_block(), Status::NotFound);
}

TEST_F(CompactionTest, MovesWhatIsInTheWay) {
    use_swap(0, true);  // frames of compressed pages would lie in between
    // The bench's strategy has no blocks: what can be seen is that pages move and stay themselves.
    const VirtualAddress at = large.map(700 * page, read_write, 0).value();
    // What the kernel needs for them, which cannot be moved, comes first.
    for (uint64_t i = 0; i < 700; i += 64) put(large, at + i * page, i);
    for (uint64_t i = 0; i < 700; ++i) put(large, at + i * page, i);
    for (uint64_t i = 0; i < 700; ++i) {
        if (i % 4 != 0) ASSERT_EQ(large.page_out(at + i * page, page), Status::Ok);
    }
    EXPECT_NE(Compaction(bench.memory).make_block(), Status::Ok);
    EXPECT_GT(reclaim.info().pages_moved, 0U);
    for (uint64_t i = 0; i < 700; ++i) ASSERT_TRUE(holds(large, at + i * page, i)) << i;
}

}  // namespace
}  // namespace kernel
