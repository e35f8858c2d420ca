// SPDX-License-Identifier: Apache-2.0
// Inspector: see the header.
#include "gui/window/inspector.hpp"

#include <unistd.h>

#include <QDir>
#include <QFileInfo>
#include <cerrno>

#include "gui/session/session.hpp"
#include "gui/window/live_session.hpp"

namespace inspector {

QString target_problem(const Options& options) {
    if (options.follow || options.target.isEmpty()) return {};
    const QFileInfo target(options.target);
    if (!target.exists()) {
        return Inspector::tr("there is no %1: name a run folder or a trace").arg(options.target);
    }
    if (target.isFile()) return {};
    const QDir folder(options.target);
    if (folder.exists(QStringLiteral("run.json")) ||
        folder.exists(QStringLiteral("trace.pftrace"))) {
        return {};
    }
    return Inspector::tr(
               "%1 is no run folder, for it has neither run.json nor trace.pftrace: name "
               "what ./orrery run has made below runs/")
        .arg(options.target);
}

Inspector::Inspector(const Options& options) : options_(options) {
    // Events of a live run come in order, and are to be seen at once.
    trace_ =
        std::make_unique<TraceLoader>(options.follow ? LoadOptions{.window = 0} : LoadOptions{});
    context_.selection = &selection_;
    context_.trace = trace_.get();
    options_.follow ? follow_run() : open_target();
    if (!options_.session.isEmpty()) {
        context_.session = open_live_session(options_.session, this);
    }
    if (context_.session != nullptr && followed_ != nullptr) {
        connect(context_.session, &Session::went_back, this, [this] { followed_->doubt(); });
    }
    window_ = std::make_unique<MainWindow>(context_);
    if (context_.session != nullptr) show_session_state(*context_.session, *window_);
}

void Inspector::open_target() {
    if (options_.target.isEmpty()) return;
    const QFileInfo target(options_.target);
    const QString folder = target.isDir() ? target.filePath() : target.path();
    const bool is_run = QDir(folder).exists(QStringLiteral("run.json"));
    if (is_run || target.isDir()) {
        recorded_ = std::make_unique<RecordedRun>(folder, options_.root);
        context_.recorded = recorded_.get();
    }
    const QString trace = target.isDir() ? recorded_->trace_path() : target.filePath();
    if (QFileInfo::exists(trace)) trace_->open(trace.toStdString());
}

void Inspector::follow_run() {
    recorded_ = std::make_unique<RecordedRun>(
        options_.target, options_.root, tr("the run is under way: this comes when it has ended"));
    context_.recorded = recorded_.get();
    followed_ = std::make_unique<FollowedTrace>(*trace_, options_.target);
    if (options_.run_ends < 0) return;
    run_ends_ = std::make_unique<QSocketNotifier>(options_.run_ends, QSocketNotifier::Read);
    connect(run_ends_.get(), &QSocketNotifier::activated, this, &Inspector::run_ended);
}

void Inspector::run_ended() {
    char words[64];
    const ssize_t count = ::read(options_.run_ends, words, sizeof words);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count > 0) {
        end_words_.append(words, static_cast<qsizetype>(count));
        return;
    }
    run_ends_->setEnabled(false);
    const bool published = end_words_.startsWith("published");
    followed_->end(published);
    if (published) {
        recorded_->reload();
    } else {
        recorded_->set_absent(tr("the run has ended without a result: the terminal says why"));
    }
    window_->set_run_state(published ? tr("ended") : tr("ended without a result"));
}

}  // namespace inspector
