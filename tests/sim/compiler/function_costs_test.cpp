// SPDX-License-Identifier: Apache-2.0
// What whole functions cost, from IR through the back-end to the counters: each instruction of the
// image is counted on the ways that execute it, and only there.
#include <gtest/gtest.h>

#include <numeric>

#include "tests/sim/compiler/compiled.hpp"
#include "tests/sim/compiler/graphs.hpp"

namespace orrery::compiler {
namespace {

using Ways = std::vector<std::string>;

// All blocks and edges once.
Cost whole(const Attribution& costs) {
    Cost sum = std::accumulate(costs.blocks.begin(), costs.blocks.end(), Cost{});
    for (const auto& [edge, cost] : costs.edges) sum += cost;
    return sum;
}

TEST(FunctionCosts, StraightLineCodeCostsWhatItsWordsCost) {
    Compiled code(R"(
        define i64 @f(i64 %a, i64 %b) {
          %c = mul i64 %a, %b
          %d = add i64 %c, %a
          %e = udiv i64 %d, %b
          ret i64 %e
        })");
    const Attribution costs = code.costs("f");
    EXPECT_EQ(costs.lost, Ways{});
    EXPECT_EQ(costs.blocks[0], code.cores().cost(code.words("f")));
    EXPECT_EQ(instructions(costs.blocks[0]), code.instructions("f"));
}

constexpr auto sum_of_array = R"(
    define i64 @sum(i64* %from, i64 %count) {
    entry:
      br label %loop
    loop:
      %i = phi i64 [ 0, %entry ], [ %next, %loop ]
      %sum = phi i64 [ 0, %entry ], [ %more, %loop ]
      %place = getelementptr i64, i64* %from, i64 %i
      %value = load volatile i64, i64* %place
      %more = add i64 %sum, %value
      %next = add i64 %i, 1
      %done = icmp eq i64 %next, %count
      br i1 %done, label %end, label %loop
    end:
      ret i64 %more
    })";

TEST(FunctionCosts, EveryInstructionOfALoopIsAttributedOnce) {
    Compiled code(sum_of_array);
    const Attribution costs = code.costs("sum");
    EXPECT_EQ(costs.lost, Ways{});
    EXPECT_EQ(instructions(whole(costs)), code.instructions("sum"));
    EXPECT_EQ(counted(costs, {0, 1, 2}), whole(costs));
    // What a round adds is what lies between the probes of the loop and of the end.
    const Cost round = counted(costs, {0, 1, 1, 2}) - counted(costs, {0, 1, 2});
    const int64_t ends = instructions(costs.blocks[0]) + instructions(costs.blocks[2]);
    EXPECT_EQ(instructions(round), code.instructions("sum") - ends);
}

TEST(FunctionCosts, ArmsCostOnlyWhoTakesThem) {
    Compiled code(R"(
        define void @f(i64 %a, i64* %to) {
        entry:
          %is = icmp eq i64 %a, 0
          br i1 %is, label %zero, label %end
        zero:
          store volatile i64 1, i64* %to
          store volatile i64 2, i64* %to
          store volatile i64 3, i64* %to
          br label %end
        end:
          store volatile i64 %a, i64* %to
          ret void
        })");
    const Attribution costs = code.costs("f");
    EXPECT_EQ(costs.lost, Ways{});
    // cbz; the arm has three values and three stores; the end, a store and ret, is there twice.
    EXPECT_EQ(code.instructions("f"), 1 + 6 + 2 + 2);
    EXPECT_EQ(costs.duplicated, 1u);
    EXPECT_EQ(instructions(counted(costs, {0, 1, 2})), 1 + 6 + 2);
    EXPECT_EQ(instructions(counted(costs, {0, 2})), 1 + 2);
}

// With a table of places: only who does not leave at the check of its range pays for that.
TEST(FunctionCosts, SwitchesPayForTheirTables) {
    Compiled code(R"(
        declare void @zero()
        declare void @one()
        declare void @two()
        declare void @three()
        declare void @four()
        define void @f(i32 %a) {
        entry:
          switch i32 %a, label %other [
            i32 0, label %a0 i32 1, label %a1 i32 2, label %a2 i32 3, label %a3 i32 4, label %a4 ]
        other: ret void
        a0: tail call void @zero() ret void
        a1: tail call void @one() ret void
        a2: tail call void @two() ret void
        a3: tail call void @three() ret void
        a4: tail call void @four() ret void
        })");
    const Attribution costs = code.costs("f");
    EXPECT_EQ(costs.lost, Ways{});
    EXPECT_EQ(costs.ambiguous, 0u);
    EXPECT_EQ(instructions(counted(costs, {0, 1})), 3);  // cmp, b.hi, ret
    // cmp, b.hi; adrp, mov, add, adr, ldrb, add, br; b.
    for (const uint32_t arm : {2U, 3U, 4U, 5U, 6U}) {
        EXPECT_EQ(instructions(counted(costs, {0, arm})), 2 + 7 + 1) << arm;
    }
}

TEST(FunctionCosts, TailCallsLeaveWithoutTheReturn) {
    Compiled code(R"(
        declare void @other()
        define void @f(i1 %call) {
        entry:
          br i1 %call, label %yes, label %end
        yes:
          tail call void @other()
          br label %end
        end:
          ret void
        })");
    const Attribution costs = code.costs("f");
    EXPECT_EQ(costs.lost, Ways{});
    EXPECT_EQ(code.instructions("f"), 3);  // tbz, b other, ret
    EXPECT_EQ(instructions(counted(costs, {0, 1, 2})), 2);
    EXPECT_EQ(instructions(counted(costs, {0, 2})), 2);
}

TEST(FunctionCosts, InlinedMachineLayerBelongsToTheCallingBlock) {
    Compiled code(R"(
        declare void @layer(i64*)
        define void @f(i64* %to, i1 %twice) {
        entry:
          call void @layer(i64* %to)
          br i1 %twice, label %again, label %end
        again:
          call void @layer(i64* %to)
          br label %end
        end:
          ret void
        })",
                  R"(
        define void @layer(i64* %to) {
          store volatile i64 1, i64* %to
          fence seq_cst
          ret void
        })");
    const Attribution costs = code.costs("f");
    EXPECT_EQ(costs.lost, Ways{});
    EXPECT_FALSE(code.image().functions.contains("layer"));
    EXPECT_EQ(instructions(counted(costs, {0, 1, 2})), code.instructions("f"));
    const int64_t layer = instructions(counted(costs, {0, 1, 2}) - counted(costs, {0, 2}));
    EXPECT_GE(layer, 2);  // str, dmb; the constant may be kept
    EXPECT_LE(layer, 3);
}

