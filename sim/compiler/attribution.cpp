// SPDX-License-Identifier: Apache-2.0
// The cost of machine code carried over to the IR.
#include "sim/compiler/attribution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <optional>
#include <set>

namespace orrery::compiler {
namespace {

constexpr uint32_t unreached = std::numeric_limits<uint32_t>::max();

Cost divided(const Cost& sum, int64_t count) {
    Cost mean;
    for (size_t i = 0; i < lane_count; ++i) {
        const int64_t half = sum.lanes[i] < 0 ? -count / 2 : count / 2;
        mean.lanes[i] = (sum.lanes[i] + half) / count;
    }
    return mean;
}

// Where a walk may end: at the probe of one of these blocks, or outside the function.
struct Goal {
    std::set<uint32_t> blocks;
    bool outside = false;
};

class Walks final {
  public:
    explicit Walks(const MachineGraph& machine)
        : machine_(machine), used_(machine.segments.size()) {}

    // The cost from the beginning of segment `from` to the goal; nothing if it cannot be reached.
    std::optional<Cost> cost(uint32_t from, const Goal& goal) {
        start_ = from;
        measure(goal);
        if (distance_goal_ == unreached) return std::nullopt;
        memo_.clear();
        on_path_.clear();
        ambiguous_ = false;
        return expected(from, goal);
    }
    // The first of the walks that cost() is about; empty if there is none. It leads to the segment
    // arrived_at(), unless to the outside.
    Route route(uint32_t from, const Goal& goal) {
        arrived_at_.reset();
        start_ = from;
        measure(goal);
        Route found;
        on_path_.clear();
        if (distance_goal_ != unreached) follow(from, goal, found);
        return found;
    }
    [[nodiscard]] std::optional<uint32_t> arrived_at() const { return arrived_at_; }
    [[nodiscard]] bool ambiguous() const { return ambiguous_; }
    [[nodiscard]] bool used(uint32_t segment) const { return used_[segment]; }

  private:
    [[nodiscard]] bool arrives(uint32_t segment, const Goal& goal) const {
        const int32_t probe = machine_.segments[segment].probe;
        return probe != no_probe && goal.blocks.contains(static_cast<uint32_t>(probe));
    }

    // Fewest foreign probes from the start to every segment, and to the goal.
    void measure(const Goal& goal) {
        distance_.assign(machine_.segments.size(), unreached);
        distance_goal_ = unreached;
        distance_[start_] = 0;
        std::deque<uint32_t> queue{start_};
        bool first = true;
        while (!queue.empty()) {
            const uint32_t at = queue.front();
            queue.pop_front();
            if (!first && arrives(at, goal)) {
                distance_goal_ = std::min(distance_goal_, distance_[at]);
                continue;
            }
            first = false;
            if (goal.outside && machine_.segments[at].leaves) {
                distance_goal_ = std::min(distance_goal_, distance_[at]);
            }
            for (const MachineGraph::Edge& edge : machine_.segments[at].next) {
                const bool foreign =
                    machine_.segments[edge.to].probe != no_probe && !arrives(edge.to, goal);
                const uint32_t distance = distance_[at] + (foreign ? 1 : 0);
                // A walk that comes back to where it started arrives there, if that is the goal.
                if (edge.to == start_ && arrives(start_, goal)) {
                    distance_goal_ = std::min(distance_goal_, distance);
                    continue;
                }
                if (distance >= distance_[edge.to]) continue;
                distance_[edge.to] = distance;
                if (foreign) {
                    queue.push_back(edge.to);
                } else {
                    queue.push_front(edge.to);
                }
            }
        }
    }

