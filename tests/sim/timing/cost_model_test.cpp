// SPDX-License-Identifier: Apache-2.0
#include "sim/timing/cost_model.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace orrery::timing {
namespace {

constexpr uint32_t add_x0 = 0x91000420;        // add x0, x1, #1
constexpr uint32_t add_x2 = 0x91000462;        // add x2, x3, #1
constexpr uint32_t add_chain = 0x91000400;     // add x0, x0, #1
constexpr uint32_t load_x0 = 0xf9400020;       // ldr x0, [x1]
constexpr uint32_t load_x2 = 0xf9400062;       // ldr x2, [x3]
constexpr uint32_t load_chain = 0xf9400000;    // ldr x0, [x0]
constexpr uint32_t store_x2 = 0xf9000062;      // str x2, [x3]
constexpr uint32_t store_x0 = 0xf9000060;      // str x0, [x3]
constexpr uint32_t divide = 0x9ac20820;        // udiv x0, x1, x2
constexpr uint32_t compare = 0xf100001f;       // cmp x0, #0
constexpr uint32_t branch_equal = 0x54000040;  // b.eq .+8
constexpr uint32_t branch_zero = 0xb4000040;   // cbz x0, .+8
constexpr uint32_t branch = 0x14000002;        // b .+8
constexpr uint32_t synchronize = 0xd5033fdf;   // isb
constexpr uint32_t return_link = 0xd65f03c0;   // ret

class Core {
  public:
    explicit Core(std::string_view name) : model_(CoreType::load(name)) {}

    double operator()(std::initializer_list<uint32_t> code) {
        return double{1} * model_.cost(std::vector<uint32_t>(code)) / parts_per_cycle;
    }
    CostModel& model() { return model_; }

  private:
    CostModel model_;
};

TEST(CostModel, NothingCostsNothing) {
    for (const std::string& name : CoreType::list()) EXPECT_EQ(Core(name)({}), 0) << name;
}

TEST(CostModel, UnknownWordsTakeACycle) {
    for (const std::string& name : CoreType::list()) EXPECT_GE(Core(name)({0}), 1) << name;
}

TEST(CostModel, InOrderPairs) {
    Core core("cortex-a55");
    EXPECT_EQ(core({add_x0}), 0.5);
    EXPECT_EQ(core({add_x0, add_x2}), 1);
    EXPECT_EQ(core({load_x0, store_x2}), 1);
    EXPECT_EQ(core({load_x0, load_x2}), 1.5);
    EXPECT_EQ(core({compare, branch_equal}), 1);
    EXPECT_EQ(core({branch_equal, branch_zero}), 1.5);
}

TEST(CostModel, InOrderNeverPairsWhatIssuesAlone) {
    Core core("cortex-a55");
    EXPECT_EQ(core({synchronize}),
              core.model().core().timing(Operation::barrier_instruction).latency);
    EXPECT_EQ(core({add_x0, synchronize}) - core({synchronize}), 1);
}

TEST(CostModel, InOrderWaitsForLoads) {
    Core core("cortex-a55");
    EXPECT_EQ(core({load_x0, add_x0}), 1);           // no dependence
    EXPECT_EQ(core({load_x0, add_chain}), 2.5);      // an integer operation: 2 later
    EXPECT_EQ(core({load_chain, load_chain}), 2.5);  // pointer chasing: 2 later
}

TEST(CostModel, InOrderForwardsLateToStores) {
    Core core("cortex-a55");
    EXPECT_EQ(core({add_x0, store_x0}), 1);
}

TEST(CostModel, InOrderDivisionsHoldWhatIsYounger) {
    Core core("cortex-a55");
    const uint32_t busy = core.model().core().timing(Operation::divide_double).busy;
    EXPECT_EQ(core({divide, add_x2, add_x2}), busy + 1.0);
}

TEST(CostModel, InOrderWaitsForBothPipes) {
    constexpr uint32_t accumulate = 0x0e227c20;  // saba v0.8b, v1.8b, v2.8b: one pipe, two cycles
    constexpr uint32_t reduce = 0x0e31b883;      // addv b3, v4.8b: two pipes
    EXPECT_EQ(Core("cortex-a55")({accumulate, reduce}), 2.5);
}

TEST(CostModel, TakenBranchesEndACycle) {
    Core core("cortex-a55");
    const uint32_t bubble = core.model().core().branches.taken_bubble_cycles;
    EXPECT_EQ(core({branch}), 1.0 + bubble);
    EXPECT_EQ(core({add_x0, branch}), 1.0 + bubble);
    EXPECT_EQ(core({add_x0, return_link}), 1.0 + bubble);
}

TEST(CostModel, OutOfOrderIsBoundByWidth) {
    Core core("cortex-a76");
    EXPECT_EQ(core({add_x0, add_x2, load_x2, branch_equal}), 1);
}

TEST(CostModel, OutOfOrderHidesShortChains) {
    Core core("cortex-a76");
    std::vector<uint32_t> code(16, load_chain);
    const double few = double{1} * core.model().cost(code) / parts_per_cycle;
    EXPECT_LT(few, 16 * 4 / 2);
    code.assign(256, load_chain);
    EXPECT_EQ(core.model().cost(code) / parts_per_cycle, 256u * 4);
}

TEST(CostModel, OutOfOrderEmptiesForSerialization) {
    Core core("cortex-a76");
    const uint32_t latency = core.model().core().timing(Operation::barrier_instruction).latency;
    EXPECT_EQ(core({load_chain, load_chain, synchronize}), 8.0 + latency);
}

// A loop of one load that the next round waits for: its chain counts in full on either core.
TEST(CostModel, LoopsCostARound) {
    constexpr uint32_t back = 0xb5ffffe0;  // cbnz x0, .-4
    EXPECT_EQ(Core("cortex-a55")({load_chain, back}), 2);
    EXPECT_EQ(Core("cortex-a76")({load_chain, back}), 4);
}

// The end of a loop that walks a list: what is before it does not hide its chain.
TEST(CostModel, OutOfOrderBackwardBranchesExposeTheChain) {
    constexpr uint32_t back = 0xb5ffff80;  // cbnz x0, .-16
    Core core("cortex-a76");
    EXPECT_EQ(core({load_chain, back}), 4);
    EXPECT_LT(core({load_x0, back}), 1);
}

TEST(CostModel, TheSameWordsAlwaysCostTheSame) {
    for (const std::string& name : CoreType::list()) {
        Core core(name);
        const double before = core({load_chain, add_chain, store_x2});
        (void)core({divide, divide, synchronize});
        EXPECT_EQ(core({load_chain, add_chain, store_x2}), before) << name;
    }
}

}  // namespace
}  // namespace orrery::timing
