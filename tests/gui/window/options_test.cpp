// SPDX-License-Identifier: Apache-2.0
// Tests of the command line.
#include "gui/window/options.hpp"

#include <gtest/gtest.h>

#include "gui/window/inspector.hpp"
#include "tests/gui/run_folder.hpp"

namespace inspector {
namespace {

ParsedOptions parse(const QStringList& words) {
    return parse_options(QStringList{"orrery-inspector"} + words);
}

TEST(Options, AreRead) {
    const ParsedOptions parsed =
        parse({"runs/a", "--theme", "dark", "--size", "800x600", "--follow", "--run-ends=5"});
    EXPECT_EQ(parsed.error, "");
    EXPECT_EQ(parsed.options.target, "runs/a");
    EXPECT_EQ(parsed.options.theme, ThemeChoice::Dark);
    EXPECT_EQ(parsed.options.size, QSize(800, 600));
    EXPECT_EQ(parsed.options.run_ends, 5);
    EXPECT_TRUE(parsed.options.follow);
}

TEST(Options, ThatAreWrongGetASentence) {
    for (const QStringList& words : {QStringList{"--theme", "blue"},
                                     {"--size", "big"},
                                     {"--size", "1x1"},
                                     {"a", "b"},
                                     {"--unknown"},
                                     {"--run-ends", "x"},
                                     {"--follow"}}) {
        EXPECT_NE(parse(words).error, "") << words.join(' ').toStdString();
    }
}

TEST(Options, ATargetMustBeARun) {
    const testing::RunFolder folder;
    Options options;
    options.target = folder.file("nothing");
    EXPECT_TRUE(target_problem(options).contains("there is no"));
    options.target = folder.path();
    EXPECT_TRUE(target_problem(options).contains("is no run folder"));
    folder.write_failed_run();
    EXPECT_EQ(target_problem(options), "");
}

}  // namespace
}  // namespace inspector
