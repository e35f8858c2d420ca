// SPDX-License-Identifier: Apache-2.0
// Tests of the window on recorded runs: whole, broken and missing ones; each panel is clicked and
// typed into.
#include "gui/window/main_window.hpp"

#include <gtest/gtest.h>

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDialog>
#include <QLineEdit>
#include <QSettings>
#include <QTableView>
#include <QTest>

#include "gui/panels/log_panel.hpp"
#include "gui/panels/metrics_panel.hpp"
#include "gui/panels/scenario_panel.hpp"
#include "gui/panels/timeline_panel.hpp"
#include "gui/window/chooser.hpp"
#include "gui/window/export.hpp"
#include "gui/window/inspector.hpp"
#include "gui/window/theme.hpp"
#include "tests/gui/run_folder.hpp"

namespace inspector {
namespace {

using testing::RunFolder;

class MainWindowTest : public ::testing::Test {
  protected:
    MainWindowTest() {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_.path());
        QApplication::setOrganizationName("Orrery");
        QApplication::setApplicationName("inspector-test");
    }

    MainWindow& open(const QString& target) {
        Options options;
        options.target = target;
        inspector_ = std::make_unique<Inspector>(options);
        MainWindow& window = inspector_->window();
        window.restore_layout(false);
        window.show();
        EXPECT_TRUE(QTest::qWaitFor(
            [&] { return inspector_->context().trace->progress().state != LoadState::Reading; }));
        return window;
    }
    MainWindow& open_run() {
        folder_.write_failed_run();
        folder_.write_trace();
        MainWindow& window = open(folder_.path());
        EXPECT_TRUE(QTest::qWaitFor([&] { return timeline().settled(); }));
        return window;
    }
    template <typename Kind>
    Kind& panel(const char* name) {
        auto* found = qobject_cast<Kind*>(inspector_->window().panel(name));
        EXPECT_NE(found, nullptr) << name;
        found->parentWidget()->raise();
        return *found;
    }
    TimelinePanel& timeline() { return panel<TimelinePanel>("timeline"); }
    QAction* command(const QString& text) {
        for (QAction* action : inspector_->window().commands()) {
            if (action->text().startsWith(text)) return action;
        }
        return nullptr;
    }

