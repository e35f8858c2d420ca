// SPDX-License-Identifier: Apache-2.0
// Mappings of 2 MiB: when they are made, what they hold, and how they become pages again.
#include <gtest/gtest.h>

#include <vector>

#include "kernel/memory/frames/frame_buddy.hpp"
#include "kernel/memory/pressure/compaction.hpp"
#include "tests/kernel/address_space_bench.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;
constexpr uint64_t pages = block_size / page;
constexpr VirtualAddress base = 0x4000'0000;

struct HugePagesTest : testing::Test {
    static constexpr uint64_t frame_count = 6000;

    void SetUp() override {
        const FrameRange range{FramesBench::begin, FramesBench::begin + frame_count * page};
        FrameMap map;
        ASSERT_EQ(map.initialise(&range, 1), Status::Ok);
        metadata.resize(FrameBuddy::metadata_size(map) / sizeof(Line) + 1);
        ASSERT_EQ(buddy.initialise(map, metadata.data()), Status::Ok);
        bench.frames.replace_strategy(0, buddy);
        ASSERT_EQ(space.create(), Status::Ok);
    }
    void TearDown() override {
        space.destroy();
        EXPECT_EQ(bench.heap.frames_used(), 0U);
        EXPECT_EQ(bench.free_count, frame_count);
        EXPECT_EQ(buddy.free_frames(), frame_count);
        EXPECT_TRUE(buddy.consistent());
    }
    void use(Memory::HugePages mode) { bench.memory.set_huge_pages(mode); }
    [[nodiscard]] bool is_huge(VirtualAddress at) {
        abi::PageInfo info{};
        return space.query(at, info) == Status::Ok && info.huge != 0;
    }
    void write(VirtualAddress at, uint64_t value) {
        ASSERT_EQ(space.write(at, &value, sizeof value), Status::Ok);
        ASSERT_EQ(space.fault(at, abi::ProtectionWrite), Status::Ok);
    }
    uint64_t read(VirtualAddress at) {
        uint64_t value = ~uint64_t{0};
        EXPECT_EQ(space.read(&value, at, sizeof value), Status::Ok);
        return value;
    }
    void fill() {
        for (uint64_t i = 0; i < pages; ++i) write(base + i * page, i + 1);
    }
    void expect_filled() {
        for (uint64_t i = 0; i < pages; ++i) ASSERT_EQ(read(base + i * page), i + 1);
    }

    // Frames of the kernel, until all free memory is in whole blocks.
    std::vector<PhysicalAddress> take_small_blocks() {
        std::vector<PhysicalAddress> taken;
        const auto is_in_pieces = [&] {
            const FreeHistogram histogram = buddy.free_histogram();
            for (unsigned order = 0; order < huge_order; ++order) {
                if (histogram.blocks[order] != 0) return true;
            }
            return false;
        };
        while (is_in_pieces()) taken.push_back(bench.frames.allocate(0, kernel_use).value());
        return taken;
    }

    struct Counter final : FrameObserver {
        void allocated(PhysicalAddress, unsigned, Mobility, FrameUse) override { ++count; }
        void freed(PhysicalAddress, unsigned, FrameUse) override {}
        unsigned count = 0;
    } counter;
    FramesBench bench{frame_count};
    struct alignas(64) Line {
        char bytes[64];
    };
    std::vector<Line> metadata;
    FrameBuddy buddy;
    AddressSpace space{bench.memory, 5, frame_count};
};

TEST_F(HugePagesTest, AreMadeAtTheFirstTouch) {
    use(Memory::HugePages::Always);
    ASSERT_TRUE(space.map(2 * block_size, read_write, base - page).ok());
    write(base + 7 * page, 99);
    EXPECT_TRUE(is_huge(base));
    EXPECT_EQ(bench.events[0].faults_huge, 1U);
    EXPECT_EQ(read(base + 7 * page), 99U);
    EXPECT_EQ(read(base + block_size - 8), 0U);
    EXPECT_EQ(space.frames_owned(), pages + 3);
    // The region does not cover the next one wholly.
    write(base + block_size, 1);
    EXPECT_FALSE(is_huge(base + block_size));
    fill();
    EXPECT_EQ(bench.events[0].faults_huge, 1U);
    expect_filled();
}

