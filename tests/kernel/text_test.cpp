// SPDX-License-Identifier: Apache-2.0
// Formatting into a fixed buffer.
#include "kernel/base/text.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

namespace kernel {
namespace {

template <class... Arguments>
std::string formatted(std::string_view pattern, const Arguments&... arguments) {
    char buffer[128];
    return {buffer, format(buffer, sizeof buffer, pattern, arguments...)};
}

TEST(Text, PrintsUnsignedNumbers) {
    EXPECT_EQ(formatted("{} {} {}", 0U, 42U, UINT64_MAX), "0 42 18446744073709551615");
}

TEST(Text, PrintsNegativeNumbersDownToTheSmallest) {
    EXPECT_EQ(formatted("{} {} {}", -1, int8_t{-128}, INT64_MIN), "-1 -128 -9223372036854775808");
}

TEST(Text, PrintsHexadecimalInTwosComplement) {
    EXPECT_EQ(formatted("{x} {x} {x}", 0, 0xdead'beefU, -1), "0 deadbeef ffffffffffffffff");
}

TEST(Text, PrintsTextAndEnumerations) {
    enum class Kind : uint32_t { Seven = 7 };
    EXPECT_EQ(formatted("{}-{}-{}", "one", std::string_view("two!", 3), Kind::Seven), "one-two-7");
}

TEST(Text, LeavesOutMissingArguments) {
    EXPECT_EQ(formatted("a{}b{}c{x}d", 1), "a1bcd");
    EXPECT_EQ(formatted("{}"), "");
}

TEST(Text, IgnoresArgumentsWithoutAPlace) {
    EXPECT_EQ(formatted("none", 1, 2), "none");
}

TEST(Text, KeepsOtherBraces) {
    EXPECT_EQ(formatted("{ } {y} {{} }{ {", 5), "{ } {y} {5 }{ {");
    EXPECT_EQ(formatted("{x"), "{x");
}

TEST(Text, CutsOffAtEveryCapacityAndNeverWritesBeyond) {
    const std::string whole = "ab -12 feed text";
    for (size_t capacity = 0; capacity <= whole.size() + 2; ++capacity) {
        const auto buffer = std::make_unique<char[]>(capacity);
        const size_t length = format(buffer.get(), capacity, "ab {} {x} {}", -12, 0xfeed, "text");
        EXPECT_EQ(std::string(buffer.get(), length), whole.substr(0, capacity));
    }
}

TEST(Text, CopiedTextIsTerminatedAndPadded) {
    char field[5] = {'x', 'x', 'x', 'x', 'x'};
    copy_text(field, "ab");
    EXPECT_EQ(std::string(field, sizeof field), std::string("ab\0\0\0", 5));
    copy_text(field, "abcdefgh");
    EXPECT_EQ(std::string(field, sizeof field), std::string("abcd\0", 5));
}

}  // namespace
}  // namespace kernel
