// SPDX-License-Identifier: Apache-2.0
#include "sim/data/parameters.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace orrery::data {
namespace {

constexpr auto sample = R"(
name = "little"  # a comment
width = 2
ratio = 0.5
on = true
levels = [1, 2.5]
rails = ["S1M", "S2M"]
[pipeline]
depth = 8
[[level]]
hertz = 1
[[level]]
hertz = 2
)";

template <typename Call>
std::string complaint(const Call& call) {
    try {
        call();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "no complaint";
}

TEST(Parameters, ReadsEachKind) {
    const Parameters file = Parameters::parse("sample", sample);
    EXPECT_EQ(file.text("name"), "little");
    EXPECT_EQ(file.integer("width"), 2u);
    EXPECT_EQ(file.number("width", 0, 9), 2.0);
    EXPECT_EQ(file.number("ratio", 0, 1), 0.5);
    EXPECT_TRUE(file.flag("on"));
    EXPECT_EQ(file.numbers("levels", 0, 9), (std::vector<double>{1, 2.5}));
    EXPECT_EQ(file.texts("rails"), (std::vector<std::string>{"S1M", "S2M"}));
    EXPECT_EQ(file.table("pipeline").integer("depth"), 8u);
    ASSERT_EQ(file.tables("level").size(), 2u);
    EXPECT_EQ(file.tables("level")[1].integer("hertz"), 2u);
    EXPECT_TRUE(file.tables("none").empty());
}

TEST(Parameters, SaysWhatIsWrong) {
    const Parameters file = Parameters::parse("sample", sample);
    EXPECT_EQ(complaint([&] { (void)file.text("nam"); }), "sample: nam is missing");
    EXPECT_EQ(complaint([&] { (void)file.integer("ratio"); }),
              "sample: ratio must be a whole number");
    EXPECT_EQ(complaint([&] { (void)file.integer("width", 3, 4); }),
              "sample: width is 2, it must be 3 to 4");
    EXPECT_EQ(complaint([&] { (void)file.table("pipeline").number("depth", 0, 1); }),
              "sample: pipeline: depth is 8, it must be 0 to 1");
    EXPECT_EQ(complaint([&] {
                  file.table("pipeline").expect_only({"width", "stages"});
              }),
              "sample: pipeline: depth is not known here; there are width, stages");
    EXPECT_EQ(complaint([] { (void)Parameters::parse("bad", "a = \n"); }).substr(0, 12),
              "bad, line 1:");
    EXPECT_EQ(complaint([] { (void)Parameters::open("cores/abacus"); }).substr(0, 46),
              "there are no parameters \"cores/abacus\": choose");
}

}  // namespace
}  // namespace orrery::data
