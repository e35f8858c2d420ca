// SPDX-License-Identifier: Apache-2.0
// Breakpoints: told at the right moment, with the right registers, and no difference for the code.
#include <gtest/gtest.h>

#include <vector>

#include "machine.hpp"

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t instruction = 4;

struct Hit final {
    std::uint64_t address;
    std::uint64_t x0;
    std::uint64_t pc;
    bool operator==(const Hit&) const = default;
};

class Breakpoint : public testing::Test {
  protected:
    Breakpoint() {
        engine->on_breakpoint([this](std::uint64_t address) {
            const UserRegisters seen = engine->registers();
            hits.push_back({address, seen.x[0], seen.pc});
        });
    }

    Machine machine;
    std::unique_ptr<UserEngine> engine = machine.engine();
    std::vector<Hit> hits;
};

TEST_F(Breakpoint, IsInTheMiddleOfABlock) {
    const std::uint64_t second = Machine::address_of(Program::svc_7) + instruction;
    engine->set_breakpoint(second, true);
    UserRegisters registers = Machine::start(Program::svc_7);
    const Stop stop = engine->run(registers, plenty);
    EXPECT_EQ(stop.reason, StopReason::SystemCall);
    EXPECT_EQ(stop.instructions, 3u);
    EXPECT_EQ(registers.x[0], 6u);
    EXPECT_EQ(hits, (std::vector<Hit>{{second, 5, second}}));
}

TEST_F(Breakpoint, IsSeenInCodeThatHasRunBefore) {
    UserRegisters registers = Machine::start(Program::svc_7);
    EXPECT_EQ(engine->run(registers, plenty).reason, StopReason::SystemCall);
    const std::uint64_t first = Machine::address_of(Program::svc_7);
    for (const bool set : {true, false, true}) {
        hits.clear();
        engine->set_breakpoint(first, set);
        registers = Machine::start(Program::svc_7);
        EXPECT_EQ(engine->run(registers, plenty).instructions, 3u);
        EXPECT_EQ(hits.size(), set ? 1u : 0u);
    }
}

TEST_F(Breakpoint, IsNotPassedByABlockThatIsRefused) {
    const std::uint64_t loop = Machine::address_of(Program::count_up);
    engine->set_breakpoint(loop, true);
    UserRegisters registers = Machine::start(Program::count_up);
    for (std::uint64_t round = 1; round <= 20; ++round) {
        const Stop stop = engine->run(registers, 1);
        EXPECT_EQ(stop.reason, StopReason::Budget);
        EXPECT_EQ(registers.x[0], round);
        EXPECT_EQ(registers.pc, loop);
        EXPECT_EQ(hits.size(), round);
        EXPECT_EQ(hits.back(), (Hit{loop, round - 1, loop}));
    }
}

// The library forgets the program counter of refused blocks once it has a hook on code.
TEST_F(Breakpoint, ElsewhereLeavesOtherCodeAlone) {
    const auto other = machine.engine();
    engine->set_breakpoint(unmapped, true);
    UserRegisters mine = Machine::start(Program::count_up);
    UserRegisters theirs = mine;
    for (std::uint64_t budget = 0; budget < 50; ++budget) {
        const Stop stop = engine->run(mine, budget * parts_per_cycle);
        EXPECT_EQ(stop.instructions, other->run(theirs, budget * parts_per_cycle).instructions);
        EXPECT_EQ(mine.pc, theirs.pc);
        EXPECT_EQ(mine.x[0], theirs.x[0]);
    }
    EXPECT_TRUE(hits.empty());
}

TEST_F(Breakpoint, CanBeSetFromAHandler) {
    const std::uint64_t first = Machine::address_of(Program::svc_7);
    engine->on_breakpoint([this, first](std::uint64_t address) {
        hits.push_back({address, 0, 0});
        engine->set_breakpoint(first, false);
        engine->set_breakpoint(first + instruction, true);
    });
    engine->set_breakpoint(first, true);
    for (int round = 0; round < 2; ++round) {
        UserRegisters registers = Machine::start(Program::svc_7);
        EXPECT_EQ(engine->run(registers, plenty).reason, StopReason::SystemCall);
        EXPECT_EQ(registers.x[0], 6u);
    }
    // The second time only where it is still set.
    const Hit second{first + instruction, 0, 0};
    EXPECT_EQ(hits, (std::vector<Hit>{{first, 0, 0}, second, second}));
}

