// SPDX-License-Identifier: Apache-2.0
// FollowedTrace: the trace of a run that is under way, read as it grows and handed to a loader. The
// runner writes it in a hidden folder beside the run folder, under another name
// (sim/python/orrery/run_folder.py, sim/trace/trace_file.hpp); a file that has been opened goes on
// being the same one when it is renamed.
#pragma once

#include <QFile>
#include <QString>
#include <atomic>
#include <thread>

#include "gui/trace/trace_loader.hpp"

namespace inspector {

class FollowedTrace final {
  public:
    // Precondition: the loader outlives this, has no window and has been given nothing.
    FollowedTrace(TraceLoader& loader, QString run_folder);
    // Does not wait for the run.
    ~FollowedTrace();
    FollowedTrace(const FollowedTrace&) = delete;
    FollowedTrace& operator=(const FollowedTrace&) = delete;

    // No more will be written: what is there is read to the end, then the loader is told. Only if
    // the run was published, what stands at its place is this run's.
    void end(bool published);

  private:
    void follow();
    [[nodiscard]] bool open_file();
    // Reads what is new; false if that was nothing.
    bool read_some();

    TraceLoader* loader_;
    QString run_folder_;
    QFile file_;
    std::atomic<bool> published_ = false;  // the run folder is this run's
    std::atomic<bool> ended_ = false;      // the run
    std::atomic<bool> cancelled_ = false;  // this
    std::thread thread_;
};

}  // namespace inspector
