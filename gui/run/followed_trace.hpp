// SPDX-License-Identifier: Apache-2.0
// FollowedTrace: the trace of a run that is under way, read as it grows and handed to a loader. The
// runner writes it in a hidden folder beside the run folder, under another name
// (sim/python/orrery/run_folder.py, sim/trace/trace_file.hpp); a file that has been opened goes on
// being the same one when it is renamed.
//
// A run that is taken back writes the same bytes at the same places again (docs/time-travel.md).
// When it goes another way than before, the file is cut there and grows anew: then it is read from
// its start. That it was cut shows in its length; if it has grown longer again by the time of the
// next look, in a digest of what was read, which is compared with the file once after each way
// back, and at the end.
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
    // The run was taken back, and may go another way.
    void doubt() { doubted_ = true; }

  private:
    void follow();
    [[nodiscard]] bool open_file();
    // Reads all that is new; all of it if it is another trace. `last`: nothing is written any more.
    void look(bool last);
    // What has been read is not what stands there.
    [[nodiscard]] bool is_another(bool last);
    // Reads what is new; false if that was nothing.
    bool read_some();

    TraceLoader* loader_;
    QString run_folder_;
    QFile file_;
    qint64 read_ = 0;                      // bytes so far
    uint64_t digest_ = 0;                  // of them
    bool suspect_ = false;                 // to be compared when more has been written
    std::atomic<bool> published_ = false;  // the run folder is this run's
    std::atomic<bool> ended_ = false;      // the run
    std::atomic<bool> doubted_ = false;    // whether what was read still stands there
    std::atomic<bool> cancelled_ = false;  // this
    std::thread thread_;
};

}  // namespace inspector
