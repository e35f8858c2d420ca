// SPDX-License-Identifier: Apache-2.0
// TraceStore: the tree of tracks, threads and tasks.
#include "gui/trace/trace_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gui/trace/perfetto_fields.hpp"

namespace inspector {

namespace {

std::string cpu_track_name(uint32_t cpu, TrackKind kind) {
    switch (kind) {
        case TrackKind::Interrupts: return fmt::format("CPU {} interrupts", cpu);
        case TrackKind::Kernel: return fmt::format("CPU {} kernel", cpu);
        case TrackKind::Frequency: return fmt::format("CPU {} frequency", cpu);
        default: return fmt::format("CPU {}", cpu);
    }
}

uint64_t cpu_key(uint32_t cpu, TrackKind kind) {
    return uint64_t{cpu} << 8 | static_cast<uint64_t>(kind);
}

// Tasks are numbered in the trace from a base on; what is below it is no task of Orrery's.
uint32_t task_number(uint32_t pid) {
    return pid >= perfetto::process_id_base ? pid - perfetto::process_id_base : pid;
}

}  // namespace

TraceStore::TraceStore(size_t budget, uint64_t edition)
    : strings_(std::min(StringPool::default_limit, budget / 4)),
      budget_(budget),
      edition_(edition) {
    tracks_.emplace_back();
    threads_.push_back({.name = strings_.intern("idle"), .described = true});
    thread_by_tid_.emplace(0, idle_thread);
}

TrackId TraceStore::add_track(TrackKind kind, std::string_view name, TrackId parent,
                              uint32_t number) {
    const TrackId id = track_count();
    Track& fresh = tracks_.emplace_back();
    fresh.kind = kind;
    fresh.name = strings_.intern(name);
    fresh.parent = parent;
    fresh.number = number;
    tracks_[parent].children.push_back(id);
    ++tree_version_;
    return id;
}

void TraceStore::rename(TrackId id, std::string_view name) {
    const StringId fresh = strings_.intern(name);
    if (tracks_[id].name == fresh) return;
    tracks_[id].name = fresh;
    ++tree_version_;
}

void TraceStore::move(TrackId id, TrackId parent) {
    Track& moved = tracks_[id];
    if (moved.parent == parent) return;
    std::erase(tracks_[moved.parent].children, id);
    moved.parent = parent;
    tracks_[parent].children.push_back(id);
    ++tree_version_;
}

std::vector<TrackId> TraceStore::children(TrackId id) const {
    std::vector<TrackId> result = tracks_[id].children;
    std::stable_sort(result.begin(), result.end(), [&](TrackId left, TrackId right) {
        const Track& a = tracks_[left];
        const Track& b = tracks_[right];
        const bool of_cpus = a.kind >= TrackKind::Cpu && a.kind <= TrackKind::Frequency &&
                             b.kind >= TrackKind::Cpu && b.kind <= TrackKind::Frequency;
        if (of_cpus && a.number != b.number) return a.number < b.number;
        if (a.kind != b.kind) return a.kind < b.kind;
        if (a.number != b.number) return a.number < b.number;
        return strings_.view(a.name) < strings_.view(b.name);
    });
    return result;
}

TrackId TraceStore::group(std::string_view name) {
    const auto [place, fresh] = groups_.try_emplace(std::string(name), no_track);
    if (fresh) place->second = add_track(TrackKind::Group, name, root_track);
    return place->second;
}

TrackId TraceStore::cpu_track(uint32_t cpu, TrackKind kind) {
    const auto known = cpu_tracks_.find(cpu_key(cpu, kind));
    if (known != cpu_tracks_.end()) return known->second;
    const TrackId fresh = add_track(kind, cpu_track_name(cpu, kind), group("CPUs"), cpu);
    cpu_tracks_.emplace(cpu_key(cpu, kind), fresh);
    return fresh;
}

TrackId TraceStore::find_cpu(uint32_t cpu, TrackKind kind) const {
    const auto known = cpu_tracks_.find(cpu_key(cpu, kind));
    return known != cpu_tracks_.end() ? known->second : no_track;
}

TrackId TraceStore::container_track(uint32_t container) {
    const auto [place, fresh] = containers_.try_emplace(container, no_track);
    if (fresh) {
        place->second = add_track(TrackKind::Container, fmt::format("container {}", container),
                                  group("Containers"), container);
    }
    return place->second;
}

std::optional<ThreadIndex> TraceStore::find_thread(uint32_t tid) const {
    const auto known = thread_by_tid_.find(tid);
    if (known == thread_by_tid_.end()) return {};
    return known->second;
}

ThreadIndex TraceStore::thread(uint32_t tid) {
    const auto fresh_index = static_cast<ThreadIndex>(threads_.size());
    const auto [place, fresh] = thread_by_tid_.try_emplace(tid, fresh_index);
    if (!fresh) return place->second;
    const std::string name = fmt::format("thread-{}", tid);
    const TrackId track = add_track(TrackKind::Thread, name, group("Threads"), tid);
    tracks_[track].thread = fresh_index;
    threads_.push_back({.tid = tid, .name = strings_.intern(name), .track = track});
    return fresh_index;
}

uint32_t TraceStore::task(uint32_t pid) {
    const auto [place, fresh] = task_by_pid_.try_emplace(pid, static_cast<uint32_t>(tasks_.size()));
    if (fresh) {
        const uint32_t number = task_number(pid);
        const TrackId track =
            add_track(TrackKind::Task, fmt::format("task {}", number), group("Tasks"), number);
        tasks_.push_back({.pid = pid, .track = track});
    }
    return place->second;
}

void TraceStore::describe_task(uint32_t pid, uint32_t parent_pid, std::string_view name) {
    if (pid == 0) return;
    TaskInfo& info = tasks_[task(pid)];
    info.parent_pid = parent_pid;
    info.name = strings_.intern(name);
    rename(info.track, name);
}

void TraceStore::describe_thread(uint32_t tid, uint32_t pid, std::string_view name) {
    if (tid == 0) return;
    const ThreadIndex index = thread(tid);
    if (!name.empty()) {
        name_thread(index, name);
        threads_[index].described = true;
    }
    if (pid == 0) return;
    threads_[index].pid = pid;
    move(threads_[index].track, tasks_[task(pid)].track);
}

void TraceStore::guess_thread_name(ThreadIndex index, std::string_view name) {
    const ThreadInfo& info = threads_[index];
    if (info.described || name.empty() || strings_.view(info.name) == name) return;
    name_thread(index, name);
}

void TraceStore::name_thread(ThreadIndex index, std::string_view name) {
    threads_[index].name = strings_.intern(name);
    rename(threads_[index].track, name);
}

void TraceStore::saw(uint64_t time) {
    has_events_ = true;
    begin_time_ = std::min(begin_time_, time);
    end_time_ = std::max(end_time_, time);
}

}  // namespace inspector
