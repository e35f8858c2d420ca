// SPDX-License-Identifier: Apache-2.0
// The swap store beside a map: what was stored is had back, whatever fails in between.
#include "kernel/memory/pressure/swap_store.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "kernel/drivers/ram_disk.hpp"
#include "tests/kernel/frames_bench.hpp"

namespace kernel {
namespace {

using Page = std::vector<uint64_t>;
constexpr size_t words = hal::page_size / sizeof(uint64_t);

// A disk that refuses what the test says.
class FailingDisk final : public BlockDevice {
  public:
    explicit FailingDisk(uint64_t blocks) : content_(blocks, Page(words)) {}

    bool fail_reads = false;
    unsigned fail_writes = 0;  // so many of the next ones

    const char* name() const override { return "failing"; }
    uint64_t blocks() const override { return content_.size(); }
    Status read(uint64_t block, void* to) override {
        if (block >= blocks()) return Status::InvalidArgument;
        if (fail_reads) return Status::DeviceFailed;
        memcpy(to, content_[block].data(), block_size);
        return Status::Ok;
    }
    Status write(uint64_t block, const void* from) override {
        if (block >= blocks()) return Status::InvalidArgument;
        if (fail_writes != 0) {
            --fail_writes;
            content_[block].assign(words, 0xbad);
            return Status::DeviceFailed;
        }
        memcpy(content_[block].data(), from, block_size);
        return Status::Ok;
    }

  private:
    std::vector<Page> content_;
};

Page noise(uint64_t seed) {
    std::mt19937_64 random(seed);
    Page page(words);
    for (uint64_t& word : page) word = random();
    return page;
}
Page pattern(uint64_t seed) {
    Page page(words);
    for (size_t i = 0; i < words; ++i) page[i] = seed + i / 4;
    return page;
}

struct SwapStoreTest : testing::Test {
    static constexpr uint64_t frame_count = 256;
    static constexpr uint64_t memory_limit = 40;
    FramesBench bench{frame_count};
    std::unique_ptr<SwapStore> store = std::make_unique<SwapStore>(bench.frames);
    FailingDisk disk{32};
    std::vector<uint64_t> metadata;