    // The mean over the shortest walks from a segment on one of them.
    std::optional<Cost> expected(uint32_t at, const Goal& goal) {
        if (at != start_ && arrives(at, goal)) {
            if (distance_[at] != distance_goal_) return std::nullopt;
            return Cost{};
        }
        if (const auto known = memo_.find(at); known != memo_.end()) return known->second;
        if (!on_path_.insert(at).second) return std::nullopt;  // a retry loop: once around
        const MachineGraph::Segment& segment = machine_.segments[at];
        Cost sum;
        int64_t ways = 0;
        if (goal.outside && segment.leaves && distance_[at] == distance_goal_) ++ways;
        for (const MachineGraph::Edge& edge : segment.next) {
            std::optional<Cost> rest;
            if (edge.to == start_ && arrives(edge.to, goal)) {
                if (distance_[at] == distance_goal_) rest = Cost{};
            } else if (on_shortest(at, edge.to, goal)) {
                rest = expected(edge.to, goal);
            }
            if (!rest) continue;
            sum += *rest + edge.correction;
            ++ways;
        }
        on_path_.erase(at);
        std::optional<Cost> result;
        if (ways != 0) {
            if (ways > 1) ambiguous_ = true;
            used_[at] = true;
            result = segment.cost + divided(sum, ways);
        }
        memo_[at] = result;
        return result;
    }

    // Whether a shortest walk leads on from `at`; then its segments are behind those of `found`.
    bool follow(uint32_t at, const Goal& goal, Route& found) {
        if (at != start_ && arrives(at, goal)) {
            arrived_at_ = at;
            return distance_[at] == distance_goal_;
        }
        if (!on_path_.insert(at).second) return false;
        const MachineGraph::Segment& segment = machine_.segments[at];
        const bool last = distance_[at] == distance_goal_;
        found.push_back(at);
        if (goal.outside && segment.leaves && last) return true;
        for (const MachineGraph::Edge& edge : segment.next) {
            if (edge.to == start_ && arrives(edge.to, goal)) {
                arrived_at_ = start_;
                if (last) return true;
            } else if (on_shortest(at, edge.to, goal) && follow(edge.to, goal, found)) {
                return true;
            }
        }
        found.pop_back();
        return false;
    }

    [[nodiscard]] bool on_shortest(uint32_t at, uint32_t to, const Goal& goal) const {
        const bool foreign = machine_.segments[to].probe != no_probe && !arrives(to, goal);
        return distance_[to] == distance_[at] + (foreign ? 1 : 0);
    }

    const MachineGraph& machine_;
    std::vector<bool> used_;
    uint32_t start_ = 0;
    std::vector<uint32_t> distance_;
    uint32_t distance_goal_ = unreached;
    std::map<uint32_t, std::optional<Cost>> memo_;
    std::set<uint32_t> on_path_;
    std::optional<uint32_t> arrived_at_;
    bool ambiguous_ = false;
};

class Attributor final {
  public:
    Attributor(const IrGraph& ir, const MachineGraph& machine)
        : ir_(ir), machine_(machine), walks_(machine), probes_(ir.successors.size()) {
        for (uint32_t i = 0; i < machine.segments.size(); ++i) {
            const int32_t probe = machine.segments[i].probe;
            if (probe != no_probe) probes_[static_cast<uint32_t>(probe)].push_back(i);
        }
    }

    Attribution run() {
        result_.blocks.resize(ir_.successors.size());
        for (const bool ends : {true, false}) {
            for (uint32_t block = 0; block < ir_.successors.size(); ++block) {
                if (ir_.successors[block].empty() == ends) attribute_block(block);
            }
        }
        tell_ends_apart();
        tell_copies_apart();
        attribute_entry();
        look_for_lost_code();
        return std::move(result_);
    }

  private:
    // Where execution next shows itself once it has come to `block`.
    void add_goal(uint32_t block, Goal& goal, std::set<uint32_t>& seen) const {
        if (!seen.insert(block).second) return;
        if (!probes_[block].empty()) {
            goal.blocks.insert(block);
            return;
        }
        if (ir_.successors[block].empty()) goal.outside = true;
        for (const uint32_t next : ir_.successors[block]) add_goal(next, goal, seen);
    }

    [[nodiscard]] Goal goal_of(uint32_t block) const {
        Goal goal;
        std::set<uint32_t> seen;
        add_goal(block, goal, seen);
        return goal;
    }

