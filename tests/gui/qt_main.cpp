// SPDX-License-Identifier: Apache-2.0
// The main program of tests that need Qt: GoogleTest in an application. Where nothing says which
// platform, it draws into memory, so that it lists its tests on a machine without a display too.
#include <gtest/gtest.h>

#include <QApplication>

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    return RUN_ALL_TESTS();
}
