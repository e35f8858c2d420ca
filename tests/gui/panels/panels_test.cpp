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
