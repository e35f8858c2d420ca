// SPDX-License-Identifier: Apache-2.0
// Session against simulators that behave, and against some that do not.
#include "gui/session/session.hpp"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTest>

#include "tests/gui/fake_simulator.hpp"

namespace inspector {
namespace {

using State = Session::State;
using test::FakeSimulator;
using std::chrono_literals::operator""ms;

constexpr Session::Patience quick{20ms, 20ms, 100ms, 400ms};

bool reaches(Session& session, State state) {
    return QTest::qWaitFor([&] { return session.state() == state; }, 5000);
}

struct SessionTest : testing::Test {
    FakeSimulator simulator;
    Session session{simulator.address(), quick};

    // Lost, and what for.
    QString fate() {
        EXPECT_TRUE(reaches(session, State::Lost));
        return session.complaint();
    }
};

TEST_F(SessionTest, TellsTheStateOfTheRun) {
    session.open();
    ASSERT_TRUE(reaches(session, State::Stopped));
    EXPECT_EQ(session.reason(), "user");
    EXPECT_EQ(session.now(), 1500U);
    simulator.status = "running,2500,9";
    ASSERT_TRUE(reaches(session, State::Running));
    EXPECT_EQ(session.now(), 2500U);
    EXPECT_TRUE(session.reason().isEmpty());
}

TEST_F(SessionTest, CountsStops) {
    session.open();
    ASSERT_TRUE(reaches(session, State::Stopped));
    const uint64_t before = session.stops();
    QTest::qWait(60);
    EXPECT_EQ(session.stops(), before);
    simulator.status = "stopped:breakpoint:3:2000,2000,9";
    ASSERT_TRUE(QTest::qWaitFor([&] { return session.stops() == before + 1; }, 5000));
    EXPECT_EQ(session.reason(), "breakpoint:3:2000");
}

TEST_F(SessionTest, SendsCommandsOfTheRun) {
    for (const char* command : {"stop", "resume", "resume 5000ns", "step cpu0 cpu1"}) {
        simulator.answers[command] = "OK";
    }
    QSignalSpy refusals(&session, &Session::refused);
    session.open();
    session.pause();
    session.resume();
    session.resume_for(5000);
    session.step({"cpu0", "cpu1"});
    ASSERT_TRUE(QTest::qWaitFor([&] { return simulator.commands.size() == 4; }, 5000));
    simulator.commands.sort();
    EXPECT_EQ(simulator.commands,
              (QStringList{"resume", "resume 5000ns", "step cpu0 cpu1", "stop"}));
    EXPECT_EQ(refusals.size(), 0);
}

TEST_F(SessionTest, TellsRefusals) {
    simulator.answers["resume"] = "E,simulation running";
    QSignalSpy refusals(&session, &Session::refused);
    session.open();
    session.resume();
    ASSERT_TRUE(refusals.wait());
    EXPECT_EQ(refusals.first().first().toString(), "simulation running");
}

TEST_F(SessionTest, TakesTheRunToOtherTimes) {
    simulator.answers["exec time back 700"] = "OK,{}";
    simulator.answers["exec time forward 1500"] = "OK,{}";
    session.open();
    ASSERT_TRUE(reaches(session, State::Stopped));
    const uint64_t before = session.stops();
    QSignalSpy backwards(&session, &Session::went_back);
    simulator.status = "running,1500,7";
    ASSERT_TRUE(reaches(session, State::Running));
    session.back(700);
    EXPECT_EQ(session.destination(), 700U);
    ASSERT_TRUE(QTest::qWaitFor([&] { return simulator.commands.size() == 1; }, 5000));
    QTest::qWait(60);
    EXPECT_EQ(session.destination(), 700U);  // it is running there
    simulator.status = "stopped:time,700,7";
    ASSERT_TRUE(QTest::qWaitFor([&] { return !session.destination(); }, 5000));
    EXPECT_EQ(session.now(), 700U);
    EXPECT_EQ(session.reason(), "time");
    EXPECT_GT(session.stops(), before);
    EXPECT_EQ(backwards.size(), 1);

    simulator.status = "stopped:time,1500,7";
    session.forward(1500);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !session.destination(); }, 5000));
    EXPECT_EQ(backwards.size(), 1);
    EXPECT_EQ(simulator.commands.last(), "exec time forward 1500");
}

