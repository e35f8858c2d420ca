// SPDX-License-Identifier: Apache-2.0
// The kernel's random numbers.
#include "kernel/base/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <string>

namespace kernel {
namespace {

std::string stream(const ChaChaKey& key, uint64_t counter) {
    uint32_t block[16];
    chacha20_block(key, counter, block);
    return {reinterpret_cast<const char*>(block), sizeof block};
}

std::string from_hexadecimal(std::string_view text) {
    std::string bytes;
    for (size_t i = 0; i < text.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

// RFC 8439, appendix A.1, test vectors 1 to 3.
TEST(Random, GivesTheKeyStreamOfTheStandard) {
    EXPECT_EQ(stream({}, 0),
              from_hexadecimal("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
                               "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"));
    EXPECT_EQ(stream({}, 1),
              from_hexadecimal("9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
                               "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"));
    EXPECT_EQ(stream({{0, 0, 0, 0, 0, 0, 0, 0x0100'0000}}, 1),
              from_hexadecimal("3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
                               "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0"));
}

TEST(Random, TheSameSeedGivesTheSameNumbers) {
    Random one, same, other;
    one.seed("seed 7", 6);
    same.seed("seed 7", 6);
    other.seed("seed 8", 6);
    bool different = false;
    for (unsigned i = 0; i < 100; ++i) {
        const uint64_t number = one.below(uint64_t{1} << 40);
        EXPECT_EQ(number, same.below(uint64_t{1} << 40));
        different |= number != other.below(uint64_t{1} << 40);
    }
    EXPECT_TRUE(different);
}

TEST(Random, TakesNoMoreThan32BytesOfASeed) {
    const std::array<char, 64> seed{1, 2, 3};
    std::array<char, 64> longer = seed;
    longer[40] = 9;
    Random one, same;
    one.seed(seed.data(), seed.size());
    same.seed(longer.data(), longer.size());
    EXPECT_EQ(one.below(1 << 30), same.below(1 << 30));
}

TEST(Random, IsNotSeededByNothing) {
    Random random;
    EXPECT_FALSE(random.seeded());
    random.seed("", 0);
    EXPECT_FALSE(random.seeded());
}

TEST(Random, SpreadsOverTheRange) {
    Random random;
    random.seed("spread", 6);
    std::map<uint64_t, unsigned> seen;
    for (unsigned i = 0; i < 16'000; ++i) ++seen[random.below(16)];
    EXPECT_EQ(seen.size(), 16U);
    for (const auto& [number, times] : seen) {
        EXPECT_GT(times, 800U) << number;
        EXPECT_LT(times, 1200U) << number;
    }
}

}  // namespace
}  // namespace kernel