    // The mean over the copies of the block from which the goal can be reached.
    std::optional<Cost> cost_from(uint32_t block, const Goal& goal) {
        Cost sum;
        int64_t copies = 0;
        bool ambiguous = false;
        for (const uint32_t segment : probes_[block]) {
            const auto cost = walks_.cost(segment, goal);
            if (!cost) continue;
            ambiguous = ambiguous || walks_.ambiguous();
            sum += *cost;
            ++copies;
        }
        if (ambiguous) ++result_.ambiguous;
        if (copies == 0) return std::nullopt;
        return divided(sum, copies);
    }

    // The same walk as segments, from the first copy that leads there.
    Route route_from(uint32_t block, const Goal& goal) {
        for (const uint32_t segment : probes_[block]) {
            Route route = walks_.route(segment, goal);
            if (!route.empty()) return route;
        }
        return {};
    }

    // From a block to its successor. A call before a return may have become a jump: the function is
    // then left without the successor's code, which the counters will charge nevertheless.
    std::optional<Cost> cost_to(uint32_t block, uint32_t next) {
        if (const auto cost = cost_from(block, goal_of(next))) return cost;
        if (!ir_.successors[next].empty() || ir_.unreachable[next]) return std::nullopt;
        auto cost = cost_from(block, Goal{{}, true});
        if (!cost) return std::nullopt;
        for (size_t i = 0; i < lane_count; ++i) {
            int64_t& lane = cost->lanes[i];
            lane = std::max<int64_t>(lane - result_.blocks[next].lanes[i], 0);
        }
        return cost;
    }

    void attribute_block(uint32_t block) {
        if (probes_[block].size() > 1) ++result_.duplicated;
        if (probes_[block].empty()) {
            // Whoever comes here walks on to the next probe, and has paid for it.
            if (!ir_.unreachable[block]) ++result_.absent;
            return;
        }
        if (ir_.successors[block].empty()) {
            const auto cost = cost_from(block, Goal{{}, true});
            result_.exits[block] = route_from(block, Goal{{}, true});
            if (cost) {
                result_.blocks[block] = *cost;
            } else {
                lose(fmt::format("block {} never leaves the function", block));
            }
            return;
        }
        std::map<uint32_t, Cost> costs;
        for (const uint32_t next : ir_.successors[block]) {
            if (costs.contains(next)) continue;
            const auto cost = cost_to(block, next);
            if (cost) {
                costs[next] = *cost;
                Route route = route_from(block, goal_of(next));
                if (route.empty())
                    route = route_from(block, Goal{{}, true});
                else
                    arrivals_[{block, next}] = walks_.arrived_at();
                result_.routes[{block, next}] = std::move(route);
            } else if (!ir_.unreachable[next]) {
                lose(fmt::format("there is no way from block {} to block {}", block, next));
            }
        }
        if (costs.empty()) return;
        Cost common = costs.begin()->second;
        for (const auto& [next, cost] : costs) {
            for (size_t i = 0; i < lane_count; ++i) {
                common.lanes[i] = std::min(common.lanes[i], cost.lanes[i]);
            }
        }
        result_.blocks[block] = common;
        for (const auto& [next, cost] : costs) {
            if (cost != common) result_.edges[{block, next}] = cost - common;
        }
    }

    // Ends of the function that each way leads to in a copy of its own, or that some ways never
    // come to.
    void tell_ends_apart() {
        std::set<uint32_t> ends;
        for (const auto& [edge, route] : result_.routes) {
            const uint32_t end = block_behind(edge);
            if (!ir_.successors[end].empty() || calls_in(result_.exits[end])) continue;
            if (probes_[end].size() > 1 || !arrivals_.contains(edge)) ends.insert(end);
        }
        for (auto& [edge, route] : result_.routes) {
            const auto arrival = arrivals_.find(edge);
            if (arrival == arrivals_.end() || !arrival->second) continue;
            if (!ends.contains(block_behind(edge))) continue;
            const Route rest = walks_.route(*arrival->second, Goal{{}, true});
            route.insert(route.end(), rest.begin(), rest.end());
        }
        for (const uint32_t end : ends) result_.exits[end].clear();
    }