TEST_F(SessionTest, StaysWhereItIsWhenItMayNotGo) {
    simulator.answers["exec time back 700"] = "E,there are no snapshots to go back to";
    session.open();
    ASSERT_TRUE(reaches(session, State::Stopped));
    QSignalSpy refusals(&session, &Session::refused);
    session.back(700);
    session.back(600);  // one at a time
    ASSERT_TRUE(QTest::qWaitFor([&] { return refusals.size() == 2; }, 5000));
    EXPECT_TRUE(refusals[0][0].toString().contains("on its way"));
    EXPECT_TRUE(refusals[1][0].toString().contains("no snapshots"));
    EXPECT_FALSE(session.destination());
    EXPECT_EQ(simulator.commands, QStringList{"exec time back 700"});
}

TEST_F(SessionTest, GoesNowhereWithoutASimulator) {
    simulator.instead = [&](const QString& command) {
        if (command.startsWith("exec")) return simulator.client->abort();
        simulator.write("+");
        simulator.reply("OK,stopped:user,1500,7");
    };
    session.open();
    ASSERT_TRUE(reaches(session, State::Stopped));
    session.back(700);
    ASSERT_TRUE(reaches(session, State::Lost));
    EXPECT_FALSE(session.destination());
    session.back(600);
    EXPECT_FALSE(session.destination());
}

TEST_F(SessionTest, AnswersInOrder) {
    simulator.answers["exec kernel tasks"] = "OK,[]";
    simulator.answers["vread cpu0 0x1000 2"] = "OK,0x01,0x02";
    session.open();
    QStringList answers;
    session.execute({"kernel", "tasks"}, &session,
                    [&](const Reply& reply) { answers += reply.fields; });
    session.request({"vread", "cpu0", "0x1000", "2"}, &session,
                    [&](const Reply& reply) { answers += reply.fields; });
    ASSERT_TRUE(QTest::qWaitFor([&] { return answers.size() == 3; }, 5000));
    EXPECT_EQ(answers, (QStringList{"[]", "0x01", "0x02"}));
}

TEST_F(SessionTest, DoesNotAnswerWhoIsGone) {
    simulator.answers["version"] = "OK";
    session.open();
    bool answered = false;
    {
        QObject owner;
        session.request({"version"}, &owner, [&](const Reply&) { answered = true; });
    }
    ASSERT_TRUE(reaches(session, State::Stopped));
    QTest::qWait(60);
    EXPECT_FALSE(answered);
}

TEST_F(SessionTest, EndsTheRun) {
    session.open();
    ASSERT_TRUE(reaches(session, State::Stopped));
    session.quit();
    EXPECT_EQ(fate(), "The run was ended from here.");
}

TEST_F(SessionTest, AsksForDamagedRepliesAgain) {
    int asked = 0;
    simulator.instead = [&](const QString&) {
        simulator.write("+");
        simulator.write(++asked == 1 ? "$OK,damaged#11" + encode_packet("OK,running,1,1")
                                     : encode_packet("OK,running,1,1"));
    };
    session.open();
    ASSERT_TRUE(reaches(session, State::Running));
    EXPECT_TRUE(QTest::qWaitFor([&] { return simulator.refused == 1; }, 5000));
}

TEST_F(SessionTest, SaysThatNobodyIsThere) {
    simulator.server.close();
    session.open();
    EXPECT_TRUE(fate().startsWith("There is no session at tcp:"));
}