// An atomic addition is a block of the IR, but a loop of the machine code.
TEST(FunctionCosts, AtomicLoopsCountOneRound) {
    Compiled code(R"(
        define void @f(i64* %to) {
          %old = atomicrmw add i64* %to, i64 1 acq_rel
          ret void
        })");
    const Attribution costs = code.costs("f");
    EXPECT_EQ(costs.lost, Ways{});
    EXPECT_EQ(instructions(costs.blocks[0]), code.instructions("f"));
}

// Equal arms end in one piece of code, which each of them pays for.
TEST(FunctionCosts, MergedEndsArePaidForOnEachWay) {
    Compiled code(R"(
        declare void @left()
        declare void @right()
        define void @f(i1 %which, i64* %to) {
        entry:
          br i1 %which, label %a, label %b
        a:
          call void @left()
          store volatile i64 1, i64* %to
          store volatile i64 2, i64* %to
          ret void
        b:
          call void @right()
          store volatile i64 1, i64* %to
          store volatile i64 2, i64* %to
          ret void
        })");
    const Attribution costs = code.costs("f");
    EXPECT_EQ(costs.lost, Ways{});
    const Cost left = counted(costs, {0, 1});
    const Cost right = counted(costs, {0, 2});
    // The same but for a branch, in one of them or in neither.
    EXPECT_LE(std::abs(instructions(left) - instructions(right)), 1);
    EXPECT_GE(instructions(left), 8);
}

// Code behind a trap is not there to be paid for.
TEST(FunctionCosts, UnreachableBlocksAreNotLost) {
    Compiled code(R"(
        define i64 @f(i64 %a) {
        entry:
          %bad = icmp eq i64 %a, 7
          br i1 %bad, label %never, label %end
        never:
          unreachable
        end:
          ret i64 %a
        })");
    EXPECT_EQ(code.costs("f").lost, Ways{});
}

}  // namespace
}  // namespace orrery::compiler
