// SPDX-License-Identifier: Apache-2.0
// Tests of RecordedRun: whole, broken and missing folders.
#include "gui/run/recorded_run.hpp"

#include <gtest/gtest.h>

#include <QSignalSpy>

#include "tests/gui/run_folder.hpp"

namespace inspector {
namespace {

using testing::RunFolder;

TEST(RecordedRun, HasWhatTheFolderTells) {
    const RunFolder folder;
    folder.write_failed_run();
    const RecordedRun run(folder.path(), {});
    EXPECT_TRUE(run.known());
    EXPECT_EQ(run.verdict(), "failed");
    EXPECT_EQ(run.machine(), "iss");
    EXPECT_EQ(run.failed_line(), 2);
    EXPECT_EQ(run.console().text, "hello\nworld\n");
    EXPECT_EQ(run.source().text, "first\nassert second\nthird\n");
    EXPECT_EQ(run.metrics().size(), 4);
    const auto points = run.points("odd.name");
    ASSERT_TRUE(points.has_value());
    EXPECT_EQ(points->kind, "series");
    EXPECT_EQ(points->values, (QList<double>{5, -2}));
    EXPECT_FALSE(run.points("boot.to_init").has_value());
}

TEST(RecordedRun, FindsTheSourceBelowTheRoot) {
    const RunFolder folder;
    folder.write("run.json", R"({"file": "sub/trial.py"})");
    EXPECT_EQ(RecordedRun(folder.path(), "/project").source_path(), "/project/sub/trial.py");
}

TEST(RecordedRun, SaysWhatIsMissing) {
    const RunFolder folder;
    const RecordedRun run(folder.path(), {});
    EXPECT_FALSE(run.known());
    EXPECT_TRUE(run.complaint().contains("run.json"));
    EXPECT_TRUE(run.console().complaint.contains("console.log"));
    EXPECT_TRUE(run.metrics_complaint().contains("metrics.csv"));
}

TEST(RecordedRun, SaysThatAResultIsDamaged) {
    for (const char* text : {"", "{", "[1]", "\xff\xfe"}) {
        const RunFolder folder;
        folder.write("run.json", text);
        const RecordedRun run(folder.path(), {});
        EXPECT_FALSE(run.known());
        EXPECT_TRUE(run.complaint().contains("damaged")) << text;
        EXPECT_EQ(run.verdict(), "");
    }
}

TEST(RecordedRun, ReadsNothingOfARunThatIsUnderWay) {
    const RunFolder folder;
    folder.write_failed_run();
    RecordedRun run(folder.path(), {}, "not yet");
    EXPECT_EQ(run.complaint(), "not yet");
    EXPECT_EQ(run.console().complaint, "not yet");
    const QSignalSpy changed(&run, &RecordedRun::changed);
    run.reload();
    EXPECT_EQ(changed.count(), 1);
    EXPECT_EQ(run.verdict(), "failed");
}

}  // namespace
}  // namespace inspector
