// SPDX-License-Identifier: Apache-2.0
// A digest tells states of memory apart, and does not tell what was touched.
#include "sim/phone/memory_digest.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "sim/phone/arena.hpp"

namespace {

using orrery::phone::Arena;
using orrery::phone::memory_digest;

constexpr uint64_t size = 0x40'0000;
const std::vector<orrery::phone::MemoryNode> nodes{{0x8000'0000, size}};

TEST(MemoryDigest, tells_every_change) {
    const Arena arena(nodes);
    const auto bytes = arena.bytes(nodes[0].base, size);
    const uint64_t empty = memory_digest(bytes, {});
    bytes[5] = std::byte{1};
    const uint64_t one = memory_digest(bytes, {});
    EXPECT_NE(one, empty);
    bytes[5] = std::byte{0};
    bytes[5 + 4096] = std::byte{1};
    const uint64_t next_page = memory_digest(bytes, {});
    EXPECT_NE(next_page, one);
    EXPECT_NE(next_page, empty);
    bytes[size - 1] = std::byte{1};
    EXPECT_NE(memory_digest(bytes, {}), next_page);
}

TEST(MemoryDigest, does_not_tell_where_code_was_loaded) {
    const Arena arena(nodes);
    const auto bytes = arena.bytes(nodes[0].base, size);
    const auto* const code = reinterpret_cast<const std::byte*>(0x7f00'1234'5000);
    const auto digest = [&](uint64_t pointer, size_t moved) {
        std::memcpy(bytes.data(), &pointer, sizeof pointer);
        return memory_digest(bytes, {code + moved, 0x1000});
    };
    const uint64_t first = digest(0x7f00'1234'5678, 0);
    EXPECT_EQ(digest(0x7f00'2234'5678, 0x1000'0000), first);
    EXPECT_NE(digest(0x7f00'1234'5680, 0), first);
    EXPECT_NE(digest(0x7f00'1234'6678, 0), first) << "behind the code";
}

TEST(MemoryDigest, does_not_tell_what_was_touched) {
    for (const bool huge_pages : {false, true}) {
        const Arena arena(nodes, huge_pages);
        const auto bytes = arena.bytes(nodes[0].base, size);
        const uint64_t untouched = memory_digest(bytes, {});
        bytes[0x10'0000] = std::byte{1};
        bytes[0x10'0000] = std::byte{0};
        EXPECT_EQ(memory_digest(bytes, {}), untouched);
    }
}

}  // namespace
