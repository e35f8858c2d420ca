// SPDX-License-Identifier: Apache-2.0
// The fuzzer of the inspector's trace reader. The first bytes choose how the rest comes and how
// much memory there is; whatever the rest is, what is read of it must be in order, and every
// question about it must have an answer.
#include <cstdlib>
#include <numeric>
#include <string_view>
#include <vector>

#include "gui/trace/aggregate.hpp"
#include "gui/trace/flows.hpp"
#include "gui/trace/lookup.hpp"
#include "gui/trace/search.hpp"
#include "gui/trace/trace_loader.hpp"
#include "gui/trace/visible.hpp"
#include "tests/fuzz/byte_source.hpp"

namespace {

using namespace inspector;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_intervals(const IntervalLane& lane) {
    uint64_t last = 0;
    for (uint64_t row = lane.begin_row(); row < lane.end_row(); ++row) {
        require(lane.begin(row) >= last && lane.end(row) >= lane.begin(row));
        require(lane.end(row) != still_open || row + 1 == lane.end_row());
        last = lane.end(row);
    }
}

void check_lane(const TraceStore& store, EventRef ref) {
    if (const IntervalLane* lane = intervals(store, ref)) {
        check_intervals(*lane);
        ref.row = lane->begin_row();
    } else if (const PointLane* lane_of_points = points(store, ref)) {
        ref.row = lane_of_points->begin_row();
    } else {
        return;
    }
    for (unsigned i = 0; i < 64 && exists(store, ref); ++i, ++ref.row) {
        const EventDetails event = details(store, ref);
        require(event.begin <= event.end);
        for (const Argument& argument : event.arguments) {
            require(value_text(argument, store.strings()).size() < (1U << 20));
        }
        for (const Flow& flow : flows_of(store, ref)) {
            require(exists(store, flow.from) && exists(store, flow.to));
        }
    }
}

void check(const TraceStore& store) {
    std::vector<TrackId> tracks(store.track_count());
    std::iota(tracks.begin(), tracks.end(), TrackId{0});
    size_t children = 0;
    for (const TrackId id : tracks) {
        children += store.children(id).size();
        require(visible(store, id, {store.begin_time(), store.end_time(), 7}).runs.size() <= 7);
        for (const LaneKind kind : {LaneKind::Marks, LaneKind::Runs, LaneKind::Wakes}) {
            check_lane(store, {id, kind});
        }
        for (uint32_t depth = 0; depth < store.track(id).slices.size(); ++depth) {
            check_lane(store, {id, LaneKind::Slices, depth});
        }
    }
    require(children + 1 == tracks.size());
    static_cast<void>(aggregate(store, 0, store.end_time() / 2, tracks));
    for (const EventRef& hit : Search("a", true).next(store).hits) require(exists(store, hit));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    fuzz::ByteSource source(bytes, size);
    const LoadOptions options{.memory_budget = size_t{1} << (10 + source.byte() % 16),
                              .window = source.byte()};
    const size_t piece = 1 + source.byte();
    TraceLoader loader(options);
    std::string_view rest(reinterpret_cast<const char*>(source.rest()), source.left());
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, piece);
        loader.append(part);
        rest.remove_prefix(part.size());
    }
    loader.finish();
    require(loader.progress().state == LoadState::Done);
    loader.read(check);
    return 0;
}
