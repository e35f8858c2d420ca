// SPDX-License-Identifier: Apache-2.0
// RecordedRun: reading the folder's files, as docs/scenarios.md lists them.
#include "gui/run/recorded_run.hpp"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QRegularExpression>

#include "gui/run/csv.hpp"

namespace inspector {

RecordedRun::RecordedRun(QString folder, QString root)
    : folder_(std::move(folder)), root_(std::move(root)) {
    reload();
}

RecordedRun::RecordedRun(QString folder, QString root, QString why_not_yet)
    : folder_(std::move(folder)), root_(std::move(root)) {
    set_absent(why_not_yet);
}

void RecordedRun::set_absent(const QString& why) {
    result_ = {};
    metrics_.clear();
    complaint_ = metrics_complaint_ = why;
    console_ = source_ = {{}, why};
    emit changed();
}

void RecordedRun::reload() {
    read_result();
    const QDir place(folder_);
    console_ = read(place.filePath(QStringLiteral("console.log")), tr("what the phone said"), true);
    const RunText table =
        read(place.filePath(QStringLiteral("metrics.csv")), tr("what was measured"));
    metrics_ = read_csv(table.text);
    metrics_complaint_ = table.complaint;
    source_ = {};
    if (known()) source_ = read(source_path(), tr("the scenario's source"));
    emit changed();
}

void RecordedRun::read_result() {
    result_ = {};
    complaint_.clear();
    const RunText text =
        read(QDir(folder_).filePath(QStringLiteral("run.json")), tr("the run's result"));
    if (!text.complaint.isEmpty()) {
        complaint_ = text.complaint;
        return;
    }
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(text.text.toUtf8(), &error);
    if (!document.isObject()) {
        complaint_ = tr("run.json in %1 is damaged (%2): run the scenario again")
                         .arg(folder_, error.errorString());
        return;
    }
    result_ = document.object();
}

RunText RecordedRun::read(const QString& path, const QString& what, bool end) const {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return {{},
                tr("%1 is not there: %2 cannot be read (%3)").arg(what, path, file.errorString())};
    }
    const qint64 too_much = file.size() - most_bytes;
    if (too_much > 0 && !end) {
        return {{}, tr("%1 is too large to be shown: look into %2 otherwise").arg(what, path)};
    }
    QString text;
    if (too_much > 0) {
        text = tr("[%1 bytes of %2 are left out here]\n").arg(too_much).arg(path);
        file.seek(too_much);
    }
    return {text + QString::fromUtf8(file.read(most_bytes)), {}};
}

QString RecordedRun::trace_path() const {
    return QDir(folder_).filePath(QStringLiteral("trace.pftrace"));
}

QString RecordedRun::verdict() const {
    return result_[QLatin1String("verdict")].toString();
}

QString RecordedRun::message() const {
    return result_[QLatin1String("message")].toString();
}

QString RecordedRun::scenario() const {
    return result_[QLatin1String("scenario")].toString();
}

QString RecordedRun::machine() const {
    const QString cpu = result_[QLatin1String("cpu")].toString();
    return cpu == QLatin1String("iss") ? cpu : result_[QLatin1String("backend")].toString();
}

QString RecordedRun::source_path() const {
    const QString file = result_[QLatin1String("file")].toString();
    return QFileInfo(file).isAbsolute() ? file : QDir(root_).filePath(file);
}

std::optional<int> RecordedRun::failed_line() const {
    // "first_light.py:23: assert ..."
    static const QRegularExpression place(QStringLiteral("^[^:\\s]+\\.py:(\\d+):"));
    const QRegularExpressionMatch match = place.match(message());
    if (!match.hasMatch()) return {};
    return match.captured(1).toInt();
}

std::optional<MetricPoints> RecordedRun::points(const QString& metric) const {
    struct Table {
        QLatin1String kind;
        QLatin1String place;
        QLatin1String value;
    };
    // As sim/python/orrery/metrics.py writes them.
    static constexpr Table tables[] = {
        {QLatin1String("series"), QLatin1String("time_ns"), QLatin1String("value")},
        {QLatin1String("samples"), QLatin1String("value"), QLatin1String("count")},
        {QLatin1String("curves"), QLatin1String("place"), QLatin1String("value")},
        {QLatin1String("maps"), QLatin1String("cell"), QLatin1String("value")},
    };
    for (const Table& table : tables) {
        const QString path = QDir(folder_).filePath(table.kind + QLatin1String(".csv"));
        const QList<QStringList> rows = read_csv(read(path, table.kind).text);
        if (rows.isEmpty()) continue;
        const QStringList& head = rows.front();
        const auto name = head.indexOf(QLatin1String("metric"));
        const auto place = head.indexOf(table.place);
        const auto value = head.indexOf(table.value);
        if (name < 0 || place < 0 || value < 0) continue;
        MetricPoints points{table.kind, {}, {}};
        for (qsizetype i = 1; i < rows.size(); ++i) {
            if (rows[i].size() != head.size() || rows[i][name] != metric) continue;
            points.places.append(rows[i][place].toDouble());
            points.values.append(rows[i][value].toDouble());
        }
        if (!points.places.isEmpty()) return points;
    }
    return {};
}

}  // namespace inspector
