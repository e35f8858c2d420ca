// SPDX-License-Identifier: Apache-2.0
// Interrupts, waiting for them, and the generic timer's registers.
#include "system_case.hpp"

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t some = 100 * parts_per_cycle;

using Interrupts = SystemCase;

TEST_F(Interrupts, AreTakenWhereTheyAreNotMasked) {
    begin(Program::interruptible);
    EXPECT_EQ(engine->run(some).reason, SystemStopReason::Budget);
    const std::uint64_t counted = x(3);
    EXPECT_GT(counted, 10u);
    engine->set_interrupt(true);
    EXPECT_EQ(engine->run(some).reason, SystemStopReason::Firmware);
    EXPECT_EQ(x(20), from_el1 + interrupt);
    EXPECT_EQ(x(3), counted);
}

TEST_F(Interrupts, AreTakenAtEl0) {
    begin(Program::interrupted);
    EXPECT_EQ(engine->run(some).reason, SystemStopReason::Budget);
    engine->set_interrupt(true);
    EXPECT_EQ(engine->run(some).reason, SystemStopReason::Firmware);
    EXPECT_EQ(x(20), from_el0 + interrupt);
    EXPECT_EQ(x(23), 0u);
}

TEST_F(Interrupts, ThatAreMaskedWait) {
    engine->set_interrupt(true);
    run(Program::status);
    EXPECT_EQ(x(3), 1u << 7);
    engine->set_interrupt(false);
    run(Program::status);
    EXPECT_EQ(x(3), 0u);
}

TEST_F(Interrupts, AreWaitedFor) {
    begin(Program::wait);
    EXPECT_EQ(engine->run(plenty).reason, SystemStopReason::WaitForInterrupt);
    EXPECT_EQ(x(3), 1u);
    EXPECT_EQ(engine->run(plenty).reason, SystemStopReason::WaitForInterrupt);
    EXPECT_EQ(x(3), 2u);
    EXPECT_EQ(engine->run(plenty).reason, SystemStopReason::Firmware);
    EXPECT_EQ(x(3), 3u);
}

TEST_F(Interrupts, ThatArePendingEndTheWait) {
    engine->set_interrupt(true);
    EXPECT_EQ(run(Program::wait).reason, SystemStopReason::Firmware);
    EXPECT_EQ(x(3), 3u);
}

TEST_F(Interrupts, MayRiseInACallback) {
    begin(Program::interruptible);
    unsigned calls = 0;
    board.platform.during = [&] {
        if (++calls == 1) engine->set_interrupt(true);
    };
    begin(Program::device_sum, device);
    EXPECT_EQ(engine->run(plenty).reason, SystemStopReason::Firmware);
    EXPECT_EQ(x(3), 0u);  // masked: the program has run to its end
    EXPECT_EQ(calls, 101u);
}

TEST_F(Interrupts, TimerRegistersArePassedOn) {
    using enum TimerField;
    board.platform.timers = {};
    run(Program::timers);
    const auto at = [&](bool is_virtual, TimerField field) {
        return board.platform.timers.at(Platform::index({is_virtual, field}));
    };
    EXPECT_EQ(at(true, CompareValue), 1000u);
    EXPECT_EQ(at(true, Control), 1u);
    EXPECT_EQ(at(false, TimerValue), 50u);
    EXPECT_EQ(at(false, Control), 3u);
    EXPECT_EQ(x(3), 1000u);
    EXPECT_EQ(x(4), 3u);
    EXPECT_EQ(x(5), 1000u);
    EXPECT_EQ(x(6), 2000u);
    EXPECT_EQ(x(7), 62'500'000u);
}

TEST_F(Interrupts, El0MayReadWhatTheKernelAllows) {
    run(Program::user_timer);
    EXPECT_EQ(x(20), from_el0);
    EXPECT_EQ(x(21) >> 26, 0x18u);
    run(Program::user_counter, 0);
    EXPECT_EQ(x(21) >> 26, 0x18u);
    run(Program::user_counter, 2);
    EXPECT_EQ(x(21), 0x5600'0004u);
    EXPECT_EQ(x(3), 1000u);
}

}  // namespace
}  // namespace orrery::engine::test