    RunFolder folder_;
    std::unique_ptr<Inspector> inspector_;
};

TEST_F(MainWindowTest, ShowsARun) {
    const MainWindow& window = open_run();
    EXPECT_TRUE(window.windowTitle().startsWith("trial on iss"));
    EXPECT_TRUE(window.state_text().contains("failed"));
    EXPECT_EQ(panel<LogPanel>("log").as_text(), "hello\nworld\n");
    auto& scenario = panel<ScenarioPanel>("scenario");
    EXPECT_TRUE(scenario.verdict_text().contains("assert second"));
    EXPECT_EQ(scenario.view().edit().textCursor().blockNumber(), 1);
    EXPECT_TRUE(scenario.as_text().contains("third"));
}

TEST_F(MainWindowTest, TheTimelineSelectsStepsAndSumsUp) {
    open_run();
    TimelinePanel& shown = timeline();
    shown.timeline().select_event(
        {shown.timeline().rows().tree().find(TrackKind::Cpu, 0), LaneKind::Runs, 0, 0});
    EXPECT_TRUE(shown.as_text().contains("4 us"));
    shown.timeline().select_area({0, 10'000, shown.timeline().rows().tree().with_descendants(0)});
    EXPECT_TRUE(QTest::qWaitFor([&] { return shown.as_csv().contains("share"); }));
    EXPECT_TRUE(shown.as_csv().contains("thread,"));
    QTest::keyClick(&shown.view(), Qt::Key_Q);
    EXPECT_TRUE(shown.details().isHidden());
    QTest::keyClick(&shown.view(), Qt::Key_Q);
    EXPECT_FALSE(shown.details().isHidden());
}

TEST_F(MainWindowTest, SearchGoesFromHitToHit) {
    open_run();
    TimelinePanel& shown = timeline();
    QTest::keyClick(&shown.view(), Qt::Key_Slash);
    EXPECT_TRUE(shown.search_field().isVisible());
    QTest::keyClicks(&shown.search_field(), "cpu online");
    EXPECT_TRUE(QTest::qWaitFor([&] { return shown.search().hits().size() == 2; }));
    shown.search_field().setFocus();
    QTest::keyClick(&shown.search_field(), Qt::Key_Return);
    EXPECT_TRUE(shown.timeline().selected_event().has_value());
    EXPECT_EQ(shown.search().current(), 0U);
    QTest::keyClick(&shown.search_field(), Qt::Key_Return, Qt::ShiftModifier);
    EXPECT_EQ(shown.search().current(), 1U);
    QTest::keyClick(&shown.search_field(), Qt::Key_Escape);
    EXPECT_FALSE(shown.search_field().isVisible());
}

TEST_F(MainWindowTest, MetricsFilterSortAndPlot) {
    open_run();
    auto& metrics = panel<MetricsPanel>("metrics");
    QTest::keyClicks(&metrics.filter(), "boot");
    EXPECT_EQ(metrics.table().model()->rowCount(), 1);
    metrics.table().selectRow(0);
    EXPECT_EQ(metrics.plot().plot().form, Plot::Form::None);
    EXPECT_FALSE(metrics.plot().plot().note.isEmpty());
    metrics.filter().clear();
    EXPECT_EQ(metrics.table().model()->rowCount(), 2);
    EXPECT_TRUE(metrics.as_csv().contains("\"odd,name\""));
}

TEST_F(MainWindowTest, TheLogIsSearched) {
    open_run();
    auto& log = panel<LogPanel>("log");
    log.view().open_find();
    QTest::keyClicks(&log.view().find_field(), "world");
    EXPECT_EQ(log.view().edit().textCursor().selectedText(), "world");
}

TEST_F(MainWindowTest, GoesToAThreadByName) {
    MainWindow& window = open_run();
    window.open_places();
    auto* chooser = window.findChild<Chooser*>();
    ASSERT_NE(chooser, nullptr);
    QTest::keyClicks(&chooser->field(), "thread 3");
    QTest::keyClick(&chooser->field(), Qt::Key_Return);
    EXPECT_EQ(inspector_->context().selection->selected().thread, 3U);
}

TEST_F(MainWindowTest, EveryCommandHasANameAndThePaletteListsIt) {
    MainWindow& window = open_run();
    window.open_palette();
    auto* chooser = window.findChild<Chooser*>();
    ASSERT_NE(chooser, nullptr);
    for (const QAction* action : window.commands()) {
        EXPECT_FALSE(action->text().isEmpty());
        EXPECT_TRUE(chooser->listed().contains(action->text().remove('&')));
    }
    chooser->close();
    window.show_keys();
    auto* keys = window.findChild<QDialog*>("keys");
    ASSERT_NE(keys, nullptr);
    keys->close();
}

TEST_F(MainWindowTest, ExportsWhatIsShown) {
    MainWindow& window = open_run();
    for (Panel* one : window.panels()) {
        const bool has_table = !one->as_csv().isEmpty();
        for (const char* form : {"png", "svg", "txt", "csv"}) {
            const QString path = folder_.file((one->name() + '.' + form).toUtf8().constData());
            const QString problem = export_panel(*one, path);
            const bool fits = has_table || QLatin1String(form) != QLatin1String("csv");
            EXPECT_EQ(problem.isEmpty(), fits) << problem.toStdString();
            EXPECT_EQ(QFileInfo(path).size() > 0, fits) << path.toStdString();
        }
    }
    Panel& log = panel<LogPanel>("log");
    EXPECT_FALSE(export_panel(log, folder_.file("log.docx")).isEmpty());
    EXPECT_FALSE(export_panel(log, "/no/such/folder/log.txt").isEmpty());
    EXPECT_FALSE(export_panel(log, "/no/such/folder/log.png").isEmpty());
    EXPECT_EQ(copy_text(log), "");
    EXPECT_EQ(QApplication::clipboard()->text(), "hello\nworld\n");
    EXPECT_FALSE(copy_csv(log).isEmpty());
}

TEST_F(MainWindowTest, TheLayoutIsRemembered) {
    MainWindow& window = open_run();
    panel<LogPanel>("log").parentWidget()->hide();
    window.close();
    open(folder_.path());
    EXPECT_TRUE(panel<LogPanel>("log").parentWidget()->isHidden());
    inspector_->window().reset_layout();
    EXPECT_FALSE(panel<LogPanel>("log").parentWidget()->isHidden());
}

TEST_F(MainWindowTest, ThemesSwitchWhileItIsOpen) {
    open_run();
    prepare_theme();
    apply_theme(ThemeChoice::Dark);
    EXPECT_TRUE(QTest::qWaitFor([&] { return Colours::of(timeline().palette()).dark; }));
    EXPECT_TRUE(QTest::qWaitFor([&] { return timeline().settled(); }));
    apply_theme(ThemeChoice::Light);
    EXPECT_TRUE(QTest::qWaitFor([&] { return !Colours::of(timeline().palette()).dark; }));
    remember_theme(ThemeChoice::Dark);
    EXPECT_EQ(remembered_theme(), ThemeChoice::Dark);
}

TEST_F(MainWindowTest, ATraceAloneHasATimeline) {
    folder_.write_trace("alone.pftrace");
    const MainWindow& window = open(folder_.file("alone.pftrace"));
    EXPECT_EQ(window.panels().size(), 1);
    EXPECT_TRUE(QTest::qWaitFor([&] { return timeline().settled(); }));
    EXPECT_FALSE(timeline().timeline().rows().scrolled().empty());
}

TEST_F(MainWindowTest, BrokenTracesAreSaidToBeSo) {
    folder_.write_trace();
    QFile whole(folder_.file("trace.pftrace"));
    ASSERT_TRUE(whole.open(QIODevice::ReadOnly));
    const QByteArray bytes = whole.readAll();
    const std::pair<QByteArray, const char*> broken[] = {
        {"", "empty"},
        {"this is a text and no trace at all", "no Perfetto trace"},
        {bytes.left(bytes.size() - 7), "cut off"},
        {bytes + QByteArray(40, '\xff'), "damaged"},
    };
    for (const auto& one : broken) {
        const QByteArray& content = one.first;
        const char* words = one.second;
        folder_.write("broken.pftrace", content);
        const MainWindow& window = open(folder_.file("broken.pftrace"));
        EXPECT_TRUE(QTest::qWaitFor([&] { return window.state_text().contains(words); }))
            << window.state_text().toStdString();
        QTest::keyClick(&timeline().view(), Qt::Key_W);
        EXPECT_TRUE(QTest::qWaitFor([&] { return timeline().timeline().complete(); }));
        EXPECT_FALSE(timeline().grab().isNull());
    }
}

TEST_F(MainWindowTest, AFolderWithoutATraceSaysSo) {
    folder_.write_failed_run();
    open(folder_.path());
    EXPECT_EQ(panel<LogPanel>("log").as_text(), "hello\nworld\n");
    EXPECT_FALSE(timeline().grab().isNull());
    EXPECT_TRUE(QTest::qWaitFor([&] { return timeline().settled(); }));
}

TEST_F(MainWindowTest, WhatThePhoneDidNotSayIsNoError) {
    folder_.write("run.json", "{}");
    folder_.write("console.log", "");
    open(folder_.path());
    EXPECT_EQ(panel<LogPanel>("log").as_text(), "");
    EXPECT_TRUE(panel<MetricsPanel>("metrics").as_text().trimmed().isEmpty());
}

}  // namespace
}  // namespace inspector
