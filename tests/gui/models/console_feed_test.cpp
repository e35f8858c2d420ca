// SPDX-License-Identifier: Apache-2.0
// The console: what a terminal makes of what comes in, and how it is followed.
#include "gui/models/console_feed.hpp"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTest>

#include "tests/gui/fake_simulator.hpp"

namespace inspector {
namespace {

using std::chrono_literals::operator""ms;

TEST(TerminalText, MakesLines) {
    TerminalText terminal;
    EXPECT_EQ(terminal.add("one\r\ntw"), QStringList{"one"});
    EXPECT_EQ(terminal.last_line(), "tw");
    EXPECT_EQ(terminal.add("o\n\n"), (QStringList{"two", ""}));
}

TEST(TerminalText, KnowsControlCharacters) {
    TerminalText terminal;
    EXPECT_EQ(terminal.add("abc\b\bX\n"), QStringList{"aXc"});
    EXPECT_EQ(terminal.add("12345\rab\n"), QStringList{"ab345"});
    EXPECT_EQ(terminal.add("a\tb\n"), QStringList{"a       b"});
    EXPECT_EQ(terminal.add("\x1b[1;31mred\x1b[0m\x07\n"), QStringList{"red"});
    EXPECT_EQ(terminal.add("\b\b\n"), QStringList{""});
}

TEST(TerminalText, CutsLinesWithoutEnd) {
    TerminalText terminal;
    EXPECT_FALSE(terminal.add(QString(100'000, 'x')).isEmpty());
    EXPECT_LT(terminal.last_line().size(), 20'000);
}

struct ConsoleFeedTest : testing::Test {
    test::FakeSimulator simulator;
    Session session{simulator.address(), {20ms, 20ms, 1000ms, 5000ms}};
    Watch watch{session, {}, 20ms};
    ConsoleFeed feed{session, watch};

    void tell(int position, const QByteArray& json) {
        simulator.answers[QString("exec console text %1").arg(position)] =
            join_fields({"OK", QString::fromUtf8(json)});
    }
    void begin() {
        simulator.status = "running,1,1";
        session.open();
        watch.set_active(true);
    }
    bool shows(const QString& text) {
        return QTest::qWaitFor([&] { return feed.text() == text; }, 5000);
    }
};

TEST_F(ConsoleFeedTest, FollowsTheText) {
    tell(0, R"({"begin": 0, "end": 6, "newest": 9, "text": "one\ntw"})");
    tell(6, R"({"begin": 6, "end": 9, "newest": 9, "text": "o\nt"})");
    tell(9, R"({"begin": 9, "end": 9, "newest": 9, "text": ""})");
    begin();
    EXPECT_TRUE(shows("one\ntwo\nt"));
}

TEST_F(ConsoleFeedTest, SaysWhatIsGone) {
    tell(0, R"({"begin": 100, "end": 103, "newest": 103, "text": "new"})");
    tell(103, R"({"begin": 103, "end": 103, "newest": 103, "text": ""})");
    begin();
    EXPECT_TRUE(shows("\n[100 bytes are gone]\nnew"));
}

TEST_F(ConsoleFeedTest, Types) {
    tell(0, R"({"begin": 0, "end": 0, "newest": 0, "text": ""})");
    simulator.answers["exec console send_line ls, \\"] = "OK,5";
    begin();
    feed.send_line("ls, \\");
    feed.send_line("ls, \\");
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return simulator.commands.count("exec console send_line ls, \\") == 2; }, 5000));
    EXPECT_EQ(feed.history(), QStringList{"ls, \\"});
}

TEST_F(ConsoleFeedTest, TellsRefusals) {
    QSignalSpy refusals(&feed, &ConsoleFeed::refused);
    begin();
    feed.send_line("x");
    EXPECT_TRUE(QTest::qWaitFor([&] { return refusals.size() == 1; }, 5000));
}

TEST_F(ConsoleFeedTest, BeginsAnewWithAnotherConnection) {
    tell(0, R"({"begin": 0, "end": 3, "newest": 3, "text": "one"})");
    tell(3, R"({"begin": 3, "end": 3, "newest": 3, "text": ""})");
    begin();
    ASSERT_TRUE(shows("one"));
    simulator.client->abort();
    ASSERT_TRUE(QTest::qWaitFor([&] { return session.state() == Session::State::Lost; }, 5000));
    EXPECT_EQ(feed.text(), "one");
    session.open();
    EXPECT_EQ(feed.text(), "");
    EXPECT_TRUE(shows("one"));
}

}  // namespace
}  // namespace inspector
