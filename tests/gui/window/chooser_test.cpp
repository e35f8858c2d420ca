// SPDX-License-Identifier: Apache-2.0
// Tests of Chooser.
#include "gui/window/chooser.hpp"

#include <gtest/gtest.h>

#include <QLineEdit>
#include <QTest>

namespace inspector {
namespace {

TEST(Chooser, FitsBetterAtTheBeginOfWords) {
    EXPECT_EQ(fit_of("cpx", "CPU 0"), 0);
    EXPECT_GT(fit_of("cpu", "CPU 0"), fit_of("cpu", "my cpu"));
    EXPECT_GT(fit_of("cpu", "my cpu"), fit_of("cpu", "mycpu0"));
    EXPECT_GT(fit_of("0 cpu", "CPU 0"), 0);
}

TEST(Chooser, NarrowsDownAndTakes) {
    QString taken;
    auto* chooser = new Chooser("hint",
                                {{"CPU 0", "", [&] { taken = "CPU 0"; }},
                                 {"CPU 1", "", [&] { taken = "CPU 1"; }},
                                 {"init", "task", [&] { taken = "init"; }}},
                                nullptr);
    chooser->open();
    EXPECT_EQ(chooser->listed(), (QStringList{"CPU 0", "CPU 1", "init"}));
    QTest::keyClicks(&chooser->field(), "cpu");
    EXPECT_EQ(chooser->listed(), (QStringList{"CPU 0", "CPU 1"}));
    QTest::keyClick(&chooser->field(), Qt::Key_Down);
    QTest::keyClick(&chooser->field(), Qt::Key_Return);
    EXPECT_EQ(taken, "CPU 1");
}

TEST(Chooser, TakesNothingWhereNothingFits) {
    bool taken = false;
    auto* chooser = new Chooser("hint", {{"a", "", [&] { taken = true; }}}, nullptr);
    chooser->open();
    QTest::keyClicks(&chooser->field(), "zzz");
    QTest::keyClick(&chooser->field(), Qt::Key_Up);
    QTest::keyClick(&chooser->field(), Qt::Key_Return);
    EXPECT_FALSE(taken);
}

}  // namespace
}  // namespace inspector
