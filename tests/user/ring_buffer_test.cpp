// SPDX-License-Identifier: Apache-2.0
// RingBuffer: bytes in order, the end of the memory, counters that wrap, and counters that lie.
#include "user/lib/ring_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>
#include <vector>

namespace user {
namespace {

constexpr uint32_t capacity = 64;

class RingBufferTest : public testing::Test {
  protected:
    // Both sides have moved so many bytes already.
    void begin_at(uint32_t count) {
        ring_.header().produced = count;
        ring_.header().consumed = count;
    }
    size_t put(size_t size) {
        const auto room = ring_.room();
        size = std::min(size, room.size());
        for (size_t i = 0; i < size; ++i) room[i] = next_put_++;
        ring_.publish(size);
        return size;
    }
    size_t take(size_t size) {
        const auto data = ring_.data();
        size = std::min(size, data.size());
        for (size_t i = 0; i < size; ++i) EXPECT_EQ(data[i], next_taken_++);
        ring_.release(size);
        return size;
    }

    struct alignas(64) Line {
        uint8_t bytes[64];
    };
    std::vector<Line> memory_{(RingBuffer::header_size + capacity) / sizeof(Line)};
    RingBuffer ring_{memory_.data(), capacity};
    uint8_t next_put_ = 0;
    uint8_t next_taken_ = 0;
};

TEST_F(RingBufferTest, IsEmptyWhenZeroed) {
    EXPECT_TRUE(ring_.data().empty());
    EXPECT_EQ(ring_.room().size(), capacity);
    EXPECT_FALSE(ring_.is_closed());
    EXPECT_FALSE(ring_.is_broken());
}

TEST_F(RingBufferTest, TakesWhatFitsAndNoMore) {
    EXPECT_EQ(put(1000), capacity);
    EXPECT_TRUE(ring_.room().empty());
    EXPECT_EQ(take(1), 1u);
    EXPECT_EQ(ring_.room().size(), 1u);
    EXPECT_EQ(take(1000), capacity - 1);
    EXPECT_TRUE(ring_.data().empty());
}

TEST_F(RingBufferTest, EndsPiecesAtTheEndOfTheMemory) {
    EXPECT_EQ(put(50), 50u);
    EXPECT_EQ(take(50), 50u);
    EXPECT_EQ(ring_.room().size(), capacity - 50);
    EXPECT_EQ(put(20), capacity - 50);
    EXPECT_EQ(put(20), 20u);
    EXPECT_EQ(take(100), capacity - 50);
    EXPECT_EQ(take(100), 20u);
}

TEST_F(RingBufferTest, KeepsTheOrderWhenCountersWrap) {
    begin_at(UINT32_MAX - 100);
    std::mt19937 random(1);
    uint64_t passed = 0;
    while (passed < 1000) {
        put(random() % 70);
        passed += take(random() % 70);
    }
    EXPECT_LT(ring_.header().consumed.load(), 2000u);
}

TEST_F(RingBufferTest, StaysInsideWhateverTheOtherSideWrites) {
    std::mt19937 random(2);
    for (int i = 0; i < 100'000; ++i) {
        ring_.header().produced = static_cast<uint32_t>(random());
        ring_.header().consumed = static_cast<uint32_t>(random());
        const auto* const begin =
            reinterpret_cast<const uint8_t*>(memory_.data()) + RingBuffer::header_size;
        for (const std::span<const uint8_t> piece :
             {std::span<const uint8_t>(ring_.room()), ring_.data()}) {
            if (piece.empty()) continue;
            EXPECT_GE(piece.data(), begin);
            EXPECT_LE(piece.data() + piece.size(), begin + capacity);
        }
        if (ring_.is_broken()) {
            EXPECT_TRUE(ring_.data().empty());
            EXPECT_TRUE(ring_.room().empty());
        }
    }
}

TEST_F(RingBufferTest, PassesBytesBetweenThreads) {
    constexpr uint64_t total = 20'000;
    std::thread producer([this] {
        for (uint64_t sent = 0; sent < total; std::this_thread::yield()) sent += put(total - sent);
    });
    for (uint64_t got = 0; got < total; std::this_thread::yield()) got += take(total);
    producer.join();
    EXPECT_TRUE(ring_.data().empty());
}

TEST(RingBufferCapacity, IsAPowerOfTwo) {
    EXPECT_TRUE(RingBuffer::is_capacity(4096));
    EXPECT_FALSE(RingBuffer::is_capacity(0));
    EXPECT_FALSE(RingBuffer::is_capacity(4097));
    EXPECT_FALSE(RingBuffer::is_capacity(uint64_t{1} << 32));
}

}  // namespace
}  // namespace user
