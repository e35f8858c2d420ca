// SPDX-License-Identifier: Apache-2.0
// What the segments of machine code cost.
#include "sim/compiler/segment_costs.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace orrery::compiler {
namespace {

constexpr uint32_t nop = 0xd503'201f;

// Arm Architecture Reference Manual, C4.1: branches, exception generating instructions.
bool ends_block(uint32_t word) {
    return (word & 0x7c00'0000) == 0x1400'0000 ||  // B, BL
           (word & 0xff00'0010) == 0x5400'0000 ||  // B.cond
           (word & 0x7e00'0000) == 0x3400'0000 ||  // CBZ, CBNZ
           (word & 0x7e00'0000) == 0x3600'0000 ||  // TBZ, TBNZ
           (word & 0xfe00'0000) == 0xd600'0000 ||  // BR, BLR, RET, ERET
           (word & 0xff00'0000) == 0xd400'0000;    // SVC, HVC, SMC, BRK, HLT
}

bool is_call(uint32_t word) {
    return (word & 0xfc00'0000) == 0x9400'0000 ||  // BL
           (word & 0xffff'fc1f) == 0xd63f'0000;    // BLR
}

// B and BR: may leave the function for another.
bool is_jump(uint32_t word) {
    return (word & 0xfc00'0000) == 0x1400'0000 || (word & 0xffff'fc1f) == 0xd61f'0000;
}

}  // namespace

std::vector<CodePiece> pieces_of(std::span<const uint32_t> code, uint64_t offset,
                                 std::span<const std::string> callees) {
    std::vector<CodePiece> pieces;
    while (!code.empty()) {
        size_t length = 0;
        while (length < code.size() && !ends_block(code[length])) ++length;
        if (length < code.size()) ++length;
        CodePiece piece{static_cast<uint32_t>(offset),
                        static_cast<uint32_t>(length * 4),
                        code[length - 1],
                        ends_block(code[length - 1]),
                        false,
                        {}};
        // A jump is a call where one is left for the end of the segment.
        const bool at_end = length == code.size();
        if (!callees.empty() &&
            (is_call(piece.last_word) || (at_end && is_jump(piece.last_word)))) {
            piece.calls = true;
            piece.callee = callees.front();
            callees = callees.subspan(1);
        }
        pieces.push_back(std::move(piece));
        code = code.subspan(length);
        offset += length * 4;
    }
    return pieces;
}

CoreSet::CoreSet(std::span<const std::string> names) {
    if (names.size() > max_core_types) {
        throw std::runtime_error(
            fmt::format("kernel code can be counted for {} core types at once, not for {}",
                        max_core_types, names.size()));
    }
    for (const std::string& name : names) {
        models_.push_back(std::make_unique<timing::CostModel>(timing::CoreType::load(name)));
    }
}

Cost CoreSet::cost(std::span<const uint32_t> code) {
    Cost sum;
    sum.lanes[instruction_lane] = static_cast<int64_t>(code.size()) * timing::parts_per_cycle;
    while (!code.empty()) {
        size_t length = 0;
        while (length < code.size() && !ends_block(code[length])) ++length;
        if (length < code.size()) ++length;
        for (size_t core = 0; core < models_.size(); ++core) {
            sum.lanes[core] += models_[core]->cost(code.first(length));
        }
        code = code.subspan(length);
    }
    return sum;
}

MachineGraph machine_graph(const std::string& function, const MachineFunctionRecord& record,
                           const CodeBytes& code, CoreSet& cores) {
    const size_t count = record.segments.size();
    std::vector<std::vector<uint32_t>> words(count);
    std::string end;
    for (size_t i = count; i-- > 0;) {
        const MachineFunctionRecord::Segment& segment = record.segments[i];
        if (segment.label.empty()) continue;
        words[i] = code.words(function, segment.label, end);
        end = segment.label;
        // What pads the way to an aligned label is not executed behind a branch.
        while (segment.barrier && !words[i].empty() && words[i].back() == nop) words[i].pop_back();
    }

    std::vector<uint32_t> entries(count);  // ways into each segment
    for (const auto& segment : record.segments) {
        for (const uint32_t next : segment.next) ++entries[next];
    }

    MachineGraph graph;
    graph.segments.resize(count);
    std::vector<uint32_t> run;  // code since the pipeline was last known to be empty
    for (uint32_t i = 0; i < count; ++i) {
        const MachineFunctionRecord::Segment& segment = record.segments[i];
        MachineGraph::Segment& made = graph.segments[i];
        made.probe = segment.probe;
        made.leaves = segment.leaves;
        made.cost = cores.cost(words[i]);
        if (!words[i].empty()) {
            made.pieces =
                pieces_of(words[i], code.offset(function, segment.label), segment.callees);
        }
        const bool continues = i > 0 && record.segments[i - 1].falls_through && entries[i] == 1;
        if (!continues) run.clear();
        run.insert(run.end(), words[i].begin(), words[i].end());
        for (const uint32_t next : segment.next) {
            Cost correction;
            if (segment.falls_through && next == i + 1 && !words[next].empty()) {
                std::vector<uint32_t> whole = run;
                whole.insert(whole.end(), words[next].begin(), words[next].end());
                correction = cores.cost(whole) - cores.cost(run) - cores.cost(words[next]);
            }
            made.next.push_back({next, correction});
        }
    }
    return graph;
}

}  // namespace orrery::compiler
