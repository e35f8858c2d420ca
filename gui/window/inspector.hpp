// SPDX-License-Identifier: Apache-2.0
// Inspector: what is looked at and the window on it, put together from the command line.
#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <memory>

#include "gui/run/followed_trace.hpp"
#include "gui/run/recorded_run.hpp"
#include "gui/run/selection.hpp"
#include "gui/trace/trace_loader.hpp"
#include "gui/window/main_window.hpp"
#include "gui/window/options.hpp"

namespace inspector {

class Inspector final : public QObject {
    Q_OBJECT

  public:
    // Precondition: target_problem() of the options is empty.
    explicit Inspector(const Options& options);

    [[nodiscard]] MainWindow& window() { return *window_; }
    [[nodiscard]] const Context& context() const { return context_; }

  private:
    void open_target();
    void follow_run();
    void run_ended();

    Options options_;
    Selection selection_;
    std::unique_ptr<TraceLoader> trace_;
    std::unique_ptr<RecordedRun> recorded_;
    std::unique_ptr<FollowedTrace> followed_;
    std::unique_ptr<QSocketNotifier> run_ends_;
    QByteArray end_words_;
    Context context_;
    std::unique_ptr<MainWindow> window_;
};

// Why the target cannot be looked at, in a sentence; empty: it can.
[[nodiscard]] QString target_problem(const Options& options);

}  // namespace inspector