    // Where an edge leads to, through blocks without a probe.
    [[nodiscard]] uint32_t block_behind(const std::pair<uint32_t, uint32_t>& edge) const {
        const auto arrival = arrivals_.find(edge);
        if (arrival == arrivals_.end() || !arrival->second) return edge.second;
        return static_cast<uint32_t>(machine_.segments[*arrival->second].probe);
    }

    void tell_copies_apart() {
        std::map<uint32_t, std::map<uint32_t, Route>> beginnings;  // of a block's copies
        for (uint32_t block = 0; block < ir_.successors.size(); ++block) {
            if (probes_[block].size() < 2 || ir_.successors[block].empty()) continue;
            std::map<uint32_t, Route> copies;
            for (const uint32_t copy : probes_[block]) copies[copy] = beginning_of(block, copy);
            const bool calls = std::any_of(copies.begin(), copies.end(), [this](const auto& copy) {
                return calls_in(copy.second);
            });
            if (!calls) beginnings[block] = std::move(copies);
        }
        for (const auto& [edge, arrival] : arrivals_) {
            const auto copies = beginnings.find(block_behind(edge));
            if (copies == beginnings.end() || !arrival) continue;
            result_.copies[edge] = copies->second[*arrival];
            result_.copied.insert(copies->first);
        }
    }

    // What all ways on from a copy of a block have in common.
    Route beginning_of(uint32_t block, uint32_t copy) {
        std::optional<Route> common;
        for (const uint32_t next : ir_.successors[block]) {
            const Route route = walks_.route(copy, goal_of(next));
            if (route.empty()) continue;
            if (!common) common = route;
            const auto [end, other] =
                std::mismatch(common->begin(), common->end(), route.begin(), route.end());
            common->erase(end, common->end());
        }
        return common.value_or(Route{});
    }

    [[nodiscard]] bool calls_in(const Route& route) const {
        for (const uint32_t segment : route) {
            for (const CodePiece& piece : machine_.segments[segment].pieces) {
                if (piece.calls) return true;
            }
        }
        return false;
    }

    // What comes before the first probe: the prologue.
    void attribute_entry() {
        const Goal goal = goal_of(0);
        if (machine_.segments[0].probe != no_probe &&
            goal.blocks.contains(static_cast<uint32_t>(machine_.segments[0].probe))) {
            return;
        }
        if (const auto cost = walks_.cost(0, goal)) {
            result_.blocks[0] += *cost;
            result_.entry = walks_.route(0, goal);
        } else {
            lose("there is no way from the entry to block 0");
        }
    }

    void look_for_lost_code() {
        std::vector<bool> reachable(machine_.segments.size());
        std::vector<uint32_t> open{0};
        reachable[0] = true;
        while (!open.empty()) {
            const uint32_t at = open.back();
            open.pop_back();
            for (const MachineGraph::Edge& edge : machine_.segments[at].next) {
                if (reachable[edge.to]) continue;
                reachable[edge.to] = true;
                open.push_back(edge.to);
            }
        }
        for (uint32_t i = 0; i < machine_.segments.size(); ++i) {
            const MachineGraph::Segment& segment = machine_.segments[i];
            if (!reachable[i] || walks_.used(i) || segment.cost.zero()) continue;
            const bool unreachable =
                segment.probe != no_probe && ir_.unreachable[static_cast<uint32_t>(segment.probe)];
            if (unreachable) continue;
            lose(fmt::format("segment {} (probe {}, {} instructions) is on no way", i,
                             segment.probe, segment.cost.lanes[instruction_lane] / 64));
        }
    }

    void lose(std::string what) { result_.lost.push_back(std::move(what)); }

    const IrGraph& ir_;
    const MachineGraph& machine_;
    Walks walks_;
    std::vector<std::vector<uint32_t>> probes_;
    std::map<std::pair<uint32_t, uint32_t>, std::optional<uint32_t>> arrivals_;
    Attribution result_;
};

}  // namespace

Attribution attribute(const IrGraph& ir, const MachineGraph& machine) {
    return Attributor(ir, machine).run();
}

}  // namespace orrery::compiler
