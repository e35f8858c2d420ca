// SPDX-License-Identifier: Apache-2.0
// Tests of FollowedTrace: a trace that grows in a hidden folder, is renamed and published.
#include "gui/run/followed_trace.hpp"

#include <gtest/gtest.h>

#include <QTest>
#include <memory>

#include "tests/gui/run_folder.hpp"

namespace inspector {
namespace {

using testing::RunFolder;

class FollowedTraceTest : public ::testing::Test {
  protected:
    FollowedTraceTest() {
        whole_.write_trace();
        QFile file(whole_.file("trace.pftrace"));
        EXPECT_TRUE(file.open(QIODevice::ReadOnly));
        bytes_ = file.readAll();
        QDir(folder_.path()).mkdir(".run.run.abc");
    }

    [[nodiscard]] QString target() const { return folder_.file("run"); }
    [[nodiscard]] uint64_t events() const { return loader_.progress().built.events; }

    RunFolder whole_;
    RunFolder folder_;
    QByteArray bytes_;
    TraceLoader loader_{LoadOptions{.window = 0}};
};

TEST_F(FollowedTraceTest, SeesItGrowThroughRenames) {
    QFile file(folder_.file(".run.run.abc/trace.partial.pftrace.partial"));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    FollowedTrace followed(loader_, target());
    const qsizetype half = bytes_.size() / 2;
    file.write(bytes_.left(half));
    EXPECT_TRUE(QTest::qWaitFor([&] { return events() > 0; }));
    EXPECT_EQ(loader_.progress().state, LoadState::Reading);

    QFile::rename(file.fileName(), folder_.file(".run.run.abc/trace.pftrace"));
    QDir(folder_.path()).rename(".run.run.abc", "run");
    file.write(bytes_.mid(half));
    followed.end(true);
    EXPECT_TRUE(QTest::qWaitFor([&] { return loader_.progress().state == LoadState::Done; }));
    EXPECT_TRUE(loader_.progress().complaints.empty());
    EXPECT_EQ(loader_.progress().bytes_read, static_cast<uint64_t>(bytes_.size()));
}

TEST_F(FollowedTraceTest, ReadsARunThatWasOverBeforeItLooked) {
    QDir(folder_.path()).mkdir("run");
    folder_.write("run/trace.pftrace", bytes_);
    FollowedTrace followed(loader_, target());
    QTest::qWait(250);
    EXPECT_EQ(loader_.progress().bytes_read, 0U);  // it could be an earlier run's
    followed.end(true);
    EXPECT_TRUE(QTest::qWaitFor([&] { return loader_.progress().state == LoadState::Done; }));
    EXPECT_GT(events(), 0U);
}

TEST_F(FollowedTraceTest, SaysThatThereWasNone) {
    FollowedTrace followed(loader_, target());
    followed.end(true);
    EXPECT_TRUE(QTest::qWaitFor([&] { return loader_.progress().state == LoadState::Done; }));
    ASSERT_FALSE(loader_.progress().complaints.empty());
}

TEST_F(FollowedTraceTest, LeavesAnEarlierRunAlone) {
    QDir(folder_.path()).mkdir("run");
    folder_.write("run/trace.pftrace", bytes_);
    FollowedTrace followed(loader_, target());
    followed.end(false);
    EXPECT_TRUE(QTest::qWaitFor([&] { return loader_.progress().state == LoadState::Done; }));
    EXPECT_EQ(loader_.progress().bytes_read, 0U);
}

// A run that was taken back, with a trace of which more or less has been written by then.
class FollowedTraceBack : public FollowedTraceTest {
  protected:
    FollowedTraceBack() : file_(folder_.file(".run.run.abc/trace.partial.pftrace.partial")) {
        EXPECT_TRUE(file_.open(QIODevice::ReadWrite | QIODevice::Unbuffered));
        file_.write(bytes_);
        followed_ = std::make_unique<FollowedTrace>(loader_, target());
        EXPECT_TRUE(has_read(bytes_.size()));
    }

    [[nodiscard]] bool has_read(qsizetype bytes) const {
        return QTest::qWaitFor(
            [&] { return loader_.progress().bytes_read == static_cast<uint64_t>(bytes); });
    }
    [[nodiscard]] bool is_done() const {
        return QTest::qWaitFor([&] { return loader_.progress().state == LoadState::Done; });
    }
    QFile file_;
    std::unique_ptr<FollowedTrace> followed_;
};

TEST_F(FollowedTraceBack, KeepsWhatComesAgain) {
    followed_->doubt();
    file_.seek(bytes_.size() / 3);
    file_.write(bytes_.mid(bytes_.size() / 3));
    QTest::qWait(250);
    file_.write(bytes_);  // and on
    EXPECT_TRUE(has_read(2 * bytes_.size()));
    EXPECT_EQ(loader_.progress().edition, 0U);
    followed_->end(true);
    EXPECT_TRUE(is_done());
    EXPECT_EQ(loader_.progress().edition, 0U);
}

TEST_F(FollowedTraceBack, SeesThatItWasCut) {
    file_.resize(bytes_.size() / 3);
    EXPECT_TRUE(has_read(bytes_.size() / 3));
    EXPECT_EQ(loader_.progress().edition, 1U);
    file_.seek(bytes_.size() / 3);
    file_.write(bytes_.mid(bytes_.size() / 3));
    followed_->end(true);
    EXPECT_TRUE(is_done());
    EXPECT_EQ(loader_.progress().edition, 1U);
    EXPECT_TRUE(loader_.progress().complaints.empty());
    EXPECT_EQ(loader_.progress().bytes_read, static_cast<uint64_t>(bytes_.size()));
}

TEST_F(FollowedTraceBack, SeesThatItGrewAnewBetweenTwoLooks) {
    followed_->doubt();
    QTest::qWait(250);
    // Cut and longer again at once.
    QByteArray other = bytes_;
    other.replace("init", "mine");
    ASSERT_NE(other, bytes_);
    file_.seek(0);
    file_.write(other + other);
    EXPECT_TRUE(has_read(2 * other.size()));
    EXPECT_EQ(loader_.progress().edition, 1U);
    followed_->end(true);
    EXPECT_TRUE(is_done());
}

TEST_F(FollowedTraceBack, ComparesAtTheEndWhateverItWasTold) {
    QByteArray other = bytes_;
    other.replace("init", "mine");
    file_.seek(0);
    file_.write(other);
    followed_->end(true);
    EXPECT_TRUE(is_done());
    EXPECT_EQ(loader_.progress().edition, 1U);
    EXPECT_EQ(loader_.progress().bytes_read, static_cast<uint64_t>(bytes_.size()));
}

TEST_F(FollowedTraceTest, EndsWithoutTheRun) {
    const FollowedTrace followed(loader_, target());
}

}  // namespace
}  // namespace inspector
