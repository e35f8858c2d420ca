// SPDX-License-Identifier: Apache-2.0
// MainWindow: the status bar: the run's state, the time, the verdict, what is wrong with the trace.
#include <QLabel>
#include <QMessageBox>
#include <QStatusBar>
#include <QTimer>

#include "gui/run/recorded_run.hpp"
#include "gui/run/selection.hpp"
#include "gui/timeline/colours.hpp"
#include "gui/timeline/event_finder.hpp"
#include "gui/trace/trace_loader.hpp"
#include "gui/window/main_window.hpp"

namespace inspector {

namespace {

constexpr int look_milliseconds = 500;

QString trace_text(const LoadProgress& progress) {
    QString text;
    if (progress.state == LoadState::Reading) {
        text = progress.bytes_total == 0
                   ? MainWindow::tr("reading the trace: %1 events").arg(progress.built.events)
                   : MainWindow::tr("reading the trace: %1 %")
                         .arg(progress.bytes_read * 100 / progress.bytes_total);
    } else if (progress.state != LoadState::Idle) {
        text = MainWindow::tr("%1 events").arg(progress.built.events);
    }
    if (progress.complaints.empty()) return text;
    const QString first = QString::fromStdString(progress.complaints.front());
    const auto more = progress.complaints.size() - 1;
    return first + (more == 0 ? QString() : MainWindow::tr(" (and %1 more)").arg(more));
}

}  // namespace

void MainWindow::build_status() {
    state_ = new QLabel;
    time_ = new QLabel;
    verdict_ = new QLabel;
    trace_ = new QLabel;
    statusBar()->addWidget(state_);
    statusBar()->addWidget(verdict_);
    statusBar()->addWidget(time_);
    statusBar()->addPermanentWidget(trace_);
    for (QLabel* label : {state_, time_, verdict_, trace_}) {
        label->setTextFormat(Qt::PlainText);
        label->setContentsMargins(6, 0, 6, 0);
    }
    auto* timer = new QTimer(this);
    connect(timer, &QTimer::timeout, this, &MainWindow::show_status);
    timer->start(look_milliseconds);
    connect(context_.selection, &Selection::changed, this, &MainWindow::show_status);
    if (context_.recorded != nullptr) {
        connect(context_.recorded, &RecordedRun::changed, this, &MainWindow::show_status);
    }
    show_status();
}

void MainWindow::show_status() {
    state_->setText(run_state_);
    const Selected& selected = context_.selection->selected();
    time_->setText(!selected.time ? QString()
                   : selected.end ? tr("selected: %1, %2")
                                        .arg(time_words(*selected.time),
                                             duration_words(*selected.end - *selected.time))
                                  : tr("selected: %1").arg(time_words(*selected.time)));
    const QString verdict = context_.recorded == nullptr ? QString() : context_.recorded->verdict();
    verdict_->setText(verdict);
    const Colours colours = Colours::of(palette());
    QPalette ink = palette();
    ink.setColor(
        QPalette::WindowText,
        QColor::fromRgb(verdict == QLatin1String("passed") ? colours.good : colours.problem));
    verdict_->setPalette(ink);
    const LoadProgress progress = context_.trace->progress();
    const QString text = trace_text(progress);
    trace_->setText(trace_->fontMetrics().elidedText(text, Qt::ElideRight, width() / 2));
    trace_->setToolTip(text);
    ink.setColor(QPalette::WindowText, progress.complaints.empty()
                                           ? palette().color(QPalette::WindowText)
                                           : QColor::fromRgb(colours.problem));
    trace_->setPalette(ink);
}

QString MainWindow::state_text() const {
    return QStringList{state_->text(), verdict_->text(), time_->text(), trace_->toolTip()}.join(
        u'\n');
}

void MainWindow::set_run_state(const QString& state) {
    run_state_ = state;
    const bool known = context_.recorded != nullptr && context_.recorded->known();
    const QString name = known ? context_.recorded->scenario() : QString();
    setWindowTitle(name.isEmpty()
                       ? tr("Orrery inspector")
                       : tr("%1 on %2 - Orrery inspector").arg(name, context_.recorded->machine()));
    show_status();
}

void MainWindow::tell(const QString& sentence) {
    statusBar()->showMessage(sentence, 6000);
}

void MainWindow::show_complaints() {
    QStringList complaints;
    for (const std::string& one : context_.trace->progress().complaints) {
        complaints.append(QString::fromStdString(one));
    }
    if (complaints.isEmpty()) complaints.append(tr("nothing is known to be wrong with the trace"));
    auto* box = new QMessageBox(QMessageBox::Information, tr("The trace"),
                                complaints.join(QStringLiteral("\n\n")), QMessageBox::Close, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->open();
}

}  // namespace inspector
