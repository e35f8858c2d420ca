// SPDX-License-Identifier: Apache-2.0
// orrery-inspector: see a run. `./orrery inspect` starts it.
#include <QApplication>
#include <cstdio>

#include "gui/window/inspector.hpp"
#include "gui/window/screenshot.hpp"
#include "gui/window/theme.hpp"

namespace {

constexpr int exit_usage = 2;

int complain(const QString& sentence) {
    std::fprintf(stderr, "orrery: %s\n", qPrintable(sentence));
    return exit_usage;
}

// Qt ends the program with a page of its own if it finds no display.
bool has_display() {
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY") ||
           qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
}

}  // namespace

int main(int count, char** words) {
    QStringList arguments;
    for (int i = 0; i < count; ++i) arguments.append(QString::fromLocal8Bit(words[i]));
    const inspector::ParsedOptions parsed = inspector::parse_options(arguments);
    if (!parsed.error.isEmpty()) {
        return complain(parsed.error + QStringLiteral(" (see ./orrery help inspect)"));
    }
    const inspector::Options& options = parsed.options;
    const QString problem = inspector::target_problem(options);
    if (!problem.isEmpty()) return complain(problem);
    if (!options.screenshot.isEmpty() && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
        // Without a display Qt warns of what does not matter there.
        if (!qEnvironmentVariableIsSet("QT_LOGGING_RULES")) {
            qputenv("QT_LOGGING_RULES", "default.warning=false");
        }
    }
    if (!has_display()) {
        return complain(
            QStringLiteral("there is no display for the inspector's window: log in with ssh -X, "
                           "start it below xvfb-run, or open trace.pftrace in the Perfetto UI"));
    }
    QApplication application(count, words);
    QApplication::setOrganizationName(QStringLiteral("Orrery"));
    QApplication::setApplicationName(QStringLiteral("inspector"));
    QApplication::setApplicationDisplayName(QStringLiteral("Orrery inspector"));
    inspector::prepare_theme();
    inspector::apply_theme(options.theme.value_or(inspector::remembered_theme()));

    inspector::Inspector program(options);
    inspector::MainWindow& window = program.window();
    window.resize(options.size);
    // Pictures are the same whatever layout somebody has left.
    if (options.screenshot.isEmpty()) window.restore_layout(options.reset_layout);
    window.show();
    std::unique_ptr<inspector::Screenshot> screenshot;
    if (!options.screenshot.isEmpty()) {
        screenshot = std::make_unique<inspector::Screenshot>(window, options);
    }
    return QApplication::exec();
}
