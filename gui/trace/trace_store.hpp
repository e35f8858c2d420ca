// SPDX-License-Identifier: Apache-2.0
// TraceStore: all that is known of a trace, in columns. It only holds; TraceBuilder fills it, and
// visible, lookup, flows, aggregate and search ask it.
//
// Memory has a budget. When it is used up, the oldest whole chunks of all lanes go, and
// complete_from() says from when on everything is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gui/trace/arguments.hpp"
#include "gui/trace/string_pool.hpp"
#include "gui/trace/track.hpp"

namespace inspector {

class TraceStore final {
  public:
    static constexpr size_t default_budget = size_t{1} << 30;

    explicit TraceStore(size_t budget = default_budget, uint64_t edition = 0);

    // Which reading of the trace this is. References to tracks and events are of one edition.
    [[nodiscard]] uint64_t edition() const { return edition_; }

    // The tree. Tracks never go and keep their numbers.
    [[nodiscard]] uint32_t track_count() const { return static_cast<uint32_t>(tracks_.size()); }
    // Precondition: id < track_count().
    [[nodiscard]] const Track& track(TrackId id) const { return tracks_[id]; }
    [[nodiscard]] std::string_view name(TrackId id) const { return strings_.view(track(id).name); }
    // Children in the order in which they are shown: by kind, number and name.
    [[nodiscard]] std::vector<TrackId> children(TrackId id) const;
    // Grows with every change of the tree or of a name in it.
    [[nodiscard]] uint64_t tree_version() const { return tree_version_; }

    [[nodiscard]] const std::vector<ThreadInfo>& threads() const { return threads_; }
    [[nodiscard]] const std::vector<TaskInfo>& tasks() const { return tasks_; }
    [[nodiscard]] std::optional<ThreadIndex> find_thread(uint32_t tid) const;
    [[nodiscard]] TrackId find_cpu(uint32_t cpu, TrackKind kind) const;

    [[nodiscard]] const StringPool& strings() const { return strings_; }
    [[nodiscard]] const Arguments& arguments() const { return arguments_; }

    // From the first to the last event, in nanoseconds; both 0 if there is none.
    [[nodiscard]] uint64_t begin_time() const { return has_events_ ? begin_time_ : 0; }
    [[nodiscard]] uint64_t end_time() const { return end_time_; }
    // When something had to go: events before this time are missing in part or all.
    [[nodiscard]] std::optional<uint64_t> complete_from() const { return complete_from_; }
    [[nodiscard]] size_t bytes() const;

    // For those who fill it.
    StringPool& strings() { return strings_; }
    Arguments& arguments() { return arguments_; }
    Track& track(TrackId id) { return tracks_[id]; }
    TrackId add_track(TrackKind kind, std::string_view name, TrackId parent, uint32_t number = 0);
    void rename(TrackId id, std::string_view name);
    void move(TrackId id, TrackId parent);
    TrackId group(std::string_view name);  // below the root, made if it is not there
    TrackId cpu_track(uint32_t cpu, TrackKind kind);
    TrackId container_track(uint32_t container);
    ThreadIndex thread(uint32_t tid);
    ThreadInfo& thread_info(ThreadIndex index) { return threads_[index]; }
    // Names a task, and makes it known. Tasks that are only mentioned have an empty name.
    uint32_t task(uint32_t pid);
    void describe_task(uint32_t pid, uint32_t parent_pid, std::string_view name);
    void describe_thread(uint32_t tid, uint32_t pid, std::string_view name);
    // A name that the scheduler gave, which counts if the process tree has none.
    void guess_thread_name(ThreadIndex index, std::string_view name);
    void saw(uint64_t time);
    // Drops the oldest chunks if the budget is used up.
    void keep_budget();

  private:
    void name_thread(ThreadIndex index, std::string_view name);

    StringPool strings_;
    Arguments arguments_;
    std::deque<Track> tracks_;
    std::vector<ThreadInfo> threads_;
    std::vector<TaskInfo> tasks_;
    std::unordered_map<uint32_t, ThreadIndex> thread_by_tid_;
    std::unordered_map<uint32_t, uint32_t> task_by_pid_;
    std::unordered_map<uint64_t, TrackId> cpu_tracks_;  // by CPU and kind
    std::unordered_map<uint32_t, TrackId> containers_;
    std::unordered_map<std::string, TrackId> groups_;
    size_t budget_;
    uint64_t edition_;
    uint64_t tree_version_ = 0;
    uint64_t begin_time_ = UINT64_MAX;
    uint64_t end_time_ = 0;
    bool has_events_ = false;
    std::optional<uint64_t> complete_from_;
};

}  // namespace inspector
