// SPDX-License-Identifier: Apache-2.0
// Tests of the command line.
#include "gui/window/options.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <QTest>
#include <cstring>
#include <memory>

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

// The launcher tells on a pipe how the run has ended.
class RunUnderWay : public ::testing::Test {
  protected:
    RunUnderWay() {
        EXPECT_EQ(pipe(ends_), 0);
        options_.target = folder_.path();
        options_.follow = true;
        options_.run_ends = ends_[0];
        folder_.write_failed_run();
        folder_.write_trace();
        inspector_ = std::make_unique<Inspector>(options_);
    }
    ~RunUnderWay() override { close(ends_[0]); }

    void end(const char* word) {
        EXPECT_GE(write(ends_[1], word, strlen(word)), 0);
        close(ends_[1]);
    }
    bool says(const char* words) {
        return QTest::qWaitFor([&] { return inspector_->window().state_text().contains(words); });
    }

    testing::RunFolder folder_;
    int ends_[2] = {};
    Options options_;
    std::unique_ptr<Inspector> inspector_;
};

TEST_F(RunUnderWay, IsShownWhenItHasEnded) {
    EXPECT_EQ(inspector_->context().recorded->verdict(), "");
    end("published");
    EXPECT_TRUE(says("ended"));
    EXPECT_EQ(inspector_->context().recorded->verdict(), "failed");
    EXPECT_TRUE(QTest::qWaitFor(
        [&] { return inspector_->context().trace->progress().state == LoadState::Done; }));
    EXPECT_GT(inspector_->context().trace->progress().built.events, 0U);
}

TEST_F(RunUnderWay, ThatDiesIsSaidToHaveDoneSo) {
    end("");
    EXPECT_TRUE(says("ended without a result"));
    EXPECT_TRUE(inspector_->context().recorded->complaint().contains("terminal"));
}

}  // namespace
}  // namespace inspector
