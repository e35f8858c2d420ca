// SPDX-License-Identifier: Apache-2.0
// TrackTree: a copy of the trace's tree of tracks, so that layout and painting of names need no
// lock. A fresh one is taken when the trace has grown.
#pragma once

#include <QString>
#include <cstdint>
#include <vector>

#include "gui/trace/trace_store.hpp"

namespace inspector {

struct TrackNode {
    TrackKind kind = TrackKind::Root;
    QString name;
    TrackId parent = no_track;
    uint32_t number = 0;
    std::vector<TrackId> children;  // in the order in which they are shown
    uint32_t depths = 0;            // of slices
    bool runs = false;
    bool marks = false;
    bool counter = false;

    bool operator==(const TrackNode&) const = default;
};

struct TrackTree {
    std::vector<TrackNode> nodes;  // by TrackId
    uint64_t edition = 0;          // TraceStore::edition()
    uint64_t begin = 0;            // of the trace, in nanoseconds
    uint64_t end = 0;

    [[nodiscard]] const TrackNode& node(TrackId id) const { return nodes[id]; }
    [[nodiscard]] bool has(TrackId id) const { return id < nodes.size(); }
    // Names from the root on: "CPUs / CPU 3".
    [[nodiscard]] QString path(TrackId id) const;
    // The same with kinds and numbers, so that no other track has it; and the track that has it,
    // or no_track.
    [[nodiscard]] QString full_path(TrackId id) const;
    [[nodiscard]] TrackId find(const QString& full_path) const;
    // Itself and all below it; nothing if it is not there.
    [[nodiscard]] std::vector<TrackId> with_descendants(TrackId id) const;
    // The track of a kind and number; no_track if there is none.
    [[nodiscard]] TrackId find(TrackKind kind, uint32_t number) const;
};

[[nodiscard]] TrackTree read_tree(const TraceStore& store);

}  // namespace inspector
