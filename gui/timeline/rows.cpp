// SPDX-License-Identifier: Apache-2.0
// Rows: laid out anew with each change; a phone has some hundred tracks.
#include "gui/timeline/rows.hpp"

#include <algorithm>

namespace inspector {

namespace {

constexpr int heading = 22;
constexpr int margin = 2;

int lane_height(TrackKind track, LaneKind lane) {
    switch (lane) {
        case LaneKind::Runs:
            if (track == TrackKind::Cpu) return 20;
            return track == TrackKind::Task ? 16 : 8;
        case LaneKind::Counter: return 34;
        case LaneKind::Slices: return 16;
        case LaneKind::Marks:
        case LaneKind::Wakes: break;
    }
    return 14;
}

std::vector<LanePlace> lanes_of(const TrackNode& node) {
    std::vector<LanePlace> lanes;
    int top = margin;
    const auto add = [&](LaneKind lane, uint32_t depth) {
        const int height = lane_height(node.kind, lane);
        lanes.push_back({lane, depth, top, height});
        top += height + (lane == LaneKind::Slices ? 0 : 1);
    };
    if (node.runs) add(LaneKind::Runs, 0);
    for (uint32_t depth = 0; depth < std::min(node.depths, Rows::most_depths); ++depth) {
        add(LaneKind::Slices, depth);
    }
    if (node.marks) add(LaneKind::Marks, 0);
    if (node.counter) add(LaneKind::Counter, 0);
    return lanes;
}

// What begins folded: tasks, for there are many, and the devices.
bool begins_folded(const TrackNode& node) {
    return node.kind == TrackKind::Task ||
           (node.kind == TrackKind::Group && node.name == QLatin1String("Devices"));
}

}  // namespace

const LanePlace* Row::lane_at(int y) const {
    const LanePlace* nearest = nullptr;
    int least = INT_MAX;
    for (const LanePlace& lane : lanes) {
        const int distance = std::max({lane.top - y, y - (lane.top + lane.height - 1), 0});
        if (distance < least) {
            least = distance;
            nearest = &lane;
        }
    }
    return nearest;
}

Rows::Rows() : tree_(std::make_shared<const TrackTree>()) {}

bool Rows::set_tree(std::shared_ptr<const TrackTree> tree) {
    const bool changed = tree->nodes != tree_->nodes;
    tree_ = std::move(tree);
    if (changed) lay_out();
    return changed;
}

void Rows::set_other_tree(std::shared_ptr<const TrackTree> tree) {
    const auto moved = [&](TrackId track) {
        return tree_->has(track) ? tree->find(tree_->full_path(track)) : no_track;
    };
    std::vector<TrackId> pins;
    for (const TrackId track : pins_) {
        if (const TrackId now = moved(track); now != no_track) pins.push_back(now);
    }
    std::set<TrackId> toggled;
    for (const TrackId track : toggled_) {
        if (const TrackId now = moved(track); now != no_track) toggled.insert(now);
    }
    pins_ = std::move(pins);
    toggled_ = std::move(toggled);
    tree_ = std::move(tree);
    lay_out();
}

int Rows::pinned_height() const {
    return pinned_.empty() ? 0 : pinned_.back().bottom();
}

int Rows::scrolled_height() const {
    return scrolled_.empty() ? 0 : scrolled_.back().bottom();
}

const Row* Rows::at(const std::vector<Row>& rows, int y) {
    const auto found = std::upper_bound(rows.begin(), rows.end(), y,
                                        [](int at, const Row& row) { return at < row.bottom(); });
    return found == rows.end() || y < found->top ? nullptr : &*found;
}

const Row* Rows::of(const std::vector<Row>& rows, TrackId track) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.track == track; });
    return found == rows.end() ? nullptr : &*found;
}

bool Rows::is_folded(TrackId track) const {
    return begins_folded(tree_->node(track)) != toggled_.contains(track);
}

void Rows::toggle_fold(TrackId track) {
    if (!tree_->has(track) || tree_->node(track).children.empty()) return;
    if (toggled_.erase(track) == 0) toggled_.insert(track);
    lay_out();
}

void Rows::fold_all(bool folded) {
    toggled_.clear();
    for (TrackId id = root_track + 1; id < tree_->nodes.size(); ++id) {
        const TrackNode& node = tree_->node(id);
        if (!node.children.empty() && begins_folded(node) != folded) toggled_.insert(id);
    }
    lay_out();
}

void Rows::reveal(TrackId track) {
    if (!tree_->has(track)) return;
    bool changed = false;
    for (TrackId at = tree_->node(track).parent; at != no_track && at != root_track;
         at = tree_->node(at).parent) {
        if (!is_folded(at)) continue;
        if (toggled_.erase(at) == 0) toggled_.insert(at);
        changed = true;
    }
    if (changed) lay_out();
}

void Rows::toggle_pin(TrackId track) {
    if (!tree_->has(track)) return;
    const auto found = std::find(pins_.begin(), pins_.end(), track);
    found == pins_.end() ? pins_.push_back(track) : static_cast<void>(pins_.erase(found));
    lay_out();
}

bool Rows::is_pinned(TrackId track) const {
    return std::find(pins_.begin(), pins_.end(), track) != pins_.end();
}

Row Rows::row(TrackId track, int indent) const {
    const TrackNode& node = tree_->node(track);
    Row row;
    row.track = track;
    row.kind = node.kind;
    row.indent = indent;
    row.parent = !node.children.empty();
    row.folded = row.parent && is_folded(track);
    row.lanes = lanes_of(node);
    const int lanes = row.lanes.empty() ? 0 : row.lanes.back().top + row.lanes.back().height;
    row.height = std::max(lanes + margin, heading);
    return row;
}

void Rows::lay_out() {
    pinned_.clear();
    scrolled_.clear();
    for (const TrackId track : pins_) {
        if (!tree_->has(track)) continue;
        Row pin = row(track, 0);
        pin.top = pinned_height();
        pinned_.push_back(std::move(pin));
    }
    if (tree_->has(root_track)) {
        for (const TrackId child : tree_->node(root_track).children) add(child, 0);
    }
    ++version_;
}

void Rows::add(TrackId track, int indent) {
    Row next = row(track, indent);
    next.top = scrolled_height();
    const bool folded = next.folded;
    scrolled_.push_back(std::move(next));
    if (folded) return;
    for (const TrackId child : tree_->node(track).children) add(child, indent + 1);
}

}  // namespace inspector
