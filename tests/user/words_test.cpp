// SPDX-License-Identifier: Apache-2.0
// Words and numbers of argument strings.
#include "user/lib/words.hpp"

#include <gtest/gtest.h>

namespace user {
namespace {

TEST(Words, AreTakenFromTheFront) {
    std::string_view text = "  run bin/steady  a b ";
    EXPECT_EQ(take_word(text), "run");
    EXPECT_EQ(take_word(text), "bin/steady");
    EXPECT_EQ(text, "a b ");
    EXPECT_EQ(take_word(text), "a");
    EXPECT_EQ(take_word(text), "b");
    EXPECT_EQ(take_word(text), "");
    EXPECT_EQ(text, "");
}

TEST(Words, Numbers) {
    EXPECT_EQ(*parse_number("0"), 0u);
    EXPECT_EQ(*parse_number("18446744073709551615"), UINT64_MAX);
    for (const char* word :
         {"", "-1", "1x", " 1", "18446744073709551616", "99999999999999999999"}) {
        EXPECT_EQ(parse_number(word).status(), Status::InvalidArgument) << word;
    }
}

}  // namespace
}  // namespace user
