// SPDX-License-Identifier: Apache-2.0
// Objects packed into frames: nothing overlaps, emptied frames come back, refusals lose nothing.
#include "kernel/memory/pressure/packed_pool.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "tests/kernel/frames_bench.hpp"

namespace kernel {
namespace {

struct PackedPoolTest : testing::Test {
    static constexpr uint64_t frame_count = 1024;
    FramesBench bench{frame_count};
    PackedPool pool{bench.frames};

    PackedPoolTest() { pool.set_frame_limit(frame_count); }

    PackedPool::Handle put(size_t size, uint8_t mark) {
        const PackedPool::Handle handle = pool.allocate(size).value();
        const std::vector<uint8_t> bytes(size, mark);
        pool.write(handle, 0, bytes.data(), size);
        return handle;
    }
    bool holds(PackedPool::Handle handle, size_t size, uint8_t mark) {
        std::vector<uint8_t> bytes(size);
        pool.read(handle, 0, bytes.data(), size);
        return bytes == std::vector<uint8_t>(size, mark);
    }
};

using PackedPoolDeathTest = PackedPoolTest;

TEST_F(PackedPoolTest, TakesEverySize) {
    for (size_t size = 1; size <= PackedPool::largest; ++size) {
        const PackedPool::Handle handle = put(size, 7);
        EXPECT_NE(handle, 0U);
        EXPECT_EQ(handle >> 58, 0U);
        EXPECT_TRUE(holds(handle, size, 7));
        pool.free(handle);
        ASSERT_EQ(bench.free_count, frame_count) << size;
    }
    EXPECT_EQ(pool.allocate(0).status(), Status::InvalidArgument);
    EXPECT_EQ(pool.allocate(PackedPool::largest + 1).status(), Status::InvalidArgument);
}

// Of any one size, the waste stays below a sixth of the memory taken.
TEST_F(PackedPoolTest, PacksTightly) {
    for (size_t size = PackedPool::unit; size <= PackedPool::largest; size += PackedPool::unit) {
        std::vector<PackedPool::Handle> handles;
        // Whole groups only.
        for (unsigned i = 0; i < 420; ++i) handles.push_back(put(size, 1));
        const double waste = 1.0 - static_cast<double>(size * handles.size()) /
                                       static_cast<double>(pool.frames_used() * hal::page_size);
        EXPECT_LT(waste, 0.17) << size;
        for (const PackedPool::Handle handle : handles) pool.free(handle);
        ASSERT_EQ(pool.frames_used(), 0U);
    }
}

TEST_F(PackedPoolTest, AgreesWithAMap) {
    struct Object {
        size_t size;
        uint8_t mark;
    };
    std::map<PackedPool::Handle, Object> objects;
    std::mt19937_64 random(3);
    for (unsigned step = 0; step < 60'000; ++step) {
        const bool grows = step / 10'000 % 2 == 0;
        if (random() % 10 < (grows ? 6 : 4)) {
            const size_t size = 1 + random() % PackedPool::largest;
            const Result<PackedPool::Handle> handle = pool.allocate(size);
            if (!handle.ok()) continue;
            ASSERT_EQ(objects.count(handle.value()), 0U);
            const auto mark = static_cast<uint8_t>(random());
            const std::vector<uint8_t> bytes(size, mark);
            pool.write(handle.value(), 0, bytes.data(), size);
            objects[handle.value()] = {size, mark};
        } else if (!objects.empty()) {
            auto any = objects.lower_bound(random() % (objects.rbegin()->first + 1));
            if (any == objects.end()) any = objects.begin();
            ASSERT_TRUE(holds(any->first, any->second.size, any->second.mark)) << step;
            pool.free(any->first);
            objects.erase(any);
        }
        ASSERT_EQ(pool.objects(), objects.size());
        ASSERT_EQ(pool.frames_used() + bench.free_count, frame_count);
    }
    for (const auto& [handle, object] : objects) {
        ASSERT_TRUE(holds(handle, object.size, object.mark));
        pool.free(handle);
    }
    EXPECT_EQ(bench.free_count, frame_count);
}

TEST_F(PackedPoolTest, KeepsItsLimit) {
    pool.set_frame_limit(5);
    std::vector<PackedPool::Handle> handles;
    Status status = Status::Ok;
    while (status == Status::Ok) {
        const Result<PackedPool::Handle> handle = pool.allocate(PackedPool::largest);
        status = handle.status();
        if (handle.ok()) handles.push_back(handle.value());
    }
    EXPECT_EQ(status, Status::LimitReached);
    EXPECT_EQ(handles.size(), 5U);  // one group of four frames; a second would be too much
    EXPECT_TRUE(pool.allocate(64).ok());
}

TEST_F(PackedPoolTest, LosesNothingWhenMemoryEnds) {
    for (uint64_t refused = 1; refused <= 4; ++refused) {
        bench.strategy.refuse_from(refused);
        EXPECT_EQ(pool.allocate(PackedPool::largest).status(), Status::NoMemory);
        EXPECT_EQ(bench.free_count, frame_count);
    }
    bench.strategy.refuse_from(0);
    EXPECT_TRUE(pool.allocate(PackedPool::largest).ok());
}

TEST_F(PackedPoolDeathTest, NoticesAnObjectThatWasFreed) {
    const PackedPool::Handle handle = put(100, 1);
    const PackedPool::Handle other = put(100, 2);
    pool.free(handle);
    EXPECT_DEATH(pool.free(handle), "assertion");
    EXPECT_TRUE(holds(other, 100, 2));
}

}  // namespace
}  // namespace kernel
