// SPDX-License-Identifier: Apache-2.0
// TrackTree: see the header.
#include "gui/timeline/track_tree.hpp"

#include <algorithm>

namespace inspector {

namespace {

QString text(std::string_view view) {
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

// The CPUs stand next to each other, then their interrupts, and so on: what runs at a time is seen
// at a glance.
void order(const TraceStore& store, TrackNode& node) {
    if (node.kind != TrackKind::Group || node.name != QLatin1String("CPUs")) return;
    std::stable_sort(node.children.begin(), node.children.end(), [&](TrackId one, TrackId other) {
        return store.track(one).kind < store.track(other).kind;
    });
}

}  // namespace

TrackTree read_tree(const TraceStore& store) {
    TrackTree tree;
    tree.edition = store.edition();
    tree.begin = store.begin_time();
    tree.end = store.end_time();
    tree.nodes.resize(store.track_count());
    for (TrackId id = 0; id < store.track_count(); ++id) {
        const Track& track = store.track(id);
        TrackNode& node = tree.nodes[id];
        node.kind = track.kind;
        node.name = text(store.name(id));
        node.parent = track.parent;
        node.number = track.number;
        node.children = store.children(id);
        order(store, node);
        node.depths = static_cast<uint32_t>(track.slices.size());
        node.runs = track.runs != nullptr || track.kind == TrackKind::Task;
        node.marks = track.marks != nullptr;
        node.counter = track.counter != nullptr;
    }
    return tree;
}

QString TrackTree::full_path(TrackId id) const {
    QString path;
    for (TrackId at = id; at != no_track && at != root_track; at = node(at).parent) {
        const TrackNode& part = node(at);
        path += QStringLiteral("%1 %2 %3 / ")
                    .arg(static_cast<int>(part.kind))
                    .arg(part.number)
                    .arg(part.name);
    }
    return path;
}

TrackId TrackTree::find(const QString& full_path_wanted) const {
    for (TrackId id = root_track + 1; id < nodes.size(); ++id) {
        if (full_path(id) == full_path_wanted) return id;
    }
    return no_track;
}

QString TrackTree::path(TrackId id) const {
    QString path = node(id).name;
    for (TrackId at = node(id).parent; at != no_track && at != root_track; at = node(at).parent) {
        path = node(at).name + QStringLiteral(" / ") + path;
    }
    return path;
}

std::vector<TrackId> TrackTree::with_descendants(TrackId id) const {
    if (!has(id)) return {};
    std::vector<TrackId> result{id};
    for (size_t i = 0; i < result.size(); ++i) {
        const std::vector<TrackId>& children = node(result[i]).children;
        result.insert(result.end(), children.begin(), children.end());
    }
    return result;
}

TrackId TrackTree::find(TrackKind kind, uint32_t number) const {
    for (TrackId id = 0; id < nodes.size(); ++id) {
        if (nodes[id].kind == kind && nodes[id].number == number) return id;
    }
    return no_track;
}

}  // namespace inspector
