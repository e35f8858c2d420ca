// SPDX-License-Identifier: Apache-2.0
// What a run came to, as lines of text.
#include "user/programs/ageing_results.hpp"

#include "user/lib/console.hpp"

namespace user {
namespace {

constexpr uint32_t ticks_a_line = 12;
constexpr uint64_t areas_a_line = 32;

void print_ticks(std::string_view name, std::string_view what, uint32_t order,
                 const TickHistogram& ticks) {
    Text<240> line;
    uint32_t in_line = 0;
    for (uint32_t step = 0; step < TickHistogram::size; ++step) {
        if (ticks.count(step) == 0) continue;
        if (in_line == 0) line.append("ageing: ticks {} {} {}", name, what, order);
        line.append(" {}*{}", TickHistogram::value(step), ticks.count(step));
        if (++in_line < ticks_a_line) continue;
        print("{}\n", line.view());
        line = {};
        in_line = 0;
    }
    if (in_line != 0) print("{}\n", line.view());
}

// Into the first one.
void add_up(std::span<Tally> tallies) {
    Tally& sum = tallies[0];
    for (const Tally& tally : tallies.subspan(1)) {
        sum.operations += tally.operations;
        sum.failed += tally.failed;
        sum.unsupported += tally.unsupported;
        sum.missing += tally.missing;
        sum.wrong += tally.wrong;
        if (tally.nanoseconds > sum.nanoseconds) sum.nanoseconds = tally.nanoseconds;
        for (uint32_t order = 0; order < abi::frame_orders; ++order) {
            sum.allocations[order].add(tally.allocations[order]);
            sum.frees[order].add(tally.frees[order]);
        }
    }
}

}  // namespace

void print_map(std::string_view name, std::span<const uint16_t> free_in_area) {
    for (uint64_t first = 0; first < free_in_area.size(); first += areas_a_line) {
        const uint64_t rest = free_in_area.size() - first;
        Text<240> line("ageing: map {} {}", name, first);
        for (const uint16_t free :
             free_in_area.subspan(first, rest < areas_a_line ? rest : areas_a_line)) {
            line.append(" {}", free);
        }
        print("{}\n", line.view());
    }
}

void print_results(std::string_view name, const Run& run, std::span<Tally> tallies) {
    add_up(tallies);
    for (uint32_t i = 0; i < run.points; ++i) {
        const abi::FrameReport& point = run.point[i];
        Text<240> line("ageing: point {} {} {} {}", name, point.nanoseconds, point.free,
                       point.held);
        for (const uint64_t blocks : point.free_blocks) line.append(" {}", blocks);
        print("{}\n", line.view());
    }
    print_map(name, {run.free_in_area, run.areas});
    const Tally& sum = tallies[0];
    for (uint32_t order = 0; order < abi::frame_orders; ++order) {
        print_ticks(name, "allocate", order, sum.allocations[order]);
        print_ticks(name, "free", order, sum.frees[order]);
    }
    print(
        "ageing: result {} operations {} failed {} unsupported {} missing {} wrong {} "
        "nanoseconds {}\n",
        name, sum.operations, sum.failed, sum.unsupported, sum.missing, sum.wrong, sum.nanoseconds);
}

}  // namespace user
