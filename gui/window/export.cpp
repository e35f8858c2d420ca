// SPDX-License-Identifier: Apache-2.0
// export: see the header.
#include "gui/window/export.hpp"

#include <QApplication>
#include <QClipboard>
#include <QCoreApplication>
#include <QFileInfo>
#include <QPainter>
#include <QSaveFile>
#include <QSvgGenerator>

#include "gui/panels/panel.hpp"

namespace inspector {

namespace {

QString words(const char* text) {
    return QCoreApplication::translate("export", text);
}

QString no_such_form(const Panel& panel, const char* form) {
    return words("the panel \"%1\" has no %2: choose PNG or SVG").arg(panel.title(), words(form));
}

QString cannot_write(const QString& path, const QString& reason) {
    return words("%1 cannot be written: %2").arg(path, reason);
}

QString write_bytes(const QString& path, const QByteArray& bytes) {
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
        return cannot_write(path, file.errorString());
    }
    return {};
}

QString write_svg(Panel& panel, const QString& path) {
    QSvgGenerator generator;
    generator.setFileName(path);
    generator.setSize(panel.size());
    generator.setViewBox(panel.rect());
    generator.setTitle(panel.title());
    QPainter painter;
    if (!painter.begin(&generator))
        return cannot_write(path, words("check its folder and its rights"));
    panel.render(&painter);
    painter.end();
    return {};
}

}  // namespace

QString export_panel(Panel& panel, const QString& path) {
    const QString form = QFileInfo(path).suffix().toLower();
    if (form == QLatin1String("svg")) return write_svg(panel, path);
    if (form == QLatin1String("png")) {
        const QPixmap picture = panel.grab();
        return picture.save(path, "PNG")
                   ? QString()
                   : cannot_write(path, words("check its folder and its rights"));
    }
    if (form == QLatin1String("csv")) {
        const QString text = panel.as_csv();
        return text.isEmpty() ? no_such_form(panel, "table") : write_bytes(path, text.toUtf8());
    }
    if (form == QLatin1String("txt")) {
        const QString text = panel.as_text();
        return text.isEmpty() ? no_such_form(panel, "text") : write_bytes(path, text.toUtf8());
    }
    return words("%1 is no form that can be written: choose .png, .svg, .csv or .txt").arg(path);
}

QString copy_picture(Panel& panel) {
    QApplication::clipboard()->setPixmap(panel.grab());
    return {};
}

QString copy_text(const Panel& panel) {
    const QString text = panel.as_text();
    if (text.isEmpty()) return no_such_form(panel, "text");
    QApplication::clipboard()->setText(text);
    return {};
}

QString copy_csv(const Panel& panel) {
    const QString text = panel.as_csv();
    if (text.isEmpty()) return no_such_form(panel, "table");
    QApplication::clipboard()->setText(text);
    return {};
}

}  // namespace inspector
