// SPDX-License-Identifier: Apache-2.0
// Budgets, counts, state that survives a run, exclusives on several engines, determinism.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <utility>

#include "machine.hpp"

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t longest_block = 512;

class Execution : public testing::Test {
  protected:
    void SetUp() override { machine.map(machine.root, data, frame, Access::UserWrite); }

    Machine machine;
    std::uint64_t frame = machine.allocate();
};

TEST_F(Execution, EveryBudgetMakesProgressAndIsExactToABlock) {
    const auto engine = machine.engine();
    UserRegisters registers = Machine::start(Program::count_up);
    std::uint64_t rounds = 0;
    for (std::uint64_t budget = 0; budget < 200; ++budget) {
        const Stop stop = engine->run(registers, budget * parts_per_cycle);
        EXPECT_EQ(stop.reason, StopReason::Budget);
        EXPECT_EQ(stop.parts, flat_cost(static_cast<std::uint32_t>(stop.instructions)));
        EXPECT_EQ(stop.instructions, std::max<std::uint64_t>(2, budget + budget % 2));
        rounds += stop.instructions / 2;
        EXPECT_EQ(registers.x[0], rounds);
        EXPECT_EQ(registers.pc, Machine::address_of(Program::count_up));
    }
    EXPECT_EQ(engine->work().instructions, 2 * rounds);
}

TEST_F(Execution, BlocksAreBounded) {
    const auto engine = machine.engine();
    UserRegisters registers = Machine::start(Program::long_block);
    for (int round = 0; round < 50; ++round) {
        const Stop stop = engine->run(registers, 1);
        EXPECT_GE(stop.instructions, 1u);
        EXPECT_LE(stop.instructions, longest_block);
    }
    // The one branch in 901 instructions does not add to X0.
    const std::uint64_t done = engine->work().instructions;
    EXPECT_EQ(registers.x[0], done - done / 901);
}

