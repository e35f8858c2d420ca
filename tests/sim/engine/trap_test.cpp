// SPDX-License-Identifier: Apache-2.0
// System calls, undefined instructions, breakpoints, hints and alignment of the PC.
#include <gtest/gtest.h>

#include "machine.hpp"

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t budget = 1000 * parts_per_cycle;

class Trap : public testing::Test {
  protected:
    Stop run(Program program) {
        registers = Machine::start(program);
        return engine->run(registers, budget);
    }

    Machine machine;
    std::unique_ptr<UserEngine> engine = machine.engine();
    UserRegisters registers;
};

TEST_F(Trap, SystemCallComesBackAfterItself) {
    const Stop stop = run(Program::svc_7);
    EXPECT_EQ(stop.reason, StopReason::SystemCall);
    EXPECT_EQ(stop.esr, 0x5600'0007u);
    EXPECT_EQ(stop.far, 0u);
    EXPECT_EQ(stop.instructions, 3u);
    EXPECT_EQ(registers.pc, Machine::address_of(Program::svc_7) + 12);
    EXPECT_EQ(registers.x[0], 6u);
}

TEST_F(Trap, WhatUserLevelMayNotDoIsUndefined) {
    for (const Program program : {Program::read_sctlr, Program::read_current_el,
                                  Program::hypervisor_call, Program::monitor_call}) {
        const Stop stop = run(program);
        EXPECT_EQ(stop.reason, StopReason::Undefined);
        EXPECT_EQ(stop.esr, 0x0200'0000u);
        EXPECT_EQ(stop.instructions, 0u);
        EXPECT_EQ(registers.pc, Machine::address_of(program));
    }
    const Stop stop = run(Program::undefined);
    EXPECT_EQ(stop.reason, StopReason::Undefined);
    EXPECT_EQ(stop.esr, 0x0200'0000u);
    EXPECT_EQ(stop.instructions, 1u);
    EXPECT_EQ(registers.pc, Machine::address_of(Program::undefined) + 4);
}

TEST_F(Trap, TrappedSystemRegistersSayWhich) {
    // Class 0x18; op0, op2, op1, CRn, Rt, CRm, direction.
    EXPECT_EQ(run(Program::read_timer_control).reason, StopReason::Undefined);
    EXPECT_EQ(run(Program::read_timer_control).esr,
              0x6200'0000u | 3 << 20 | 1 << 17 | 3 << 14 | 14 << 10 | 0 << 5 | 3 << 1 | 1);
    EXPECT_EQ(registers.pc, Machine::address_of(Program::read_timer_control));
    const Stop masked = run(Program::mask_interrupts);
    EXPECT_EQ(masked.reason, StopReason::Undefined);
    EXPECT_EQ(masked.esr, 0x6200'0000u | 0 << 20 | 6 << 17 | 3 << 14 | 4 << 10 | 31 << 5 | 2 << 1);
    EXPECT_EQ(registers.pc, Machine::address_of(Program::mask_interrupts));
}

TEST_F(Trap, Breakpoint) {
    const Stop stop = run(Program::breakpoint);
    EXPECT_EQ(stop.reason, StopReason::Breakpoint);
    EXPECT_EQ(stop.esr, 0xf200'0001u);
    EXPECT_EQ(stop.instructions, 0u);
    EXPECT_EQ(registers.pc, Machine::address_of(Program::breakpoint));
}

TEST_F(Trap, WaitForInterruptComesBackAndGoesOn) {
    const Stop stop = run(Program::wait_for_interrupt);
    EXPECT_EQ(stop.reason, StopReason::WaitForInterrupt);
    EXPECT_EQ(stop.esr, 0u);
    EXPECT_EQ(stop.instructions, 2u);
    EXPECT_EQ(registers.pc, Machine::address_of(Program::wait_for_interrupt) + 8);
    EXPECT_EQ(registers.x[0], 1u);
    EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
    EXPECT_EQ(registers.x[0], 2u);
}

TEST_F(Trap, OtherHintsDoNothing) {
    const Stop stop = run(Program::wait_for_event);
    EXPECT_EQ(stop.reason, StopReason::SystemCall);
    EXPECT_EQ(stop.instructions, 4u);
}

TEST_F(Trap, MisalignedProgramCounter) {
    registers.pc = code + 2;
    Stop stop = engine->run(registers, budget);
    EXPECT_EQ(stop.reason, StopReason::PcAlignment);
    EXPECT_EQ(stop.esr, 0x8a00'0000u);
    EXPECT_EQ(stop.far, code + 2);

    registers = Machine::start(Program::branch, Machine::address_of(Program::svc_7) + 1);
    stop = engine->run(registers, budget);
    EXPECT_EQ(stop.reason, StopReason::PcAlignment);
    EXPECT_EQ(stop.instructions, 1u);
    EXPECT_EQ(registers.pc, Machine::address_of(Program::svc_7) + 1);
}

TEST_F(Trap, CountersComeFromTheModel) {
    EXPECT_EQ(run(Program::read_counters).reason, StopReason::SystemCall);
    EXPECT_EQ(registers.x[2], 1u);
    EXPECT_EQ(registers.x[3], 1000u);
    EXPECT_EQ(registers.x[4], 19'200'000u);
    EXPECT_EQ(registers.x[30], 3u);
    EXPECT_EQ(registers.x[5] & 0xf, 4u) << "instruction cache line of 64 bytes";
    EXPECT_EQ(registers.x[6], 4u) << "DC ZVA is permitted, on 64 bytes";
}

}  // namespace
}  // namespace orrery::engine::test
