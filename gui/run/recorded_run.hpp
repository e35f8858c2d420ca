// SPDX-License-Identifier: Apache-2.0
// RecordedRun: the run folder that `./orrery run` leaves: what was said, measured and decided. What
// is missing or broken in it is told in a sentence, and the rest is there all the same.
#pragma once

#include <QJsonObject>
#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>
#include <optional>

namespace inspector {

// A text of the folder, or a sentence that says why it is not there.
struct RunText {
    QString text;
    QString complaint;
};

// Points of one metric: of `series` over simulated time in nanoseconds, of `samples` how often each
// value occurred, of `curves` over a number, of `maps` over the cells.
struct MetricPoints {
    QString kind;
    QList<double> places;
    QList<double> values;
};

class RecordedRun final : public QObject {
    Q_OBJECT

  public:
    // The scenario's source is looked for below `root`, the project's, unless its path is absolute.
    RecordedRun(QString folder, QString root);
    // Of a run that is under way nothing is read before reload(): what is there is an earlier
    // one's.
    RecordedRun(QString folder, QString root, QString why_not_yet);

    // Each says changed(). Reads the folder again; says in a sentence why there is nothing to read.
    void reload();
    void set_absent(const QString& why);

    [[nodiscard]] const QString& folder() const { return folder_; }
    // The file, whether it is there or not.
    [[nodiscard]] QString trace_path() const;

    // run.json has been read.
    [[nodiscard]] bool known() const { return complaint_.isEmpty(); }
    [[nodiscard]] const QString& complaint() const { return complaint_; }
    [[nodiscard]] const QJsonObject& result() const { return result_; }
    [[nodiscard]] QString verdict() const;  // passed, failed, error; empty if not known
    [[nodiscard]] QString message() const;
    [[nodiscard]] QString scenario() const;
    [[nodiscard]] QString machine() const;  // soc, iss or qemu
    [[nodiscard]] QString source_path() const;
    // The line of the source that the message is about, from 1 on.
    [[nodiscard]] std::optional<int> failed_line() const;

    [[nodiscard]] const RunText& console() const { return console_; }
    [[nodiscard]] const RunText& source() const { return source_; }
    // The rows of metrics.csv, the first of which names the columns.
    [[nodiscard]] const QList<QStringList>& metrics() const { return metrics_; }
    [[nodiscard]] const QString& metrics_complaint() const { return metrics_complaint_; }
    // From the file of the metric's kind; nothing if it is in none: it is a plain figure.
    [[nodiscard]] std::optional<MetricPoints> points(const QString& metric) const;

    // More is not read of a file: of the console its end is shown, with a line that says so; the
    // others are refused.
    static constexpr qint64 most_bytes = qint64{32} << 20;

  signals:
    void changed();

  private:
    [[nodiscard]] RunText read(const QString& path, const QString& what, bool end = false) const;
    void read_result();

    QString folder_;
    QString root_;
    QString complaint_;
    QJsonObject result_;
    RunText console_;
    RunText source_;
    QList<QStringList> metrics_;
    QString metrics_complaint_;
};

}  // namespace inspector