    void use(BlockDevice* device, uint64_t limit = memory_limit) {
        metadata.resize(SwapStore::metadata_size(device == nullptr ? 0 : device->blocks()) / 8 + 8);
        auto at = (reinterpret_cast<uintptr_t>(metadata.data()) + 63) / 64 * 64;
        store->initialise(limit, device, reinterpret_cast<void*>(at));
    }
    bool holds(SwapEntry entry, const Page& page) {
        Page back(words, 0x5555);
        EXPECT_EQ(store->load(entry, back.data()), Status::Ok);
        return back == page;
    }
    void expect_nothing_left() {
        const SwapFigures figures = store->figures();
        EXPECT_EQ(figures.pages_zero + figures.pages_memory + figures.pages_device, 0U);
        EXPECT_EQ(figures.compressed_bytes, 0U);
        EXPECT_EQ(bench.free_count, frame_count);
    }
};

TEST_F(SwapStoreTest, PutsEachPageWhereItBelongs) {
    use(&disk);
    const Page zero(words);
    const SwapEntry entries[] = {store->store(zero.data()).value(),
                                 store->store(pattern(1).data()).value(),
                                 store->store(noise(2).data()).value()};
    for (const SwapEntry entry : entries) {
        EXPECT_NE(entry, 0U);
        EXPECT_EQ(entry >> 62, 0U);
    }
    const SwapFigures figures = store->figures();
    EXPECT_EQ(figures.pages_zero, 1U);
    EXPECT_EQ(figures.pages_memory, 1U);
    EXPECT_EQ(figures.pages_device, 1U);
    EXPECT_LT(figures.compressed_bytes, hal::page_size);
    EXPECT_EQ(figures.frames, store->frames_used());
    EXPECT_EQ(figures.frames + bench.free_count, frame_count);
    EXPECT_TRUE(holds(entries[0], zero));
    EXPECT_TRUE(holds(entries[1], pattern(1)));
    EXPECT_TRUE(holds(entries[2], noise(2)));
    for (const SwapEntry entry : entries) store->free(entry);
    expect_nothing_left();
}

TEST_F(SwapStoreTest, RefusesWithoutRoom) {
    EXPECT_FALSE(store->enabled());
    EXPECT_EQ(store->store(Page(words).data()).status(), Status::NoMemory);
    use(nullptr);
    EXPECT_TRUE(store->enabled());
    EXPECT_EQ(store->store(noise(1).data()).status(), Status::NoMemory);
    EXPECT_EQ(store->figures().refused, 1U);
    use(&disk, 0);
    const SwapEntry entry = store->store(pattern(1).data()).value();
    EXPECT_EQ(store->figures().pages_device, 1U);
    store->free(entry);
    expect_nothing_left();
}

TEST_F(SwapStoreTest, TheOldestPageIsTheNextToMoveOn) {
    use(&disk, 8);
    // Only compared, never looked at.
    MemoryObject* const object = reinterpret_cast<MemoryObject*>(&disk);
    EXPECT_EQ(store->page_to_move().status(), Status::NotFound);
    std::vector<SwapEntry> entries;
    for (uint64_t i = 0; store->page_to_move().status() == Status::NotFound; ++i) {
        ASSERT_LT(i, 100U);
        entries.push_back(store->store(pattern(i).data(), {object, i}).value());
    }
    const auto oldest = [&] { return store->page_to_move().value().home.page; };
    EXPECT_EQ(oldest(), 0U);
    // Who is freed or shared is not next any more, nor is who was the neighbour lost.
    store->free(entries[0]);
    EXPECT_EQ(oldest(), 1U);
    EXPECT_EQ(store->share(entries[1]), Status::Ok);
    store->free(entries[3]);
    EXPECT_EQ(oldest(), 2U);
    const SwapEntry there = store->copy_to_device(store->page_to_move().value().entry).value();
    EXPECT_NE(there, entries[2]);
    EXPECT_TRUE(holds(there, pattern(2)));
    EXPECT_TRUE(holds(entries[2], pattern(2)));
    store->free(entries[2]);
    EXPECT_EQ(oldest(), 4U);
    EXPECT_EQ(store->figures().moved, 1U);
    EXPECT_EQ(store->figures().pages_device, 1U);
    store->free(there);
    store->free(entries[1]);
    EXPECT_TRUE(holds(entries[1], pattern(1)));
    store->free(entries[1]);
    for (size_t i = 4; i < entries.size(); ++i) store->free(entries[i]);
    EXPECT_EQ(store->page_to_move().status(), Status::NotFound);
    expect_nothing_left();
}

TEST_F(SwapStoreTest, AnEntryLastsUntilItsLastShareIsFreed) {
    use(&disk);
    for (const Page& page : {Page(words), pattern(1), noise(2)}) {
        const SwapEntry entry = store->store(page.data()).value();
        ASSERT_EQ(store->share(entry), Status::Ok);
        store->free(entry);
        EXPECT_TRUE(holds(entry, page));
        store->free(entry);
        expect_nothing_left();
    }
}

TEST_F(SwapStoreTest, SharesAreBounded) {
    use(&disk);
    for (const Page& page : {pattern(1), noise(2)}) {
        const SwapEntry entry = store->store(page.data()).value();
        unsigned shares = 1;
        while (store->share(entry) == Status::Ok) ++shares;
        EXPECT_GE(shares, 65534U);
        EXPECT_EQ(store->share(entry), Status::LimitReached);
        while (shares-- > 0) store->free(entry);
        expect_nothing_left();
    }
}

TEST_F(SwapStoreTest, AWriteThatFailsGoesElsewhere) {
    use(&disk);
    disk.fail_writes = 2;
    const SwapEntry entry = store->store(noise(1).data()).value();
    EXPECT_TRUE(holds(entry, noise(1)));
    EXPECT_EQ(store->figures().device_errors, 2U);
    // A device that has failed so often is not asked for ever.
    disk.fail_writes = 1000;
    EXPECT_EQ(store->store(noise(2).data()).status(), Status::DeviceFailed);
    EXPECT_LT(1000 - disk.fail_writes, 10U);
    disk.fail_writes = 0;
    // Blocks that failed are gone; the others are still good.
    std::vector<SwapEntry> entries{entry};
    for (uint64_t i = 10;; ++i) {
        const Result<SwapEntry> more = store->store(noise(i).data());
        if (!more.ok()) break;
        entries.push_back(more.value());
    }
    EXPECT_EQ(entries.size() + store->figures().device_errors, disk.blocks());
    EXPECT_TRUE(holds(entry, noise(1)));
    for (size_t i = 1; i < entries.size(); ++i) EXPECT_TRUE(holds(entries[i], noise(9 + i)));
    for (const SwapEntry each : entries) store->free(each);
    expect_nothing_left();
}

TEST_F(SwapStoreTest, AReadThatFailsCanBeTriedAgain) {
    use(&disk);
    const SwapEntry entry = store->store(noise(1).data()).value();
    disk.fail_reads = true;
    Page back(words);
    EXPECT_EQ(store->load(entry, back.data()), Status::DeviceFailed);
    disk.fail_reads = false;
    EXPECT_TRUE(holds(entry, noise(1)));
    store->free(entry);
}

// Every allocation refused once: the page goes to the device, or is refused; nothing is lost.
TEST_F(SwapStoreTest, SurvivesTheEndOfMemory) {
    for (const bool with_disk : {false, true}) {
        use(with_disk ? &disk : nullptr);
        bench.strategy.refuse_from(1);
        const Result<SwapEntry> entry = store->store(pattern(1).data());
        bench.strategy.refuse_from(0);
        EXPECT_EQ(entry.ok(), with_disk);
        if (entry.ok()) {
            EXPECT_TRUE(holds(entry.value(), pattern(1)));
            store->free(entry.value());
        }
        expect_nothing_left();
    }
}

TEST_F(SwapStoreTest, AgreesWithAModel) {
    use(&disk);
    struct Stored {
        SwapEntry entry;
        Page page;
    };
    std::vector<Stored> model;
    std::mt19937_64 random(5);
    unsigned refused = 0;
    for (unsigned step = 0; step < 20'000; ++step) {
        disk.fail_writes = random() % 2000 == 0 ? 1 : 0;
        if (random() % 64 == 0) bench.strategy.refuse_from(1 + random() % 3);
        const uint64_t what = random() % 10;
        if (what < 5) {
            const uint64_t kind = random() % 8;
            const Page page = kind == 0 ? Page(words) : kind < 3 ? noise(step) : pattern(step);
            const Result<SwapEntry> entry = store->store(page.data());
            if (entry.ok()) model.push_back({entry.value(), page});
            refused += entry.ok() ? 0 : 1;
        } else if (!model.empty()) {
            std::swap(model[random() % model.size()], model.back());
            ASSERT_TRUE(holds(model.back().entry, model.back().page)) << step;
            if (what == 5) {
                ASSERT_EQ(store->share(model.back().entry), Status::Ok);
                const Stored copy = model.back();
                model.push_back(copy);
            } else {
                store->free(model.back().entry);
                model.pop_back();
            }
        }
        bench.strategy.refuse_from(0);
        ASSERT_LE(store->frames_used(), memory_limit);
        ASSERT_EQ(store->frames_used() + bench.free_count, frame_count);
    }
    EXPECT_GT(refused, 10U);
    for (const Stored& stored : model) {
        ASSERT_TRUE(holds(stored.entry, stored.page));
        store->free(stored.entry);
    }
    expect_nothing_left();
}

TEST(RamDiskTest, KeepsBlocksApart) {
    FakeMachine machine;
    RamDisk disk;
    disk.initialise(FakeMachine::image_end, 3);
    for (uint64_t i = 0; i < 3; ++i) EXPECT_EQ(disk.write(i, noise(i).data()), Status::Ok);
    for (uint64_t i = 0; i < 3; ++i) {
        Page back(words);
        EXPECT_EQ(disk.read(i, back.data()), Status::Ok);
        EXPECT_EQ(back, noise(i));
    }
    EXPECT_EQ(disk.write(3, noise(0).data()), Status::InvalidArgument);
    Page back(words);
    EXPECT_EQ(disk.read(3, back.data()), Status::InvalidArgument);
}

}  // namespace
}  // namespace kernel
