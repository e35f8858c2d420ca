// SPDX-License-Identifier: Apache-2.0
// The live panels on a phone that is not there: clicked, typed into, and left alone.
#include <gtest/gtest.h>

#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <memory>

#include "gui/panels/code_panel.hpp"
#include "gui/panels/console_panel.hpp"
#include "gui/panels/control_bar.hpp"
#include "gui/panels/devices_panel.hpp"
#include "gui/panels/memory_panel.hpp"
#include "gui/panels/system_panel.hpp"
#include "tests/gui/panels/fake_phone.hpp"

namespace inspector {
namespace {

using test::FakePhone;

std::vector<std::unique_ptr<LivePanel>> all_panels(const Context& context) {
    std::vector<std::unique_ptr<LivePanel>> panels;
    panels.push_back(std::make_unique<ControlBar>(context));
    panels.push_back(std::make_unique<ConsolePanel>(context));
    panels.push_back(std::make_unique<SystemPanel>(context));
    panels.push_back(std::make_unique<CodePanel>(context));
    panels.push_back(std::make_unique<MemoryPanel>(context));
    panels.push_back(std::make_unique<DevicesPanel>(context));
    return panels;
}

void show(QWidget& panel) {
    panel.resize(900, 600);
    panel.show();
    static_cast<void>(QTest::qWaitForWindowExposed(&panel));
}

template <class Condition>
bool comes_true(Condition condition) {
    return QTest::qWaitFor(condition, 5000);
}

bool comes_to_show(const Panel& panel, const QString& text) {
    return comes_true([&] { return panel.as_text().contains(text); });
}

TEST(Panels, SayThatThereIsNoLiveRun) {
    Selection selection;
    for (const auto& panel : all_panels({&selection, nullptr, nullptr, nullptr})) {
        show(*panel);
        EXPECT_TRUE(panel->complaint().contains("no live run")) << qPrintable(panel->name());
        for (QAction* action : panel->commands()) {
            if (action->isEnabled()) action->trigger();
        }
        selection.select({.cpu = 0, .thread = 5, .task = 2, .address = 0x4000, .frame = 17});
        panel->grab();
    }
}

TEST(Panels, AskNothingWhileTheyAreHidden) {
    FakePhone phone;
    const auto panels = all_panels(phone.context());
    phone.open();
    QTest::qWait(100);
    EXPECT_TRUE(phone.simulator.commands.isEmpty());
    show(*panels.back());
    EXPECT_TRUE(phone.was_told("exec objects values"));
    EXPECT_EQ(phone.simulator.commands.size(), 1);
}

TEST(Panels, SayWhatIsUnsupported) {
    FakePhone phone;
    phone.simulator.answers.clear();
    for (const char* command : {"exec kernel threads", "exec kernel frames", "exec cpus registers",
                                "exec objects values"}) {
        phone.simulator.answers[command] = "E,Unsupported: this is not offered on fake";
    }
    phone.open();
    const auto panels = all_panels(phone.context());
    for (size_t i = 2; i < panels.size(); ++i) {
        show(*panels[i]);
        EXPECT_TRUE(comes_true([&] { return panels[i]->complaint().contains("Unsupported"); }))
            << qPrintable(panels[i]->name());
    }
}

TEST(Panels, SurviveAnswersThatMakeNoSense) {
    FakePhone phone;
    for (const char* answer :
         {"OK", "OK,null", "OK,{}", "OK,[[[]]]", "OK,[{}\\,7]", "OK,\"x", "E"}) {
        for (QByteArray& told : phone.simulator.answers) told = answer;
        const auto panels = all_panels(phone.context());
        for (const auto& panel : panels) show(*panel);
        phone.open();
        QTest::qWait(50);
        for (const auto& panel : panels) panel->grab();
    }
    EXPECT_EQ(phone.session.state(), Session::State::Stopped);
}

TEST(Panels, SayThatTheRunIsOver) {
    FakePhone phone;
    const auto panels = all_panels(phone.context());
    for (const auto& panel : panels) show(*panel);
    phone.open();
    ASSERT_TRUE(comes_to_show(*panels[2], "shell"));
    phone.simulator.client->abort();
    for (const auto& panel : panels) {
        EXPECT_TRUE(comes_true([&] { return panel->complaint().contains("has ended"); }));
    }
    EXPECT_TRUE(panels[2]->as_text().contains("shell"));  // what was seen stays
}

TEST(ControlBarTest, HoldsTheRunAndLetsItGoOn) {
    FakePhone phone;
    ControlBar bar(phone.context());
    show(bar);
    phone.open();
    ASSERT_TRUE(comes_to_show(bar, "paused"));
    QTest::keyClick(&bar, Qt::Key_Space);
    EXPECT_TRUE(phone.was_told("resume"));
    phone.simulator.status = "running,1500,7";
    ASSERT_TRUE(comes_to_show(bar, "running"));
    QTest::keyClick(&bar, Qt::Key_Space);
    EXPECT_TRUE(phone.was_told("stop"));
    phone.simulator.status = "stopped:user,2500,7";
    ASSERT_TRUE(comes_to_show(bar, "0.000 002 500 s"));
    QTest::keyClick(&bar, Qt::Key_F6);
    EXPECT_TRUE(phone.was_told("resume 10000000ns"));
    QTest::keyClick(&bar, Qt::Key_F7);
    EXPECT_TRUE(phone.was_told("step cpu0 cpu1"));
}

QAction* command_named(Panel& panel, const QString& text) {
    for (QAction* action : panel.commands()) {
        if (action->text() == text) return action;
    }
    ADD_FAILURE() << "there is no command " << qPrintable(text);
    return nullptr;
}

TEST(ControlBarTest, TakesTheRunToOtherTimes) {
    FakePhone phone;
    ControlBar bar(phone.context());
    show(bar);
    phone.simulator.status = "stopped:user,12000000,7";
    phone.open();
    auto* scrubber = bar.findChild<Scrubber*>();
    ASSERT_NE(scrubber, nullptr);
    ASSERT_TRUE(comes_true([&] { return scrubber->isEnabled(); }));
    EXPECT_EQ(scrubber->time(), 12'000'000U);

    // By its keys, to the end; on the way nothing else can be done.
    phone.simulator.status = "running,12000000,7";
    QTest::keyClick(scrubber, Qt::Key_End);
    EXPECT_TRUE(scrubber->in_hand());
    EXPECT_TRUE(bar.as_text().contains("0.030 000 000 s"));
    EXPECT_TRUE(phone.was_told("exec time forward 30000000"));
    EXPECT_TRUE(bar.as_text().startsWith("on the way to 0.030 000 000 s"));
    for (QAction* action : bar.commands()) EXPECT_FALSE(action->isEnabled());
    EXPECT_FALSE(scrubber->isEnabled());
    EXPECT_TRUE(scrubber->toolTip().contains("on the way"));
    phone.simulator.status = "stopped:time,30000000,7";
    ASSERT_TRUE(comes_to_show(bar, "taken to this time"));

    // By the mouse, to the beginning.
    phone.simulator.status = "stopped:time,500,7";
    QTest::mousePress(scrubber, Qt::LeftButton, {}, {scrubber->width() / 2, 5});
    QTest::mouseMove(scrubber, {0, 5});
    EXPECT_FALSE(phone.simulator.commands.contains("exec time back 500"));
    QTest::mouseRelease(scrubber, Qt::LeftButton, {}, {0, 5});
    EXPECT_TRUE(phone.was_told("exec time back 500"));
    ASSERT_TRUE(comes_to_show(bar, "0.000 000 500 s"));
    EXPECT_TRUE(comes_true([&] { return scrubber->isEnabled(); }));
    EXPECT_FALSE(command_named(bar, "Step back")->isEnabled());
    EXPECT_TRUE(command_named(bar, "Step back")->toolTip().contains("first snapshot"));
}

TEST(ControlBarTest, StepsBackAndGoesToTheSelection) {
    FakePhone phone;
    ControlBar bar(phone.context());
    show(bar);
    phone.simulator.status = "stopped:user,12000000,7";
    phone.open();
    QAction* step_back = command_named(bar, "Step back");
    QAction* to_selection = command_named(bar, "To the selection");
    ASSERT_TRUE(comes_true([&] { return step_back->isEnabled(); }));
    EXPECT_FALSE(to_selection->isEnabled());
    EXPECT_TRUE(to_selection->toolTip().contains("Nothing is selected"));
    phone.selection.select({.time = 40'000'000});
    EXPECT_FALSE(to_selection->isEnabled());
    EXPECT_TRUE(to_selection->toolTip().contains("got to 0.030 000 000 s"));
    phone.selection.select({.time = 400});
    EXPECT_TRUE(to_selection->toolTip().contains("first snapshot is at"));
    phone.selection.select({.time = 12'000'000});
    EXPECT_TRUE(to_selection->isEnabled());

    phone.simulator.status = "stopped:time,2000000,7";
    QTest::keyClick(&bar, Qt::Key_F7, Qt::ShiftModifier);
    EXPECT_TRUE(phone.was_told("exec time back 2000000"));
    ASSERT_TRUE(comes_to_show(bar, "0.002 000 000 s"));
    ASSERT_TRUE(comes_true([&] { return to_selection->isEnabled(); }));
    phone.simulator.status = "stopped:time,12000000,7";
    QTest::keyClick(&bar, Qt::Key_F5, Qt::ShiftModifier);
    EXPECT_TRUE(phone.was_told("exec time forward 12000000"));
    EXPECT_TRUE(comes_to_show(bar, "0.012 000 000 s"));
}

TEST(ControlBarTest, SaysWhyItCannotGoBack) {
    const QList<QPair<QByteArray, QString>> answers{
        {"E,Unsupported: going back in time is not offered on qemu", "not offered on qemu"},
        {R"(OK,{"times":[]\,"reached":0\,"trouble":"the scenario has threads"})",
         "the scenario has threads"},
        {R"(OK,{"times":[]})", "no snapshot yet"},
    };
    for (const auto& answer : answers) {
        FakePhone phone;
        phone.simulator.answers["exec time snapshots"] = answer.first;
        ControlBar bar(phone.context());
        show(bar);
        phone.open();
        auto* scrubber = bar.findChild<Scrubber*>();
        EXPECT_TRUE(comes_true([&] { return scrubber->toolTip().contains(answer.second); }))
            << qPrintable(scrubber->toolTip());
        EXPECT_FALSE(scrubber->isEnabled());
        EXPECT_FALSE(command_named(bar, "Step back")->isEnabled());
        EXPECT_EQ(bar.complaint(), "");
    }
}

TEST(ControlBarTest, RefusesDurationsThatAreNone) {
    FakePhone phone;
    ControlBar bar(phone.context());
    show(bar);
    phone.open();
    ASSERT_TRUE(comes_to_show(bar, "paused"));
    auto* duration = bar.findChild<QComboBox*>();
    duration->setCurrentText("soon");
    QTest::keyClick(duration->lineEdit(), Qt::Key_Return);
    EXPECT_TRUE(bar.complaint().contains("such as 10 ms"));
}

TEST(ControlBarTest, ConnectsAgain) {
    FakePhone phone;
    ControlBar bar(phone.context());
    show(bar);
    phone.open();
    phone.simulator.client->abort();
    ASSERT_TRUE(comes_to_show(bar, "not connected"));
    bar.commands().last()->trigger();
    EXPECT_TRUE(comes_to_show(bar, "paused"));
    EXPECT_TRUE(bar.complaint().isEmpty());
}

TEST(ConsolePanelTest, ShowsTypesAndRecalls) {
    FakePhone phone;
    ConsolePanel console(phone.context());
    show(console);
    phone.open();
    ASSERT_TRUE(comes_to_show(console, "hello"));
    auto* line = console.findChild<QLineEdit*>();
    QTest::keyClicks(line, "ls");
    QTest::keyClick(line, Qt::Key_Return);
    EXPECT_TRUE(phone.was_told("exec console send_line ls"));
    EXPECT_TRUE(line->text().isEmpty());
    QTest::keyClick(line, Qt::Key_Up);
    EXPECT_EQ(line->text(), "ls");
    QTest::keyClick(line, Qt::Key_Down);
    EXPECT_TRUE(line->text().isEmpty());
}

TEST(ConsolePanelTest, TakesWhatComesInAnyPieces) {
    FakePhone phone;
    phone.tell("exec console text 0", R"({"begin": 0, "end": 3, "newest": 3, "text": "one"})");
    phone.tell("exec console text 3", R"({"begin": 3, "end": 9, "newest": 9, "text": "\ntwo\nt"})");
    phone.tell("exec console text 9", R"({"begin": 9, "end": 9, "newest": 9, "text": ""})");
    phone.simulator.status = "running,1,1";
    ConsolePanel console(phone.context());
    show(console);
    phone.open();
    EXPECT_TRUE(comes_true([&] { return console.as_text() == "one\ntwo\nt"; }))
        << qPrintable(console.as_text());
}

TEST(SystemPanelTest, SelectsEverywhere) {
    FakePhone phone;
    SystemPanel system(phone.context());
    show(system);
    phone.open();
    ASSERT_TRUE(comes_to_show(system, "thread 5"));
    phone.selection.select({.task = 2});
    EXPECT_TRUE(phone.was_told("exec kernel rights 2"));
    ModelView& tree = *system.findChild<ModelView*>();
    EXPECT_EQ(tree.currentIndex().data().toString(), "shell (task 2)");
    QTest::keyClick(&tree, Qt::Key_Down);
    EXPECT_EQ(phone.selection.selected().thread, 5U);
    EXPECT_EQ(phone.selection.selected().container, 1U);
}

TEST(CodePanelTest, ShowsCodeAndSetsBreakpoints) {
    FakePhone phone;
    CodePanel code(phone.context());
    show(code);
    phone.open();
    ASSERT_TRUE(comes_to_show(code, " ▶\t0x4040\td503201f\tnop"));
    auto* view = code.findChild<ModelView*>();
    view->setFocus();
    QTest::keyClick(view, Qt::Key_F9);
    EXPECT_TRUE(phone.was_told("mkbp cpu1 0x4040"));
    EXPECT_TRUE(comes_to_show(code, "●▶\t0x4040"));
    EXPECT_TRUE(phone.was_told("vread cpu0 0x8010 512"));
}

TEST(MemoryPanelTest, MapsFrames) {
    FakePhone phone;
    MemoryPanel memory(phone.context());
    show(memory);
    phone.open();
    ASSERT_TRUE(phone.was_told("exec kernel frames 20"));
    ASSERT_TRUE(comes_to_show(memory, "kernel\t4\t16 KiB"));
    auto* map = memory.findChild<FrameMapView*>();
    QTest::qWait(50);
    // Below the heading, in the second column.
    QTest::mouseClick(map->viewport(), Qt::LeftButton, {}, QPoint(10, 17));
    EXPECT_EQ(phone.selection.selected().frame, 17U);
    for (const Qt::Key key : {Qt::Key_Minus, Qt::Key_Minus, Qt::Key_Plus, Qt::Key_0}) {
        QTest::keyClick(map, key);
        memory.grab();
    }
    for (int i = 0; i < 4; ++i) {
        memory.findChild<QComboBox*>()->setCurrentIndex(i);
        memory.grab();
    }
    EXPECT_TRUE(memory.complaint().isEmpty());  // that there are no caches is said in their tab
}

TEST(DevicesPanelTest, FiltersAndSelects) {
    FakePhone phone;
    DevicesPanel devices(phone.context());
    show(devices);
    phone.open();
    ASSERT_TRUE(comes_to_show(devices, "interrupts\t3"));
    auto* view = devices.findChild<ModelView*>();
    QTest::keyClicks(devices.findChild<QLineEdit*>(), "SENT");
    EXPECT_TRUE(view->isRowHidden(0, {}));
    EXPECT_FALSE(view->isRowHidden(1, {}));
    view->setCurrentIndex(view->model()->index(1, 0));
    EXPECT_EQ(phone.selection.selected().module, "uart");
}

}  // namespace
}  // namespace inspector
