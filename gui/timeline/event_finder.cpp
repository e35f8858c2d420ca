// SPDX-License-Identifier: Apache-2.0
// event_finder: see the header.
#include "gui/timeline/event_finder.hpp"

#include "gui/trace/time_text.hpp"

namespace inspector {

namespace {

QString qt(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

uint64_t begin_of(const TraceStore& store, const EventRef& ref) {
    if (const IntervalLane* lane = intervals(store, ref)) return lane->begin(ref.row);
    if (const PointLane* lane = points(store, ref)) return lane->time(ref.row);
    return store.track(ref.track).counter->time(ref.row);
}

uint64_t distance(uint64_t one, uint64_t other) {
    return one > other ? one - other : other - one;
}

const char* lane_word(LaneKind lane) {
    switch (lane) {
        case LaneKind::Slices: return "slice";
        case LaneKind::Marks: return "mark";
        case LaneKind::Counter: return "value";
        case LaneKind::Runs: return "run on a CPU";
        case LaneKind::Wakes: return "wake-up";
    }
    return "";
}

const char* end_word(RunEnd end) {
    switch (end) {
        case RunEnd::Runnable: return "preempted: it could have gone on";
        case RunEnd::Sleeping: return "went to sleep";
        case RunEnd::Ended: return "ended";
        case RunEnd::Unknown: break;
    }
    return "not known";
}

void add_thread(const TraceStore& store, ThreadIndex thread, Selected& selected) {
    if (thread == idle_thread) return;
    const ThreadInfo& info = store.threads()[thread];
    selected.thread = info.tid;
    if (info.pid > task_pid_base) selected.task = info.pid - task_pid_base;
}

}  // namespace

QString thread_text(const TraceStore& store, ThreadIndex thread) {
    const ThreadInfo& info = store.threads()[thread];
    if (thread == idle_thread) return QStringLiteral("idle");
    return qt(store.strings().view(info.name)) + u' ' + QString::number(info.tid);
}

QString time_words(uint64_t nanoseconds) {
    return QString::fromStdString(time_text(nanoseconds)) + QStringLiteral(" s");
}

QString duration_words(uint64_t nanoseconds) {
    return QString::fromStdString(duration_text(nanoseconds));
}

std::optional<EventRef> event_at(const TraceStore& store, TrackId track, const LanePlace& place,
                                 uint64_t time, uint64_t tolerance) {
    if (track >= store.track_count()) return {};
    const EventRef lane{track, place.lane, place.depth, 0};
    std::optional<EventRef> found;
    if (const IntervalLane* intervals_there = intervals(store, lane)) {
        const std::optional<uint64_t> row = intervals_there->at(time);
        if (row) return EventRef{track, place.lane, place.depth, *row};
    } else if (place.lane == LaneKind::Counter) {
        return previous_before(store, lane, time + 1);
    } else if (points(store, lane) == nullptr) {
        return {};
    }
    const auto consider = [&](std::optional<EventRef> ref) {
        if (!ref || distance(begin_of(store, *ref), time) > tolerance) return;
        const bool nearer = !found || distance(begin_of(store, *ref), time) <
                                          distance(begin_of(store, *found), time);
        if (nearer) found = ref;
    };
    consider(previous_before(store, lane, time + 1));
    consider(next_after(store, lane, time));
    return found;
}

Facts facts_of(const TraceStore& store, const EventRef& ref) {
    Facts facts;
    if (!exists(store, ref)) {
        facts.append({QStringLiteral("event"), QStringLiteral("no longer kept: memory was short")});
        return facts;
    }
    const EventDetails event = details(store, ref);
    facts.append({QStringLiteral("name"), QString::fromStdString(event.name)});
    facts.append({QStringLiteral("kind"), QLatin1String(lane_word(ref.lane))});
    facts.append({QStringLiteral("track"), qt(store.name(ref.track))});
    facts.append({QStringLiteral("begin"), time_words(event.begin)});
    if (event.end != event.begin) {
        const QString open = event.open ? QStringLiteral(" so far") : QString();
        facts.append({QStringLiteral("duration"), duration_words(event.end - event.begin) + open});
    }
    if (event.cpu) facts.append({QStringLiteral("CPU"), QString::number(*event.cpu)});
    if (event.thread != idle_thread) {
        facts.append({QStringLiteral("thread"), thread_text(store, event.thread)});
        const uint32_t pid = store.threads()[event.thread].pid;
        if (pid > task_pid_base) {
            facts.append({QStringLiteral("task"), QString::number(pid - task_pid_base)});
        }
    }
    if (event.run_end && !event.open) {
        facts.append({QStringLiteral("how it ended"), QLatin1String(end_word(*event.run_end))});
    }
    if (event.wake) {
        const bool by_thread = event.wake->waker != idle_thread;
        facts.append(
            {QStringLiteral("woken by"), by_thread ? thread_text(store, event.wake->waker)
                                                   : QStringLiteral("an interrupt or the kernel")});
        facts.append({QStringLiteral("queued on CPU"), QString::number(event.wake->target)});
    }
    if (event.value) facts.append({QStringLiteral("value"), QString::number(*event.value)});
    for (const Argument& argument : event.arguments) {
        facts.append({qt(store.strings().view(argument.name)),
                      QString::fromStdString(value_text(argument, store.strings()))});
    }
    if (event.arguments_dropped) {
        facts.append(
            {QStringLiteral("arguments"), QStringLiteral("no longer kept: memory was short")});
    }
    return facts;
}

Selected selected_by(const TraceStore& store, const EventRef& ref) {
    Selected selected = selected_by(store, ref.track);
    if (!exists(store, ref)) return selected;
    const EventDetails event = details(store, ref);
    selected.time = event.begin;
    if (event.end != event.begin) selected.end = event.end;
    if (event.cpu) selected.cpu = event.cpu;
    add_thread(store, event.thread, selected);
    return selected;
}

Selected selected_by(const TraceStore& store, TrackId track) {
    Selected selected;
    const Track& seen = store.track(track);
    switch (seen.kind) {
        case TrackKind::Cpu:
        case TrackKind::Interrupts:
        case TrackKind::Kernel:
        case TrackKind::Frequency: selected.cpu = seen.number; break;
        case TrackKind::Thread: add_thread(store, seen.thread, selected); break;
        case TrackKind::Container: selected.container = seen.number; break;
        case TrackKind::Task: selected.task = seen.number; break;
        case TrackKind::Root:
        case TrackKind::Group:
        case TrackKind::Counter:
        case TrackKind::Events: break;
    }
    return selected;
}

}  // namespace inspector
