// SPDX-License-Identifier: Apache-2.0
// The text formatter.
#include "user/lib/format.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace user {
namespace {

template <typename... Arguments>
std::string formatted(FormatString<std::type_identity_t<Arguments>...> text,
                      const Arguments&... arguments) {
    return std::string(Text<200>(text, arguments...).view());
}

TEST(Format, Numbers) {
    EXPECT_EQ(formatted("{} {} {}", 0, -7, 42u), "0 -7 42");
    EXPECT_EQ(formatted("{}", std::numeric_limits<uint64_t>::max()), "18446744073709551615");
    EXPECT_EQ(formatted("{}", std::numeric_limits<int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(formatted("{}", std::numeric_limits<int8_t>::min()), "-128");
    EXPECT_EQ(formatted("0x{:x}", 0xffff'8000'dead'beefu), "0xffff8000deadbeef");
    EXPECT_EQ(formatted("{:x}", -255), "-ff");
}

TEST(Format, Width) {
    EXPECT_EQ(formatted("[{:5}]", 42), "[   42]");
    EXPECT_EQ(formatted("[{:5}]", -42), "[  -42]");
    EXPECT_EQ(formatted("[{:05}]", -42), "[-0042]");
    EXPECT_EQ(formatted("[{:016x}]", 0xabcu), "[0000000000000abc]");
    EXPECT_EQ(formatted("[{:5}][{:2}]", "ab", "abc"), "[ab   ][abc]");
    EXPECT_EQ(formatted("[{:10}]", 1), "[         1]");
}

TEST(Format, TextCharactersAndStatus) {
    const char character = 'c';
    EXPECT_EQ(formatted("{}{}{} {}", "a", std::string_view("b"), character, true), "abc true");
    EXPECT_EQ(formatted("{}", abi::Status::BadAddress), "bad address");
    EXPECT_EQ(formatted("{}", std::string_view()), "");
    EXPECT_EQ(formatted("plain\n"), "plain\n");
    EXPECT_EQ(formatted(""), "");
}

TEST(Format, DoubledBraces) {
    EXPECT_EQ(formatted("{{}}"), "{}");
    EXPECT_EQ(formatted("{{{}}}", 5), "{5}");
}

// What does not compile as a FormatString.
TEST(Format, CountsFields) {
    static_assert(count_fields("{} {:x} {{}}") == 2);
    static_assert(count_fields("{") == -1);
    static_assert(count_fields("}") == -1);
    static_assert(count_fields("{:x") == -1);
    EXPECT_EQ(count_fields(""), 0);
}

TEST(Format, CutsOffAndRemembers) {
    Text<4> text("abcd");
    EXPECT_FALSE(text.truncated());
    text.append("{}", 5);
    EXPECT_TRUE(text.truncated());
    EXPECT_EQ(text.view(), "abcd");
}

}  // namespace
}  // namespace user
