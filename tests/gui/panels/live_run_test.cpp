// SPDX-License-Identifier: Apache-2.0
// The live panels on a run of the simulator. With ORRERY_SCREENSHOTS set to a folder, pictures of
// them go there.
#include <gtest/gtest.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <memory>

#include "gui/panels/code_panel.hpp"
#include "gui/panels/console_panel.hpp"
#include "gui/panels/control_bar.hpp"
#include "gui/panels/devices_panel.hpp"
#include "gui/panels/memory_panel.hpp"
#include "gui/panels/system_panel.hpp"
#include "gui/panels/timeline_panel.hpp"
#include "gui/run/followed_trace.hpp"
#include "gui/run/selection.hpp"

namespace inspector {
namespace {

constexpr int patience = 60'000;

struct LiveRun : testing::Test {
    QTemporaryDir folder;
    QProcess process;
    Selection selection;
    std::unique_ptr<Session> session;

    // A run of a scenario that waits for its client, who is connected.
    void begin(const QString& scenario, const QStringList& options = {}) {
        const QString address = "unix:" + folder.filePath("session");
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(
            "/usr/bin/python3",
            QStringList{"-B", "-P", "-m", "orrery", "run", scenario, "--on", "soc", "--out",
                        folder.filePath("run"), "--session", address, "--session-wait"} +
                options);
        ASSERT_TRUE(process.waitForStarted());
        ASSERT_TRUE(QTest::qWaitFor([&] { return process.canReadLine(); }, patience));
        const QByteArray line = process.readLine();
        ASSERT_TRUE(line.startsWith("session on ")) << (line + process.readAll()).toStdString();
        session = std::make_unique<Session>(address);
        session->open();
        ASSERT_TRUE(comes_to(Session::State::Stopped)) << qPrintable(session->complaint());
        EXPECT_EQ(session->reason(), "elaboration");
    }
    ~LiveRun() override {
        process.kill();
        process.waitForFinished();
    }
    bool comes_to(Session::State state) {
        return QTest::qWaitFor([&] { return session->state() == state; }, patience);
    }
    bool runs_for(uint64_t nanoseconds) {
        const uint64_t end = session->now() + nanoseconds;
        session->resume_for(nanoseconds);
        return QTest::qWaitFor(
            [&] { return session->state() == Session::State::Stopped && session->now() >= end; },
            patience);
    }
    [[nodiscard]] Context context() { return {&selection, nullptr, nullptr, session.get()}; }
};

bool comes_to_show(const Panel& panel, const QString& text) {
    return QTest::qWaitFor([&] { return panel.as_text().contains(text); }, patience);
}

void take_picture(Panel& panel) {
    const QString place = qEnvironmentVariable("ORRERY_SCREENSHOTS");
    if (place.isEmpty()) return;
    QDir().mkpath(place);
    QTest::qWait(300);
    EXPECT_TRUE(panel.grab().save(QDir(place).filePath("live-" + panel.name() + ".png")));
}

TEST_F(LiveRun, IsSeenInEveryPanel) {
    begin("pressure", {"--bootargs", "kernel_heap=slab"});
    ControlBar control(context());
    ConsolePanel console(context());
    SystemPanel system(context());
    CodePanel code(context());
    MemoryPanel memory(context());
    DevicesPanel devices(context());
    const QList<LivePanel*> panels{&control, &console, &system, &code, &memory, &devices};
    for (LivePanel* panel : panels) {
        panel->resize(960, panel == &control ? 80 : 640);
        panel->show();
    }
    ASSERT_TRUE(runs_for(60'000'000));
    selection.select({.task = 2});
    EXPECT_TRUE(comes_to_show(control, "0.060 000 000 s"));
    EXPECT_TRUE(comes_to_show(console, "init: started bin/pressure"));
    EXPECT_TRUE(comes_to_show(system, "pressure (task 2)"));
    EXPECT_TRUE(comes_to_show(system, "the end of pressure (task 2)"));
    EXPECT_TRUE(comes_to_show(memory, "anonymous"));
    EXPECT_TRUE(comes_to_show(devices, "system_calls"));
    for (LivePanel* panel : panels) {
        EXPECT_EQ(panel->complaint(), "") << qPrintable(panel->name());
        take_picture(*panel);
    }
    session->quit();
    ASSERT_TRUE(comes_to(Session::State::Lost));
    ASSERT_TRUE(process.waitForFinished(patience));
    EXPECT_EQ(process.exitCode(), 130);
}

TEST_F(LiveRun, StopsAtABreakpoint) {
    begin("first_light");
    CodePanel code(context());
    code.show();
    // Where a program has been, it comes again: init waits for its child at one place.
    ASSERT_TRUE(runs_for(2'000'000));
    for (int i = 0; i < 40 && !code.as_text().contains("▶"); ++i) ASSERT_TRUE(runs_for(500'000));
    ASSERT_TRUE(code.as_text().contains("▶"));
    Breakpoints breakpoints(*session);
    QString refusal;
    QObject::connect(&breakpoints, &Breakpoints::refused, &code,
                     [&](const QString& sentence) { refusal = sentence; });
    session->request({"exec", "cpus", "registers"}, &code, [&](const Reply& reply) {
        for (const CpuRegisters& cpu : parse_registers(reply.json().object())) {
            const uint64_t pc = cpu.find("pc").value_or(0);
            if (pc != 0) breakpoints.toggle(pc, {cpu.target});
        }
    });
    ASSERT_TRUE(QTest::qWaitFor([&] { return !breakpoints.addresses().isEmpty(); }, patience));
    EXPECT_EQ(refusal, "");
    session->resume();
    ASSERT_TRUE(QTest::qWaitFor(
        [&] {
            return session->reason().startsWith("breakpoint:") ||
                   session->state() == Session::State::Lost;
        },
        patience));
    EXPECT_TRUE(session->reason().startsWith("breakpoint:")) << qPrintable(session->complaint());
}

TEST_F(LiveRun, GoesOnToItsEnd) {
    begin("first_light");
    session->resume();
    ASSERT_TRUE(comes_to(Session::State::Lost));
    EXPECT_TRUE(session->complaint().contains("has ended"));
    ASSERT_TRUE(process.waitForFinished(patience));
    EXPECT_EQ(process.exitCode(), 0) << process.readAll().toStdString();
}

TEST_F(LiveRun, GoesBackAndForwardAndToItsEnd) {
    begin("first_light", {"--snapshots", "5ms"});
    ControlBar control(context());
    control.resize(960, 80);
    control.show();
    QString refusal;
    QObject::connect(session.get(), &Session::refused, &control,
                     [&](const QString& sentence) { refusal = sentence; });
    ASSERT_TRUE(runs_for(30'000'000));
    const uint64_t reached = session->now();
    auto* scrubber = control.findChild<Scrubber*>();
    ASSERT_TRUE(QTest::qWaitFor([&] { return scrubber->isEnabled(); }, patience));
    const auto comes_to_time = [&](uint64_t time) {
        return QTest::qWaitFor([&] { return !session->destination() && session->now() == time; },
                               patience);
    };
    session->back(12'345'678);
    ASSERT_TRUE(comes_to_time(12'345'678)) << qPrintable(refusal);
    EXPECT_EQ(session->reason(), "time");
    EXPECT_TRUE(comes_to_show(control, "taken to this time"));
    EXPECT_TRUE(comes_to_show(control, "0.012 345 678 s"));
    take_picture(control);

    selection.select({.time = 20'000'001});
    QTest::keyClick(&control, Qt::Key_F5, Qt::ShiftModifier);
    ASSERT_TRUE(comes_to_time(20'000'001)) << qPrintable(refusal);
    QTest::keyClick(&control, Qt::Key_F7, Qt::ShiftModifier);  // 10 ms
    ASSERT_TRUE(comes_to_time(10'000'001)) << qPrintable(refusal);
    ASSERT_TRUE(QTest::qWaitFor([&] { return scrubber->isEnabled(); }, patience));
    QTest::keyClick(scrubber, Qt::Key_End);
    ASSERT_TRUE(comes_to_time(reached)) << qPrintable(refusal);
    EXPECT_EQ(control.complaint(), "");

    session->resume();
    ASSERT_TRUE(comes_to(Session::State::Lost));
    ASSERT_TRUE(process.waitForFinished(patience));
    const QByteArray said = process.readAll();
    EXPECT_EQ(process.exitCode(), 0) << said.toStdString();
    QFile result(folder.filePath("run/run.json"));
    ASSERT_TRUE(result.open(QIODevice::ReadOnly));
    EXPECT_EQ(QJsonDocument::fromJson(result.readAll())["verdict"].toString(), "passed");
}

TEST_F(LiveRun, IsFollowedIntoAnotherFuture) {
    begin("first_light", {"--snapshots", "5ms", "--trace"});
    TraceLoader loader(LoadOptions{.window = 0});
    FollowedTrace followed(loader, folder.filePath("run"));
    QObject::connect(session.get(), &Session::went_back, session.get(), [&] { followed.doubt(); });
    Context all = context();
    all.trace = &loader;
    TimelinePanel timeline(all);
    timeline.resize(960, 480);
    timeline.show();
    const auto is_at = [&](uint64_t time) {
        return QTest::qWaitFor([&] { return !session->destination() && session->now() == time; },
                               patience);
    };
    const auto seen_to = [&] {
        return loader.read([](const TraceStore& store) { return store.end_time(); });
    };
    // A tenth of a second after the last time the simulator writes its trace out again.
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(runs_for(10'000'000));
        QTest::qWait(150);
    }
    ASSERT_TRUE(QTest::qWaitFor([&] { return seen_to() > 20'000'000; }, patience));
    const uint64_t seen = seen_to();

    // What comes again stays as it is.
    session->back(12'000'000);
    ASSERT_TRUE(is_at(12'000'000));
    QTest::qWait(300);
    take_picture(timeline);
    EXPECT_GE(seen_to(), seen);
    ASSERT_TRUE(runs_for(4'000'000));
    EXPECT_EQ(loader.progress().edition, 0U);

    // What is typed makes another future.
    session->execute({"console", "send_line", "hello"}, session.get(),
                     [](const Reply& reply) { EXPECT_TRUE(reply.ok) << qPrintable(reply.error); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return loader.progress().edition == 1; }, patience));
    EXPECT_LE(seen_to(), 17'000'000U);
    session->resume();
    ASSERT_TRUE(comes_to(Session::State::Lost));
    ASSERT_TRUE(process.waitForFinished(patience));
    EXPECT_EQ(process.exitCode(), 0) << process.readAll().toStdString();
    followed.end(true);
    ASSERT_TRUE(
        QTest::qWaitFor([&] { return loader.progress().state == LoadState::Done; }, patience));
    EXPECT_EQ(loader.progress().edition, 1U);
    EXPECT_TRUE(loader.progress().complaints.empty());
    EXPECT_EQ(loader.progress().bytes_read,
              static_cast<uint64_t>(QFileInfo(folder.filePath("run/trace.pftrace")).size()));
}

TEST_F(LiveRun, IsMissedWhenTheSimulatorDies) {
    begin("scheduler_mix");
    session->resume();
    ASSERT_TRUE(comes_to(Session::State::Running));
    // The run is a child of the command.
    process.kill();
    ASSERT_TRUE(process.waitForFinished(patience));
    EXPECT_TRUE(comes_to(Session::State::Lost));
}

TEST_F(LiveRun, SaysWhatIsNotOffered) {
    begin("first_light", {"--cpu", "iss"});
    SystemPanel system(context());
    MemoryPanel memory(context());
    system.show();
    memory.show();
    ASSERT_TRUE(runs_for(20'000'000));
    EXPECT_TRUE(comes_to_show(system, "init (task 1)"));
    EXPECT_TRUE(system.complaint().contains("Unsupported: listing threads"));
    EXPECT_TRUE(memory.complaint().contains("Unsupported: the map of page frames"));
}

}  // namespace
}  // namespace inspector
