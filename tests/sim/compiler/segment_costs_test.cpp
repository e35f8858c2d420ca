// SPDX-License-Identifier: Apache-2.0
// The costs of segments, and the code between labels.
#include "sim/compiler/segment_costs.hpp"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "tests/sim/compiler/compiled.hpp"

namespace orrery::compiler {
namespace {

constexpr uint32_t load_chain = 0xf9400000;    // ldr x0, [x0]
constexpr uint32_t add_chain = 0x91000400;     // add x0, x0, #1
constexpr uint32_t branch_equal = 0x54000040;  // b.eq .+8

const std::array<std::string, 2> both{"cortex-a55", "cortex-a76"};

// What is said when something fails.
template <typename Failing>
std::string complaint(const Failing& failing) {
    try {
        failing();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "nothing";
}

TEST(CoreSet, BlocksStartWithAnEmptyPipeline) {
    CoreSet cores(both);
    const std::array whole{load_chain, branch_equal, load_chain, add_chain};
    const std::array first{load_chain, branch_equal};
    const std::array second{load_chain, add_chain};
    EXPECT_EQ(cores.cost(whole), cores.cost(first) + cores.cost(second));
    EXPECT_EQ(cores.cost(whole).lanes[instruction_lane], 4 * timing::parts_per_cycle);
    EXPECT_TRUE(cores.cost({}).zero());
}

TEST(CoreSet, EachLaneIsACoreType) {
    CoreSet cores(both);
    const std::array code{load_chain, add_chain, load_chain};
    const Cost cost = cores.cost(code);
    for (size_t i = 0; i < both.size(); ++i) {
        timing::CostModel model(timing::CoreType::load(both[i]));
        EXPECT_EQ(cost.lanes[i], model.cost(code)) << both[i];
    }
}

TEST(CoreSet, SaysHowManyCoreTypesItTakes) {
    const std::array<std::string, 4> names{both[0], both[1], both[0], both[1]};
    EXPECT_EQ(complaint([&] { CoreSet cores(names); }),
              "kernel code can be counted for 3 core types at once, not for 4");
}

constexpr uint32_t call = 0x94000000;        // bl .
constexpr uint32_t call_by_x8 = 0xd63f0100;  // blr x8
constexpr uint32_t jump = 0x14000000;        // b .

TEST(Pieces, EndBehindBranches) {
    const std::array code{add_chain, branch_equal, load_chain, add_chain};
    const std::vector<CodePiece> pieces = pieces_of(code, 64, {});
    ASSERT_EQ(pieces.size(), 2u);
    EXPECT_EQ(pieces[0], (CodePiece{64, 8, branch_equal, true, false, {}}));
    EXPECT_EQ(pieces[1], (CodePiece{72, 8, add_chain, false, false, {}}));
}

TEST(Pieces, KnowWhomTheyCall) {
    const std::array code{call, add_chain, call_by_x8, jump};
    const std::array<std::string, 3> callees{"first", "", "last"};
    const std::vector<CodePiece> pieces = pieces_of(code, 0, callees);
    ASSERT_EQ(pieces.size(), 3u);
    EXPECT_EQ(pieces[0], (CodePiece{0, 4, call, true, true, "first"}));
    EXPECT_EQ(pieces[1], (CodePiece{4, 8, call_by_x8, true, true, ""}));
    EXPECT_EQ(pieces[2], (CodePiece{12, 4, jump, true, true, "last"}));  // a call for good
}

TEST(Pieces, JumpsWithinTheFunctionAreNoCalls) {
    const std::array code{call, jump};
    const std::array<std::string, 1> callees{"only"};
    EXPECT_FALSE(pieces_of(code, 0, callees).back().calls);
}

constexpr auto loop = R"(
    define void @f(i64* %to, i64 %count) {
    entry:
      br label %loop
    loop:
      %i = phi i64 [ 0, %entry ], [ %next, %loop ]
      store volatile i64 %i, i64* %to
      %next = add i64 %i, 1
      %done = icmp eq i64 %next, %count
      br i1 %done, label %end, label %loop
    end:
      store volatile i64 %count, i64* %to
      ret void
    })";

TEST(MachineGraph, SegmentsAreTheWholeFunction) {
    Compiled code(loop);
    int64_t words = 0;
    for (const MachineGraph::Segment& segment : code.machine("f").segments) {
        words += instructions(segment.cost);
    }
    EXPECT_EQ(words, code.instructions("f"));
}

// What a segment and the next cost apart is made good where one runs on into the other.
TEST(MachineGraph, CorrectionsMakeFallingThroughExact) {
    Compiled code(loop);
    const MachineGraph machine = code.machine("f");
    const auto& records = code.image().functions.at("f").segments;
    size_t compared = 0;
    for (size_t i = 0; i + 1 < records.size(); ++i) {
        if (!records[i].falls_through || records[i].label.empty()) continue;
        const bool starts = i == 0 || !records[i - 1].falls_through;
        if (!starts || records[i + 1].label.empty()) continue;
        const auto& edges = machine.segments[i].next;
        const auto edge = std::find_if(edges.begin(), edges.end(),
                                       [&](const auto& each) { return each.to == i + 1; });
        ASSERT_NE(edge, edges.end());
        const std::string end = i + 2 < records.size() ? records[i + 2].label : "";
        EXPECT_EQ(machine.segments[i].cost + edge->correction + machine.segments[i + 1].cost,
                  code.cores().cost(code.code().words("f", records[i].label, end)));
        ++compared;
    }
    EXPECT_GT(compared, 0u);
}

TEST(CodeBytes, SaysWhichSymbolIsMissing) {
    const Compiled code(loop);
    EXPECT_EQ(complaint([&] { (void)code.code().words("f", "nowhere", ""); }),
              "the object: there is no symbol nowhere");
    EXPECT_EQ(code.code().between("f", "f"), std::vector<uint32_t>{});
}

TEST(CodeBytes, RefusesWhatIsNoElf) {
    const std::string text = complaint([] { CodeBytes code("not an object", "notes.txt"); });
    EXPECT_EQ(text.substr(0, 11), "notes.txt: ");
}

}  // namespace
}  // namespace orrery::compiler
