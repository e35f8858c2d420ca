// SPDX-License-Identifier: Apache-2.0
// Options: see the header.
#include "gui/window/options.hpp"

#include <QCommandLineParser>

namespace inspector {

namespace {

QString read_values(const QCommandLineParser& parser, Options& options) {
    if (parser.isSet("theme")) {
        const QString theme = parser.value("theme");
        if (theme == "system") options.theme = ThemeChoice::System;
        if (theme == "light") options.theme = ThemeChoice::Light;
        if (theme == "dark") options.theme = ThemeChoice::Dark;
        if (!options.theme) return "--theme is system, light or dark";
    }
    if (parser.isSet("size")) {
        const QStringList parts = parser.value("size").split('x');
        const QSize size = parts.size() == 2 ? QSize(parts[0].toInt(), parts[1].toInt()) : QSize();
        if (size.width() < 200 || size.height() < 150 || size.width() > 8192 ||
            size.height() > 8192) {
            return "--size is WIDTHxHEIGHT, such as 1440x900";
        }
        options.size = size;
    }
    if (parser.isSet("run-ends")) {
        bool is_number = false;
        options.run_ends = parser.value("run-ends").toInt(&is_number);
        if (!is_number || options.run_ends < 0) return "--run-ends is a descriptor";
    }
    return {};
}

}  // namespace

ParsedOptions parse_options(const QStringList& arguments) {
    QCommandLineParser parser;
    parser.addOptions({
        {"root", "", "DIR"},
        {"session", "", "ADDRESS"},
        {"follow", ""},
        {"run-ends", "", "DESCRIPTOR"},
        {"reset-layout", ""},
        {"theme", "", "THEME"},
        {"screenshot", "", "FILE"},
        {"panel", "", "NAME"},
        {"do", "", "ACTION"},
        {"size", "", "SIZE"},
    });
    parser.addPositionalArgument("target", "");
    ParsedOptions parsed;
    if (!parser.parse(arguments)) {
        parsed.error = parser.errorText();
        return parsed;
    }
    const QStringList targets = parser.positionalArguments();
    Options& options = parsed.options;
    if (targets.size() > 1) {
        parsed.error = "name one run folder or one trace";
        return parsed;
    }
    options.target = targets.value(0);
    options.root = parser.value("root");
    options.session = parser.value("session");
    options.follow = parser.isSet("follow");
    options.reset_layout = parser.isSet("reset-layout");
    options.screenshot = parser.value("screenshot");
    options.panel = parser.value("panel");
    options.actions = parser.values("do");
    parsed.error = read_values(parser, options);
    if (parsed.error.isEmpty() && options.follow && options.target.isEmpty()) {
        parsed.error = "--follow needs the run folder";
    }
    return parsed;
}

}  // namespace inspector
