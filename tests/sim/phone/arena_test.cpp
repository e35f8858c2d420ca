// SPDX-License-Identifier: Apache-2.0
// The phone's memory lies where pointers expect it, once.
#include "sim/phone/arena.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "hal/host/port.hpp"

namespace {

using orrery::phone::Arena;
using orrery::phone::MemoryNode;

const std::vector<MemoryNode> nodes{{0x8000'0000, 0x20'0000}, {0x8'8000'0000, 0x10'0000}};

TEST(Arena, lies_at_the_fixed_distance_and_starts_zeroed) {
    const Arena arena(nodes);
    for (const MemoryNode& node : nodes) {
        const auto bytes = arena.bytes(node.base, node.size);
        EXPECT_EQ(reinterpret_cast<uint64_t>(bytes.data()), hal::host::direct_base + node.base);
        EXPECT_EQ(bytes.front(), std::byte{0});
        EXPECT_EQ(bytes.back(), std::byte{0});
        bytes.back() = std::byte{1};
    }
}

TEST(Arena, knows_what_it_contains) {
    const Arena arena(nodes);
    EXPECT_TRUE(arena.contains(0x8000'0000, 0x20'0000));
    EXPECT_TRUE(arena.contains(0x8'800f'ffff, 1));
    EXPECT_FALSE(arena.contains(0x8000'0000, 0x20'0001));
    EXPECT_FALSE(arena.contains(0x7fff'ffff, 2));
    EXPECT_FALSE(arena.contains(0x8010'0000, UINT64_MAX));
}

TEST(Arena, a_second_one_is_refused_and_the_first_lives_on) {
    const Arena first(nodes);
    first.bytes(nodes[0].base, 1)[0] = std::byte{42};
    EXPECT_THROW(Arena{nodes}, std::runtime_error);
    EXPECT_EQ(first.bytes(nodes[0].base, 1)[0], std::byte{42});
}

TEST(Arena, is_the_same_in_huge_pages) {
    const Arena arena(nodes, true);
    for (const MemoryNode& node : nodes) {
        const auto bytes = arena.bytes(node.base, node.size);
        EXPECT_TRUE(
            std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; }));
        bytes.back() = std::byte{1};
        EXPECT_EQ(bytes.back(), std::byte{1});
    }
}

TEST(Arena, gives_its_place_back) {
    { const Arena first(nodes); }
    const Arena second(nodes);
    EXPECT_TRUE(second.contains(nodes[1].base, 1));
}

}  // namespace