TEST_F(HugePagesTest, AreMadeOfPagesThatAreThere) {
    use(Memory::HugePages::Promote);
    ASSERT_TRUE(space.map(block_size, read_write, base).ok());
    write(base + 7 * page, 99);
    EXPECT_FALSE(is_huge(base));
    fill();
    EXPECT_TRUE(is_huge(base + 5 * page));
    EXPECT_EQ(bench.events[0].promotions, 1U);
    expect_filled();
}

TEST_F(HugePagesTest, AreMadeWhenAdvised) {
    ASSERT_TRUE(space.map(block_size + page, read_write, base).ok());
    write(base + 3 * page, 3);
    ASSERT_EQ(space.want_blocks(base, block_size + page), Status::Ok);
    EXPECT_TRUE(is_huge(base));
    EXPECT_EQ(read(base + 3 * page), 3U);
    EXPECT_EQ(space.want_blocks(base, block_size), Status::Ok);
    EXPECT_EQ(space.want_blocks(base + 4 * block_size, block_size), Status::NotFound);
}

TEST_F(HugePagesTest, BecomePagesWhereAPartChanges) {
    ASSERT_TRUE(space.map(block_size, read_write, base).ok());
    fill();
    ASSERT_EQ(space.want_blocks(base, block_size), Status::Ok);
    ASSERT_EQ(space.protect(base + 9 * page, page, read_only), Status::Ok);
    EXPECT_FALSE(is_huge(base));
    EXPECT_EQ(bench.events[0].splits, 1U);
    expect_filled();
    const uint64_t value = 5;
    EXPECT_EQ(space.write(base + 9 * page, &value, sizeof value), Status::BadAddress);
    ASSERT_EQ(space.unmap(base + 11 * page, 2 * page), Status::Ok);
    EXPECT_EQ(space.frames_owned(), pages - 2 + 4);
    EXPECT_EQ(read(base + 13 * page), 14U);
}

// Protection used to be taken page by page, with a walk for each, and made pages of every block.
TEST_F(HugePagesTest, ProtectingWholeBlocksLeavesThemWhole) {
    use(Memory::HugePages::Always);
    ASSERT_TRUE(space.map(2 * block_size + 4 * page, read_write, base).ok());
    write(base, 1);
    write(base + block_size, 2);
    write(base + 2 * block_size + page, 3);
    ASSERT_TRUE(is_huge(base) && is_huge(base + block_size));
    ASSERT_EQ(space.protect(base, block_size + 3 * page, read_only), Status::Ok);
    EXPECT_TRUE(is_huge(base));
    EXPECT_FALSE(is_huge(base + block_size));
    EXPECT_EQ(bench.events[0].splits, 1U);
    for (const VirtualAddress at : {base, base + block_size, base + block_size + 2 * page}) {
        EXPECT_EQ(space.fault(at, abi::ProtectionWrite), Status::BadAddress);
    }
    write(base + block_size + 3 * page, 4);
    EXPECT_EQ(read(base), 1U);
    EXPECT_EQ(read(base + block_size), 2U);
    EXPECT_EQ(read(base + block_size + 3 * page), 4U);
    EXPECT_EQ(read(base + 2 * block_size + page), 3U);
}

// The advice NoHuge was Unsupported.
TEST_F(HugePagesTest, AreRefusedWhereAdvised) {
    use(Memory::HugePages::Always);
    ASSERT_TRUE(space.map(4 * block_size, read_write, base).ok());
    write(base, 1);
    write(base + block_size, 2);
    write(base + 2 * block_size, 3);
    ASSERT_EQ(space.refuse_blocks(base + block_size + page, 2 * block_size), Status::Ok);
    EXPECT_TRUE(is_huge(base));
    EXPECT_FALSE(is_huge(base + block_size));
    EXPECT_FALSE(is_huge(base + 2 * block_size));
    EXPECT_EQ(read(base + block_size), 2U);
    EXPECT_EQ(read(base + 2 * block_size), 3U);
    write(base + 3 * block_size + 5 * page, 4);
    EXPECT_FALSE(is_huge(base + 3 * block_size));
    // Until they are wanted again.
    ASSERT_EQ(space.want_blocks(base, 4 * block_size), Status::Ok);
    for (uint64_t i = 0; i < 4; ++i) EXPECT_TRUE(is_huge(base + i * block_size));
    EXPECT_EQ(read(base + 3 * block_size + 5 * page), 4U);
    abi::PageInfo info{};
    ASSERT_EQ(space.query(base, info), Status::Ok);
    EXPECT_EQ(info.region_size, 4 * block_size);
}