TEST(SessionAddress, SaysThatItIsNone) {
    Session session("nowhere");
    session.open();
    EXPECT_EQ(session.state(), State::Lost);
    EXPECT_TRUE(session.complaint().contains("tcp:PORT"));
    bool told = false;
    session.request({"status"}, &session, [&](const Reply& reply) { told = !reply.ok; });
    EXPECT_TRUE(QTest::qWaitFor([&] { return told; }, 5000));
}

TEST(SessionAddress, SaysThatASocketIsMissing) {
    Session session("unix:/nowhere/at/all");
    session.open();
    ASSERT_TRUE(reaches(session, State::Lost));
    EXPECT_TRUE(session.complaint().startsWith("There is no session at unix:"));
}

TEST_F(SessionTest, SurvivesASimulatorThatVanishes) {
    session.open();
    ASSERT_TRUE(reaches(session, State::Stopped));
    simulator.is_mute = true;
    bool refused = false;
    session.request({"version"}, &session, [&](const Reply& reply) { refused = !reply.ok; });
    ASSERT_TRUE(QTest::qWaitFor([&] { return !simulator.commands.isEmpty(); }, 5000));
    simulator.client->abort();
    EXPECT_TRUE(fate().startsWith("The session has ended"));
    EXPECT_TRUE(refused);
}

TEST_F(SessionTest, GivesASilentSimulatorUp) {
    simulator.is_mute = true;
    session.open();
    ASSERT_TRUE(QTest::qWaitFor([&] { return session.is_silent(); }, 5000));
    EXPECT_TRUE(fate().contains("has not answered"));
    EXPECT_FALSE(session.is_silent());
}

TEST_F(SessionTest, GivesGarbageUp) {
    simulator.instead = [&](const QString&) { simulator.write("HTTP/1.1 400 Bad Request\r\n"); };
    session.open();
    EXPECT_TRUE(fate().contains("has not answered"));
}

TEST_F(SessionTest, GivesStatesThatAreNoneUp) {
    for (const char* status :
         {"OK", "OK,running", "OK,running,soon,1", "OK,asleep,1,1", "E,no", ""}) {
        FakeSimulator other;
        Session lost(other.address(), quick);
        other.instead = [&](const QString&) { other.reply(status); };
        lost.open();
        ASSERT_TRUE(reaches(lost, State::Lost)) << status;
        EXPECT_TRUE(lost.complaint().contains("no session protocol")) << status;
    }
}

TEST_F(SessionTest, GivesRepliesThatNobodyAskedForUp) {
    session.open();
    ASSERT_TRUE(reaches(session, State::Stopped));
    simulator.is_mute = false;
    simulator.reply("OK,1");
    simulator.reply("OK,2");
    simulator.reply("OK,3");
    EXPECT_FALSE(fate().isEmpty());
}

TEST_F(SessionTest, ConnectsAgain) {
    session.open();
    ASSERT_TRUE(reaches(session, State::Stopped));
    simulator.client->abort();
    ASSERT_TRUE(reaches(session, State::Lost));
    session.open();
    EXPECT_EQ(session.state(), State::Connecting);
    EXPECT_TRUE(session.complaint().isEmpty());
    EXPECT_TRUE(reaches(session, State::Stopped));
}

TEST(SessionReply, IsGivenUpWhenOversized) {
    FakeSimulator simulator;
    Session session(simulator.address(), {20ms, 20ms, 5000ms, 30000ms});
    simulator.instead = [&](const QString&) { simulator.reply(QByteArray((16 << 20) + 1, 'x')); };
    session.open();
    ASSERT_TRUE(QTest::qWaitFor([&] { return session.state() == State::Lost; }, 30000));
    EXPECT_TRUE(session.complaint().contains("more than 16 MiB"));
}

TEST_F(SessionTest, GivesEverlastingDamageUp) {
    simulator.instead = [&](const QString&) {
        for (int i = 0; i < 20; ++i) simulator.write("$OK#11");
    };
    session.open();
    EXPECT_TRUE(fate().contains("damaged"));
}

}  // namespace
}  // namespace inspector
