// SPDX-License-Identifier: Apache-2.0
// Which machine code the blocks and edges of the intermediate code stand for.
#include "sim/compiler/function_walks.hpp"

#include <gtest/gtest.h>

namespace orrery::compiler {

void PrintTo(const CodePiece& piece, std::ostream* out) {
    *out << piece.offset << "+" << piece.size;
}

namespace {

constexpr Cost one{{64, 64, 0, 64}};

CodePiece piece(uint32_t offset, uint32_t size, bool branches) {
    return {offset, size, 0, branches, false, {}};
}

CodePiece call(uint32_t offset, uint32_t size, const char* callee) {
    return {offset, size, 0, true, true, callee};
}

MachineGraph::Segment segment(int32_t probe, std::vector<uint32_t> next, Pieces pieces) {
    MachineGraph::Segment made;
    made.probe = probe;
    made.cost = one;
    for (const uint32_t to : next) made.next.push_back({to, {}});
    made.leaves = next.empty();
    made.pieces = std::move(pieces);
    return made;
}

FunctionWalks walks(const IrGraph& ir, const MachineGraph& machine) {
    const Attribution attribution = attribute(ir, machine);
    EXPECT_TRUE(attribution.lost.empty());
    return walks_of(attribution, machine);
}

IrGraph graph(std::vector<std::vector<uint32_t>> successors) {
    const size_t count = successors.size();
    return {std::move(successors), std::vector<bool>(count)};
}

TEST(FunctionWalks, blocks_have_their_segments) {
    const auto found = walks(graph({{1, 2}, {2}, {}}), {{segment(0, {1, 2}, {piece(0, 8, true)}),
                                                         segment(1, {2}, {piece(8, 4, false)}),
                                                         segment(2, {}, {piece(12, 4, true)})}});
    EXPECT_EQ(found.blocks[0], Pieces{piece(0, 8, true)});
    EXPECT_EQ(found.blocks[1], Pieces{piece(8, 4, false)});
    EXPECT_EQ(found.blocks[2], Pieces{piece(12, 4, true)});
    EXPECT_TRUE(found.edges.empty());
}

TEST(FunctionWalks, code_without_a_probe_lies_on_its_edge) {
    const auto found = walks(
        graph({{1, 2}, {}, {}}),
        {{segment(0, {1, 2}, {piece(0, 8, true)}), segment(no_probe, {3}, {piece(8, 4, true)}),
          segment(1, {}, {piece(12, 4, true)}), segment(2, {}, {piece(16, 4, true)})}});
    EXPECT_EQ(found.blocks[0], Pieces{piece(0, 8, true)});
    EXPECT_EQ(found.edges.at({0, 2}), Pieces{piece(8, 4, true)});
    EXPECT_FALSE(found.edges.contains({0, 1}));
}

TEST(FunctionWalks, the_prologue_is_one_with_the_first_block) {
    const auto found = walks(graph({{}}), {{segment(no_probe, {1}, {piece(0, 8, false)}),
                                            segment(0, {}, {piece(8, 12, true)})}});
    EXPECT_EQ(found.blocks[0], Pieces{piece(0, 20, true)});
}

TEST(FunctionWalks, each_way_leads_to_its_copy_of_the_end) {
    const auto found =
        walks(graph({{1, 2}, {2}, {}}),
              {{segment(0, {1, 3}, {piece(0, 8, true)}), segment(1, {2}, {piece(8, 4, false)}),
                segment(2, {}, {piece(12, 4, true)}), segment(2, {}, {piece(16, 4, true)})}});
    EXPECT_TRUE(found.blocks[2].empty());
    EXPECT_EQ(found.blocks[1], Pieces{piece(8, 8, true)});
    EXPECT_EQ(found.edges.at({0, 2}), Pieces{piece(16, 4, true)});
}

TEST(FunctionWalks, each_way_leads_to_its_copy_of_a_block) {
    // 0 and 1 each go to a copy of 2 of their own; both copies go on to 3 or 4.
    const auto found =
        walks(graph({{1, 2}, {2}, {3, 4}, {}, {}}),
              {{segment(0, {1, 3}, {piece(0, 8, true)}), segment(1, {2}, {piece(8, 4, false)}),
                segment(2, {4, 5}, {piece(12, 4, true)}), segment(2, {4, 5}, {piece(16, 4, true)}),
                segment(3, {}, {piece(20, 4, true)}), segment(4, {}, {piece(24, 4, true)})}});
    EXPECT_TRUE(found.blocks[2].empty());
    EXPECT_EQ(found.edges.at({1, 2}), Pieces{piece(12, 4, true)});
    EXPECT_EQ(found.edges.at({0, 2}), Pieces{piece(16, 4, true)});
    EXPECT_EQ(found.blocks[3], Pieces{piece(20, 4, true)});
}

TEST(FunctionWalks, the_way_to_a_copy_may_lead_through_a_block_without_code) {
    const auto found =
        walks(graph({{1, 2}, {3}, {3}, {}}),
              {{segment(0, {1, 3}, {piece(0, 8, true)}), segment(2, {2}, {piece(8, 4, false)}),
                segment(3, {}, {piece(12, 4, true)}), segment(3, {}, {piece(16, 4, true)})}});
    EXPECT_TRUE(found.blocks[3].empty());
    EXPECT_EQ(found.edges.at({0, 1}), Pieces{piece(16, 4, true)});
    EXPECT_EQ(found.blocks[2], (Pieces{piece(8, 8, true)}));
}

TEST(FunctionWalks, who_has_left_does_not_come_to_the_end) {
    const auto found = walks(graph({{1, 2}, {2}, {}}), {{segment(0, {1, 2}, {piece(0, 8, true)}),
                                                         segment(1, {}, {call(8, 4, "other")}),
                                                         segment(2, {}, {piece(12, 4, true)})}});
    EXPECT_EQ(found.blocks[1], Pieces{call(8, 4, "other")});
    EXPECT_TRUE(found.blocks[2].empty());
    EXPECT_EQ(found.edges.at({0, 2}), Pieces{piece(12, 4, true)});
}

}  // namespace
}  // namespace orrery::compiler
