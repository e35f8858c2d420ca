// SPDX-License-Identifier: Apache-2.0
// TraceLoader: a trace being read, in the background from a file or bit by bit from a live run, and
// the lock through which it is asked meanwhile.
//
// The file is read in pieces and not mapped: the store keeps nothing of it, pages of a mapping
// would count as the inspector's memory, and a file that becomes shorter would end the program
// (SIGBUS).
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gui/trace/packet_reader.hpp"
#include "gui/trace/packet_stream.hpp"
#include "gui/trace/trace_store.hpp"

namespace inspector {

enum class LoadState : uint8_t { Idle, Reading, Done, Cancelled, Failed };

struct LoadProgress {
    LoadState state = LoadState::Idle;
    StreamState stream = StreamState::Good;
    uint64_t edition = 0;  // of the store: grows when the trace is another one than it was
    uint64_t bytes_read = 0;
    uint64_t bytes_total = 0;  // 0: not known, as for a live run
    ReadCounts read;
    BuildCounts built;
    // Sentences for the user: what is wrong with the trace, and what is missing. Empty: all is
    // well.
    std::vector<std::string> complaints;
};

struct LoadOptions {
    size_t memory_budget = TraceStore::default_budget;
    // Events that are held back to be put in order. 0 suits live runs, whose events come in order
    // and are to be seen at once.
    size_t window = EventOrder::default_window;
};

class TraceLoader final {
  public:
    explicit TraceLoader(const LoadOptions& options = {});
    // Cancels and waits.
    ~TraceLoader();
    TraceLoader(const TraceLoader&) = delete;
    TraceLoader& operator=(const TraceLoader&) = delete;

    // Starts reading a file. Precondition: this loader has not been given anything yet.
    void open(const std::filesystem::path& path);
    void cancel() { cancelled_ = true; }
    // Until the file has been read, or reading was cancelled.
    void wait();

    // The bytes of a live run as they come, and its end. Precondition: no file was opened.
    void append(std::string_view bytes);
    void finish();
    // The live run has another past than was read: what is appended from now on is the trace from
    // its start. It is read aside, and what was read stays to be asked, until take_over().
    // Precondition: whoever calls these two is the one who appends.
    void restart();
    void take_over();

    [[nodiscard]] LoadProgress progress() const;

    // Asks the store. Reading waits as long, and this waits for a piece of the file, some
    // milliseconds. Precondition: nothing of the store is kept afterwards.
    template <typename Ask>
    auto read(const Ask& ask) const {
        const std::shared_lock lock(mutex_);
        return ask(shown_->store);
    }

  private:
    // A trace from its first byte on.
    struct Reading {
        Reading(const LoadOptions& options, uint64_t edition);

        TraceStore store;
        PacketReader reader;
        PacketStream stream;
        uint64_t bytes = 0;
        uint64_t bytes_at_check = 0;  // of memory
    };

    void read_file(const std::filesystem::path& path);
    void feed(Reading& reading, std::string_view bytes);
    void end(LoadState state, std::string failure = {});
    [[nodiscard]] std::vector<std::string> complaints() const;

    LoadOptions options_;
    mutable std::shared_mutex
        mutex_;  // of all that follows, but for the flag, aside and the thread
    std::unique_ptr<Reading> shown_;
    LoadState state_ = LoadState::Idle;
    uint64_t bytes_total_ = 0;
    std::string failure_;
    std::unique_ptr<Reading> aside_;  // of who appends alone; null: what is appended is shown
    std::atomic<bool> cancelled_ = false;
    std::thread thread_;
};

}  // namespace inspector