TEST_F(HugePagesTest, OvercommittedMemoryHasThemWhereTheLimitAllows) {
    use(Memory::HugePages::Always);
    const uint64_t size = 8 * block_size;
    const MapRequest request{
        .size = size, .protection = read_write, .flags = abi::MapOvercommit, .address = base};
    ASSERT_TRUE(space.map(request).ok());
    const uint64_t before = space.frames_owned();
    write(base + page, 7);
    EXPECT_TRUE(is_huge(base));
    EXPECT_EQ(space.frames_owned(), before + pages + space.table_frames() - 1);
    EXPECT_EQ(read(base + page), 7U);
    // What others hold of the limit leaves room for pages, but for no block.
    const uint64_t room = space.frame_limit() - space.frames_owned() - 20;
    ASSERT_EQ(space.charge(room), Status::Ok);
    write(base + block_size, 8);
    EXPECT_FALSE(is_huge(base + block_size));
    EXPECT_EQ(space.want_blocks(base + block_size, block_size), Status::LimitReached);
    EXPECT_EQ(read(base + block_size), 8U);
    space.discharge(room);
    ASSERT_EQ(space.discard(base, size), Status::Ok);
    EXPECT_EQ(read(base + page), 0U);
}

TEST_F(HugePagesTest, AreSharedByCopiesPageByPage) {
    ASSERT_TRUE(space.map(block_size, read_write, base).ok());
    fill();
    ASSERT_EQ(space.want_blocks(base, block_size), Status::Ok);
    const VirtualAddress copy = space.copy(base, block_size).value();
    EXPECT_FALSE(is_huge(base));
    EXPECT_EQ(space.want_blocks(base, block_size), Status::Busy);
    write(copy + 4 * page, 1234);
    write(base + 6 * page, 4321);
    EXPECT_EQ(read(base + 4 * page), 5U);
    EXPECT_EQ(read(copy + 6 * page), 7U);
    EXPECT_EQ(space.unmap(copy, block_size), Status::Ok);
    ASSERT_EQ(space.want_blocks(base, block_size), Status::Ok);
    EXPECT_TRUE(is_huge(base));
    EXPECT_EQ(read(base + 6 * page), 4321U);
}

TEST_F(HugePagesTest, GoAsAWhole) {
    use(Memory::HugePages::Always);
    ASSERT_TRUE(space.map(3 * block_size, read_write, base).ok());
    write(base, 1);
    write(base + block_size, 1);
    ASSERT_EQ(space.unmap(base, block_size), Status::Ok);
    EXPECT_EQ(bench.events[0].splits, 0U);
    EXPECT_TRUE(is_huge(base + block_size));
}

TEST_F(HugePagesTest, WithoutABlockPagesAreTaken) {
    use(Memory::HugePages::Always);
    std::vector<PhysicalAddress> taken;
    for (;;) {
        const auto block = bench.frames.allocate(huge_order, FrameUse{});
        if (!block.ok()) break;
        taken.push_back(block.value());
    }
    ASSERT_TRUE(space.map(block_size, read_write, base).ok());
    write(base, 17);
    EXPECT_FALSE(is_huge(base));
    EXPECT_EQ(read(base), 17U);
    EXPECT_EQ(space.want_blocks(base, block_size), Status::NoMemory);
    for (const PhysicalAddress block : taken) bench.frames.free(block, FrameUse{}, huge_order);
}

