// SPDX-License-Identifier: Apache-2.0
// TraceFile: a file that is either there completely or not at all. It grows under the name
// `<target>.partial` and takes the target's name at the end.
//
// It writes at positions of its own, not at the descriptor's, and cuts the file to its size at the
// end. So a process may fork and write the same trace on: of two copies that share the file, the
// one that finishes it has the trace, whatever the other has written (docs/time-travel.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace orrery::trace {

class TraceFile final {
  public:
    // Throws TraceError if the file cannot be made, or another writer is at it.
    explicit TraceFile(std::filesystem::path target);
    // Without finish() before, removes what was written.
    ~TraceFile();
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;

    // Appends, through a buffer of fixed size. Throws TraceError if the disk refuses.
    void write(std::string_view bytes);

    // Writes out the buffer if that was not done for a tenth of a second of the host, so that who
    // follows the file sees it grow. What comes to stand in the file does not depend on it.
    void write_out();
    // The same at once, for a run that stands still.
    void write_out_now();

    // Writes out the buffer and cuts off what another copy of the process may have written behind
    // it: it is of a future that will not come. Who follows the file sees it become shorter.
    void cut();

    // Writes out the buffer and gives the file its name, replacing an older one.
    void finish();

    [[nodiscard]] uint64_t size() const { return size_; }
    [[nodiscard]] const std::filesystem::path& target() const { return target_; }

  private:
    void flush();
    [[noreturn]] void fail(std::string_view action) const;

    std::filesystem::path target_;
    std::filesystem::path partial_;
    std::string buffer_;
    uint64_t size_ = 0;  // with what is in the buffer
    int descriptor_ = -1;
    std::chrono::steady_clock::time_point written_out_;
};

}  // namespace orrery::trace