TEST_F(Execution, RegistersRoundTrip) {
    const auto engine = machine.engine();
    UserRegisters registers = Machine::start(Program::flags_and_thread);
    for (std::size_t i = 9; i < 31; ++i) registers.x[i] = 0x1111'1111'1111'1111 * (i % 15);
    registers.x[5] = 0xbeef;
    registers.x[7] = 0x7ff0;
    registers.sp = 0x1230;
    registers.tpidr = 0xcafe;
    registers.pstate = 0x4000'0000;  // Z
    const UserRegisters before = registers;
    EXPECT_EQ(engine->run(registers, plenty).reason, StopReason::SystemCall);
    EXPECT_EQ(registers.x[2], 1u);
    EXPECT_EQ(registers.x[3], 0u);
    EXPECT_EQ(registers.x[4], 0xcafeu);
    EXPECT_EQ(registers.x[6], 0x1230u);
    EXPECT_EQ(registers.tpidr, 0xbeefu);
    EXPECT_EQ(registers.sp, 0x7ff0u);
    EXPECT_EQ(registers.pstate, 0x6000'0000u);  // Z and C
    for (std::size_t i = 9; i < 31; ++i) EXPECT_EQ(registers.x[i], before.x[i]);
}

TEST_F(Execution, PstateGivesOnlyFlags) {
    const auto engine = machine.engine();
    UserRegisters registers = Machine::start(Program::read_current_el);
    registers.pstate = 0xffff'ffff;
    EXPECT_EQ(engine->run(registers, plenty).reason, StopReason::Undefined);
    EXPECT_EQ(registers.pstate, 0xf000'0000u);
}

TEST_F(Execution, VectorsStayAndMove) {
    const auto engine = machine.engine();
    VectorRegisters first;
    for (std::size_t i = 0; i < 32; ++i) first.v[i] = {i * 3 + 1, ~(i * 5)};
    constexpr std::uint64_t one = 0x3ff0'0000'0000'0000;
    constexpr std::uint64_t two = 0x4000'0000'0000'0000;
    first.v[0] = {one, one};
    first.fpcr = 0x0040'0000;  // round towards plus infinity
    first.fpsr = 0x0800'0000;  // QC
    engine->load_vectors(first);
    UserRegisters registers = Machine::start(Program::double_v0);
    EXPECT_EQ(engine->run(registers, plenty).reason, StopReason::SystemCall);

    VectorRegisters after;
    engine->store_vectors(after);
    EXPECT_EQ(after.v[0], (VectorRegister{two, two}));
    for (std::size_t i = 1; i < 31; ++i) EXPECT_EQ(after.v[i], first.v[i]);
    EXPECT_EQ(after.v[31].low, 2 * (31 * 3 + 1u));
    EXPECT_EQ(after.fpcr, first.fpcr);
    EXPECT_EQ(after.fpsr, first.fpsr);

    engine->load_vectors(VectorRegisters{});
    engine->load_vectors(after);
    VectorRegisters again;
    engine->store_vectors(again);
    EXPECT_EQ(again.v, after.v);
}

TEST_F(Execution, ExclusiveIncrementsOfFourEnginesAddUp) {
    constexpr std::uint64_t increments = 2000;
    std::array<std::unique_ptr<UserEngine>, 4> engines;
    std::array<UserRegisters, 4> registers;
    std::array<bool, 4> done{};
    for (unsigned i = 0; i < 4; ++i) {
        engines[i] = machine.engine(StoreMode::Accelerated, i);
        registers[i] = Machine::start(Program::exclusive_increment, data);
        registers[i].x[2] = increments;
    }
    for (unsigned left = 4; left != 0;) {
        for (unsigned i = 0; i < 4; ++i) {
            if (done[i]) continue;
            const Stop stop = engines[i]->run(registers[i], (1 + 3 * i) * parts_per_cycle);
            ASSERT_TRUE(stop.reason == StopReason::Budget || stop.reason == StopReason::SystemCall);
            if (stop.reason == StopReason::SystemCall) {
                done[i] = true;
                --left;
            }
        }
    }
    EXPECT_EQ(machine.word(frame), 4 * increments);
}

TEST_F(Execution, AnExceptionReturnOpensTheMonitor) {
    const auto engine = machine.engine();
    UserRegisters registers = Machine::start(Program::load_linked_then_trap, data);
    EXPECT_EQ(engine->run(registers, plenty).esr, 0x5600'0002u);
    EXPECT_EQ(engine->run(registers, plenty).esr, 0x5600'0001u);
    EXPECT_EQ(registers.x[4], 1u) << "the store must fail";
}

TEST_F(Execution, AnInterruptOpensTheMonitor) {
    const auto engine = machine.engine();
    UserRegisters registers = Machine::start(Program::exclusive_increment, data);
    registers.x[2] = 1;
    EXPECT_EQ(engine->run(registers, 1).instructions, 3u);
    engine->clear_exclusive();
    EXPECT_EQ(engine->run(registers, 1).instructions, 2u);
    EXPECT_EQ(registers.x[4], 1u);
    EXPECT_EQ(machine.word(frame), 0u);
}

// One trace of stops a run; the trace must not depend on the run or on the path of stores.
using Trace = std::vector<std::array<std::uint64_t, 5>>;

Trace trace_of_mixed_work(StoreMode mode) {
    Machine machine;
    const auto engine = machine.engine(mode);
    const std::uint64_t code_frame = machine.allocate();
    machine.map(machine.root, writable_code, code_frame, Access::UserAll);
    UserRegisters registers = Machine::start(Program::mixed_work, data);
    registers.x[2] = writable_code;
    registers.x[3] = 300;
    Trace trace;
    for (std::uint64_t budget = 1;; budget = budget % 97 + 5) {
        const Stop stop = engine->run(registers, budget * parts_per_cycle);
        trace.push_back({static_cast<std::uint64_t>(stop.reason), stop.far, stop.instructions,
                         registers.pc, registers.x[9]});
        if (stop.reason == StopReason::SystemCall) break;
        if (stop.reason == StopReason::DataAbort)
            machine.map(machine.root, stop.far & ~(page - 1), machine.allocate(),
                        Access::UserWrite);
    }
    return trace;
}

TEST(Determinism, RunsAndPathsOfStoresAreAlike) {
    const Trace first = trace_of_mixed_work(StoreMode::Accelerated);
    EXPECT_GT(first.size(), 100u);
    EXPECT_EQ(first, trace_of_mixed_work(StoreMode::Accelerated));
    EXPECT_EQ(first, trace_of_mixed_work(StoreMode::Stock));
}

}  // namespace
}  // namespace orrery::engine::test