TEST_F(Breakpoint, StepsThroughABlock) {
    const std::uint64_t first = Machine::address_of(Program::svc_7);
    engine->on_breakpoint([this](std::uint64_t address) {
        hits.push_back({address, engine->registers().x[0], engine->registers().pc});
        engine->set_breakpoint(address, false);
        engine->set_breakpoint(address + instruction, true);
    });
    engine->set_breakpoint(first, true);
    UserRegisters registers = Machine::start(Program::svc_7);
    EXPECT_EQ(engine->run(registers, plenty).instructions, 3u);
    ASSERT_EQ(hits.size(), 3u);
    for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(hits[i].pc, first + i * instruction);
    EXPECT_EQ(hits[2].x0, 6u);
}

TEST_F(Breakpoint, LetsRegistersBeSet) {
    const std::uint64_t second = Machine::address_of(Program::svc_7) + instruction;
    engine->on_breakpoint([this](std::uint64_t) {
        EXPECT_TRUE(engine->at_breakpoint());
        UserRegisters changed = engine->registers();
        changed.x[0] = 40;
        changed.tpidr = 0x1230;
        changed.pstate = 1ull << 31;
        engine->set_registers(changed);
    });
    engine->set_breakpoint(second, true);
    UserRegisters registers = Machine::start(Program::svc_7);
    const Stop stop = engine->run(registers, plenty);
    EXPECT_FALSE(engine->at_breakpoint());
    EXPECT_EQ(stop.instructions, 3u);
    EXPECT_EQ(registers.x[0], 41u);
    EXPECT_EQ(registers.tpidr, 0x1230u);
    EXPECT_EQ(registers.pstate, 1ull << 31);
}

// Blocks of hooked code end where they would have ended.
TEST_F(Breakpoint, LeavesLongBlocksAlone) {
    const auto other = machine.engine();
    for (std::uint64_t i = 0; i < 1024; ++i)
        engine->set_breakpoint(Machine::address_of(Program::long_block) + i * instruction, true);
    UserRegisters mine = Machine::start(Program::long_block);
    UserRegisters theirs = mine;
    for (std::uint64_t round = 0; round < 40; ++round) {
        const Stop stop = engine->run(mine, round * 50 * parts_per_cycle);
        EXPECT_EQ(stop.instructions, other->run(theirs, round * 50 * parts_per_cycle).instructions);
        EXPECT_EQ(mine.pc, theirs.pc);
        EXPECT_EQ(mine.x[0], theirs.x[0]);
    }
    EXPECT_GT(hits.size(), 900u);
}

// What the run counts is what was executed before, and the next one begins there.
TEST_F(Breakpoint, LeadsElsewhere) {
    const std::uint64_t first = Machine::address_of(Program::svc_7);
    const std::uint64_t target = Machine::address_of(Program::count_up);
    engine->on_breakpoint([this, target](std::uint64_t) {
        UserRegisters changed = engine->registers();
        changed.pc = target;
        engine->set_registers(changed);
    });
    engine->set_breakpoint(first + instruction, true);
    UserRegisters registers = Machine::start(Program::svc_7);
    const Stop stop = engine->run(registers, plenty);
    EXPECT_EQ(stop.reason, StopReason::Budget);
    EXPECT_EQ(stop.instructions, 1u);
    EXPECT_EQ(registers.pc, target);
    registers.x[0] = 0;
    EXPECT_EQ(engine->run(registers, 1).reason, StopReason::Budget);
    EXPECT_EQ(registers.x[0], 1u);
}

}  // namespace
}  // namespace orrery::engine::test
