// SPDX-License-Identifier: Apache-2.0
// Budgets, pauses and costs of runs at EL1, and the self-test.
#include "sim/engine/system_self_test.hpp"
#include "system_case.hpp"

namespace orrery::engine::test {
namespace {

using Budgets = SystemCase;

TEST(SystemSelfTest, Passes) {
    EXPECT_NO_THROW(system_self_test());
}

TEST_F(Budgets, AreExactToABlock) {
    begin(Program::count_up);
    EXPECT_EQ(engine->run(3 * parts_per_cycle).instructions, 3u);  // the first block counts too
    std::uint64_t rounds = x(3);
    for (std::uint64_t cycles = 1; cycles < 50; ++cycles) {
        const SystemStop stop = engine->run(cycles * parts_per_cycle);
        EXPECT_EQ(stop.reason, SystemStopReason::Budget);
        EXPECT_EQ(stop.instructions, cycles + cycles % 2);
        EXPECT_EQ(stop.parts, stop.instructions * parts_per_cycle);
        rounds += stop.instructions / 2;
        EXPECT_EQ(x(3), rounds);
    }
}

TEST_F(Budgets, MayBeRenewedOnTheWay) {
    begin(Program::device_sum, device);
    std::uint64_t last = 0;
    board.platform.during = [&] {
        EXPECT_GE(engine->parts_of_run(), last);
        last = engine->parts_of_run();
        engine->renew_budget(50 * parts_per_cycle);
    };
    EXPECT_EQ(engine->run(5 * parts_per_cycle).reason, SystemStopReason::Firmware);
    EXPECT_GT(last, 300u * parts_per_cycle);
}

TEST_F(Budgets, MayBeCutShort) {
    begin(Program::device_sum, device);
    board.platform.during = [&] { engine->request_stop(); };
    EXPECT_EQ(engine->run(plenty).reason, SystemStopReason::Requested);
    EXPECT_EQ(x(4), 99u);  // the block of the access is done
    board.platform.during = [] {};
    EXPECT_EQ(engine->run(plenty).reason, SystemStopReason::Firmware);
}

TEST_F(Budgets, EndSoonAfterYield) {
    begin(Program::spin);
    for (int round = 0; round < 5; ++round) {
        const SystemStop stop = engine->run(1'000'000'000);
        EXPECT_EQ(stop.reason, SystemStopReason::Budget);
        EXPECT_GE(stop.parts, SystemOptions{}.pause);
        EXPECT_LT(stop.parts, SystemOptions{}.pause + 600 * parts_per_cycle);
    }
}

// A word costs what its lowest bits say.
class WordMeter final : public Meter {
  public:
    std::uint32_t block(std::span<const std::uint32_t> code) override {
        ++asked;
        std::uint32_t sum = 0;
        for (const std::uint32_t word : code) sum += 1 + word % 61;
        return sum;
    }
    unsigned asked = 0;
};

TEST_F(Budgets, AMeterSaysWhatBlocksCostWithTheMmuOnAndOff) {
    WordMeter meter;
    SystemOptions options;
    options.engine.meter = &meter;
    engine = board.engine(options);
    board.make_tables();
    const SystemStop first = run(Program::translated, Board::tables);
    const unsigned asked = meter.asked;
    EXPECT_GT(asked, 2u);
    EXPECT_NE(first.parts, flat_cost(static_cast<std::uint32_t>(first.instructions)));
    // The same code costs the same again, and is not metered again.
    const SystemStop second = run(Program::translated, Board::tables);
    EXPECT_EQ(second.parts, first.parts);
    EXPECT_EQ(meter.asked, asked);
}

}  // namespace
}  // namespace orrery::engine::test
