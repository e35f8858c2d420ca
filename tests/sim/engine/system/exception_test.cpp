// SPDX-License-Identifier: Apache-2.0
// Exceptions of EL1 and EL0 enter the image's vectors with what the architecture says.
#include "system_case.hpp"

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t unmapped_device = 0x7000'0000;

using Exceptions = SystemCase;

TEST_F(Exceptions, AFreshCpuIsAtEl1WithTheMmuOff) {
    SystemOptions options;
    options.engine.affinity = 0x102;
    engine = board.engine(options);
    EXPECT_EQ(run(Program::identity).reason, SystemStopReason::Firmware);
    EXPECT_EQ(x(2), 0x8000'0102u);
    EXPECT_EQ(x(3), 1u << 2);
    EXPECT_EQ(x(4), 0x3c0u);
    EXPECT_EQ(x(5) & 1, 0u);
}

TEST_F(Exceptions, SystemCall) {
    EXPECT_EQ(run(Program::user_call).reason, SystemStopReason::Firmware);
    EXPECT_EQ(x(20), from_el0);
    EXPECT_EQ(x(21), 0x5600'0009u);
    EXPECT_EQ(x(23), 0u);  // SPSR: EL0, nothing masked
    EXPECT_EQ(x(3), 7u);
}

TEST_F(Exceptions, AndBack) {
    const SystemStop stop = run(Program::user_return);
    EXPECT_EQ(x(3), 3u);
    EXPECT_EQ(x(21), 0x5600'0002u);
    EXPECT_EQ(stop.parts, flat_cost(static_cast<std::uint32_t>(stop.instructions)) +
                              4 * SystemOptions{}.exception_cost);
}

TEST_F(Exceptions, BusErrors) {
    board.platform.error = true;
    run(Program::kernel_load, unmapped_device);
    EXPECT_EQ(x(20), from_el1);
    EXPECT_EQ(x(21), 0x9600'0010u);
    EXPECT_EQ(x(24), unmapped_device);
    EXPECT_EQ(x(3), 1u);

    run(Program::user_load, unmapped_device);
    EXPECT_EQ(x(20), from_el0);
    EXPECT_EQ(x(21), 0x9200'0010u);
    EXPECT_EQ(x(24), unmapped_device);
}

TEST_F(Exceptions, AnAbandonedAccessIsForgotten) {
    board.platform.error = true;
    run(Program::user_load, unmapped_device + 4);
    board.platform.error = false;
    board.platform.answer = 3;
    run(Program::device_sum, unmapped_device);
    EXPECT_EQ(x(3), 300u);
}

TEST_F(Exceptions, MisalignedDeviceAccess) {
    run(Program::kernel_load, unmapped_device + 2);
    EXPECT_EQ(x(21), 0x9600'0021u);
    EXPECT_EQ(x(24), unmapped_device + 2);
}

TEST_F(Exceptions, FailedFetches) {
    run(Program::user_fetch, unmapped_device);
    expect_exception(from_el0, 0x8200'0010, unmapped_device);
    EXPECT_EQ(x(24), unmapped_device);
    run(Program::kernel_fetch, unmapped_device);
    expect_exception(from_el1, 0x8600'0010, unmapped_device);
}

TEST_F(Exceptions, MisalignedProgramCounters) {
    const std::uint64_t pc = Board::address_of(Program::identity) + 2;
    run(Program::user_fetch, pc);
    expect_exception(from_el0, 0x8a00'0000, pc);
    EXPECT_EQ(x(24), pc);
    run(Program::kernel_fetch, pc);
    expect_exception(from_el1, 0x8a00'0000, pc);
}

TEST_F(Exceptions, InstructionsThatTrap) {
    run(Program::undefined);
    EXPECT_EQ(x(20), from_el1);
    EXPECT_EQ(x(21), 0x0200'0000u);
    run(Program::breakpoint);
    EXPECT_EQ(x(20), from_el1);
    EXPECT_EQ(x(21), 0xf200'0003u);
    run(Program::monitor_call);
    expect_exception(from_el1, 0x0200'0000, Board::address_of(Program::monitor_call) + 12);
    run(Program::mask_interrupts_at_el0);
    EXPECT_EQ(x(20), from_el0);
    EXPECT_EQ(x(21), 0x620c'd3e4u);
}

TEST_F(Exceptions, ABudgetEndsARowOfThem) {
    begin(Program::count_in_a_row);
    unsigned runs = 1;
    while (engine->run(1).reason == SystemStopReason::Budget) ++runs;
    EXPECT_EQ(x(3), 64u);
    EXPECT_GT(runs, 64u);
}

TEST_F(Exceptions, WithoutVectorsTheRunFails) {
    begin(Program::undefined);
    engine->reset(unmapped_device, 0);
    EXPECT_THROW(engine->run(plenty), std::runtime_error);
    // The engine can be used again.
    EXPECT_EQ(run(Program::user_call).reason, SystemStopReason::Firmware);
}

TEST_F(Exceptions, FirmwareCalls) {
    const SystemStop stop = run(Program::firmware);
    EXPECT_EQ(stop.reason, SystemStopReason::Firmware);
    ASSERT_EQ(board.platform.calls.size(), 2u);
    EXPECT_EQ(board.platform.calls[0], (Platform::FirmwareArguments{0x8400'0000, 11, 12, 13}));
    EXPECT_EQ(x(5), 0x1234u);
}

TEST_F(Exceptions, WhatThePlatformThrowsComesOut) {
    board.platform.during = [] { throw std::runtime_error("no"); };
    EXPECT_THROW(run(Program::kernel_load, device), std::runtime_error);
    EXPECT_THROW(run(Program::timers), std::runtime_error);
    EXPECT_THROW(run(Program::firmware), std::runtime_error);
    EXPECT_THROW(run(Program::other_granule), std::runtime_error);
    board.platform.during = [] {};
    EXPECT_EQ(run(Program::user_call).reason, SystemStopReason::Firmware);
}

}  // namespace
}  // namespace orrery::engine::test
