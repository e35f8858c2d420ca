// SPDX-License-Identifier: Apache-2.0
// Rows: which tracks of the tree are seen, from top to bottom, and how high each is. Tracks fold
// with what is below them; pinned ones stand above all others, and do not scroll.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "gui/timeline/track_tree.hpp"

namespace inspector {

// A lane within a row; `top` counts from the row's.
struct LanePlace {
    LaneKind lane = LaneKind::Runs;
    uint32_t depth = 0;  // of slices
    int top = 0;
    int height = 0;

    bool operator==(const LanePlace&) const = default;
};

struct Row {
    TrackId track = no_track;
    TrackKind kind = TrackKind::Root;
    int indent = 0;
    int top = 0;  // within the pinned rows, or within the others
    int height = 0;
    bool parent = false;  // it has children
    bool folded = false;
    std::vector<LanePlace> lanes;

    [[nodiscard]] int bottom() const { return top + height; }
    // The lane at a distance from the row's top, the nearest one if it lies between; null: none.
    [[nodiscard]] const LanePlace* lane_at(int y) const;
    bool operator==(const Row&) const = default;
};

class Rows final {
  public:
    // Slices that nest deeper than this are not drawn.
    static constexpr uint32_t most_depths = 8;

    Rows();

    // Takes a tree; true if that changes the rows. Tracks keep their numbers from tree to tree.
    bool set_tree(std::shared_ptr<const TrackTree> tree);
    // The same of a tree whose tracks have other numbers: they are known by their paths.
    void set_other_tree(std::shared_ptr<const TrackTree> tree);
    [[nodiscard]] const TrackTree& tree() const { return *tree_; }

    [[nodiscard]] const std::vector<Row>& pinned() const { return pinned_; }
    [[nodiscard]] const std::vector<Row>& scrolled() const { return scrolled_; }
    [[nodiscard]] int pinned_height() const;
    [[nodiscard]] int scrolled_height() const;
    // Grows with every change of the rows.
    [[nodiscard]] uint64_t version() const { return version_; }

    // The row at a height in a list of rows; null: none.
    [[nodiscard]] static const Row* at(const std::vector<Row>& rows, int y);
    [[nodiscard]] static const Row* of(const std::vector<Row>& rows, TrackId track);

    void toggle_fold(TrackId track);
    void fold_all(bool folded);
    // Unfolds everything above the track.
    void reveal(TrackId track);
    void toggle_pin(TrackId track);
    [[nodiscard]] bool is_pinned(TrackId track) const;

  private:
    void lay_out();
    void add(TrackId track, int indent);
    [[nodiscard]] Row row(TrackId track, int indent) const;
    [[nodiscard]] bool is_folded(TrackId track) const;

    std::shared_ptr<const TrackTree> tree_;
    std::set<TrackId> toggled_;  // folded other than they begin
    std::vector<TrackId> pins_;
    std::vector<Row> pinned_;
    std::vector<Row> scrolled_;
    uint64_t version_ = 0;
};

}  // namespace inspector