// A page can be moved from one empty area to the next for ever.
TEST_F(HugePagesTest, CompactionEndsWhereNothingIsGained) {
    ASSERT_TRUE(space.map(2 * page, read_write, base).ok());
    write(base, 1);
    std::vector<PhysicalAddress> taken = take_small_blocks();
    write(base + page, 2);
    Compaction compaction(bench.memory);
    unsigned made = 0;
    while (made < 100 && compaction.make_block() == Status::Ok) ++made;
    EXPECT_LT(made, frame_count / pages);
    EXPECT_EQ(read(base + page), 2U);
    for (const PhysicalAddress frame : taken) bench.frames.free(frame, kernel_use);
}

// Nor does it take what little others need: a free area is lent to it while it moves one.
TEST_F(HugePagesTest, CompactionLeavesTheLastFramesAlone) {
    ASSERT_TRUE(space.map(2 * page, read_write, base).ok());
    write(base, 1);
    std::vector<PhysicalAddress> taken = take_small_blocks();
    std::vector<PhysicalAddress> blocks;
    while (bench.free_count > pages) {
        blocks.push_back(bench.frames.allocate(huge_order, kernel_use).value());
    }
    write(base + page, 2);
    bench.frames.observe(counter);
    counter.count = 0;
    EXPECT_EQ(Compaction(bench.memory).make_block(), Status::NoMemory);
    EXPECT_EQ(counter.count, 0U);
    for (const PhysicalAddress frame : taken) bench.frames.free(frame, kernel_use);
    for (const PhysicalAddress block : blocks) bench.frames.free(block, kernel_use, huge_order);
}

// Where memory is in pieces, it is no use to store away what others have.
TEST_F(HugePagesTest, AdviceEvictsNobodyForWhatItCannotHave) {
    bench.memory.swap().initialise(400, nullptr, nullptr);
    bench.memory.reclaim().set_up();
    ASSERT_TRUE(space.map(block_size, read_write, base).ok());
    const VirtualAddress other = space.map(200 * page, read_write, 0).value();
    for (uint64_t i = 0; i < 200; ++i) write(other + i * page, i + 1);
    // One frame of each block is the kernel's.
    std::vector<PhysicalAddress> pins;
    for (;;) {
        const auto block = bench.frames.allocate(huge_order, kernel_use);
        if (!block.ok()) break;
        bench.frames.split(block.value(), huge_order);
        for (uint64_t i = 1; i < pages; ++i) {
            bench.frames.free(block.value() + i * page, kernel_use);
        }
        pins.push_back(block.value());
    }
    // The second time, compaction has just failed and is not tried.
    EXPECT_EQ(space.want_blocks(base, block_size), Status::NoMemory);
    EXPECT_EQ(space.want_blocks(base, block_size), Status::NoMemory);
    EXPECT_EQ(bench.memory.reclaim().info().pages_hidden, 0U);
    EXPECT_EQ(space.pages_swapped(), 0U);
    for (const PhysicalAddress pin : pins) bench.frames.free(pin, kernel_use);
}

// Found by the fuzzer: the first page of a block moves, a later one cannot, and the first one was
// left without a mapping, so that the same fault came again for ever.
TEST_F(HugePagesTest, ABlockThatCannotBeFinishedLeavesThePageMapped) {
    use(Memory::HugePages::Never);
    ASSERT_TRUE(space.map(block_size, abi::ProtectionRead | abi::ProtectionWrite, base).ok());
    write(base + 5 * page, 5);
    const Result<uint64_t> copy = space.copy(base + 5 * page, page);
    ASSERT_TRUE(copy.ok());
    use(Memory::HugePages::Always);
    ASSERT_EQ(space.fault(base, abi::ProtectionWrite), Status::Ok);
    EXPECT_FALSE(is_huge(base));
    abi::PageInfo info{};
    ASSERT_EQ(space.query(base, info), Status::Ok);
    EXPECT_EQ(info.mapped, abi::ProtectionRead | abi::ProtectionWrite);
    EXPECT_EQ(read(copy.value()), 5U);
}

}  // namespace
}  // namespace kernel
