// SPDX-License-Identifier: Apache-2.0
// RunFolder: a run folder as a test writes it, with a trace from Orrery's own writer if wanted.
#pragma once

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include "tests/gui/small_trace.hpp"

namespace inspector::testing {

class RunFolder final {
  public:
    [[nodiscard]] QString path() const { return folder_.path(); }
    [[nodiscard]] QString file(const char* name) const {
        return folder_.filePath(QLatin1String(name));
    }
    void write(const char* name, const QByteArray& text) const {
        QFile file(this->file(name));
        if (file.open(QIODevice::WriteOnly)) file.write(text);
    }

    // A run that failed in line 2 of its scenario.
    void write_failed_run() const {
        write("scenario.py", "first\nassert second\nthird\n");
        write("console.log", "hello\nworld\n");
        write("metrics.csv",
              "metric,unit,value,count\nboot.to_init,s,0.25,1\n\"odd,name\",,1e-07,3\nbroken\n");
        write("series.csv",
              "metric,unit,time_ns,value\nodd.name,,1000000000,5\nodd.name,,3000000000,"
              "-2\n");
        const QString result =
            QStringLiteral(R"({"scenario": "trial", "file": "%1", "backend": "soc", "cpu": "iss",
                               "verdict": "failed", "message": "scenario.py:2: assert second",
                               "seed": 7, "simulated_ns": 1500000, "parameters": {"size": 3}})")
                .arg(file("scenario.py"));
        write("run.json", result.toUtf8());
    }

    void write_trace(const char* name = "trace.pftrace") const {
        write_small_trace(file(name).toStdString());
    }

  private:
    QTemporaryDir folder_;
};

}  // namespace inspector::testing
