// SPDX-License-Identifier: Apache-2.0
// Watch: when it asks, and when it does not.
#include "gui/session/watch.hpp"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTest>

#include "tests/gui/fake_simulator.hpp"

namespace inspector {
namespace {

using std::chrono_literals::operator""ms;

struct WatchTest : testing::Test {
    test::FakeSimulator simulator;
    Session session{simulator.address(), {20ms, 20ms, 1000ms, 5000ms}};
    Watch watch{session, {"exec", "kernel", "tasks"}, 20ms};
    QSignalSpy answers{&watch, &Watch::answered};

    WatchTest() {
        simulator.answers["exec kernel tasks"] = "OK,[]";
        session.open();
    }
    bool asked(qsizetype times) {
        return QTest::qWaitFor([&] { return simulator.commands.size() >= times; }, 5000);
    }
};

TEST_F(WatchTest, AsksNothingWhileNobodyLooks) {
    simulator.status = "running,1,1";
    QTest::qWait(100);
    EXPECT_TRUE(simulator.commands.isEmpty());
}

TEST_F(WatchTest, AsksAgainWhileTheRunGoesOn) {
    simulator.status = "running,1,1";
    watch.set_active(true);
    EXPECT_TRUE(asked(3));
    watch.set_active(false);
    QTest::qWait(50);
    const qsizetype before = simulator.commands.size();
    QTest::qWait(100);
    EXPECT_EQ(simulator.commands.size(), before);
}

TEST_F(WatchTest, AsksOnceAStop) {
    watch.set_active(true);
    EXPECT_TRUE(asked(1));
    QTest::qWait(100);
    EXPECT_EQ(simulator.commands.size(), 1);
    simulator.status = "stopped:step,3000,9";
    EXPECT_TRUE(asked(2));
    QTest::qWait(100);
    EXPECT_EQ(simulator.commands.size(), 2);
    EXPECT_EQ(answers.size(), 2);
}

TEST_F(WatchTest, AsksAnewWhenTold) {
    watch.set_active(true);
    EXPECT_TRUE(asked(1));
    watch.refresh();
    EXPECT_TRUE(asked(2));
    simulator.answers["exec kernel cpus"] = "OK,[1]";
    watch.set_command({"exec", "kernel", "cpus"});
    EXPECT_TRUE(asked(3));
    EXPECT_EQ(simulator.commands.last(), "exec kernel cpus");
}

TEST_F(WatchTest, EndsWithTheSession) {
    watch.set_active(true);
    EXPECT_TRUE(asked(1));
    simulator.client->abort();
    QTest::qWait(100);
    EXPECT_EQ(session.state(), Session::State::Lost);
    const qsizetype before = answers.size();
    watch.refresh();
    QTest::qWait(50);
    EXPECT_EQ(answers.size(), before);
}

}  // namespace
}  // namespace inspector
