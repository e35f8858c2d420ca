// SPDX-License-Identifier: Apache-2.0
// Breakpoints at EL1 and EL0 of a system engine, which change nothing of interrupts.
#include <utility>
#include "system_case.hpp"

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t instruction = 4;
constexpr std::uint64_t some = 100 * parts_per_cycle;

class SystemBreakpoint : public SystemCase {
  protected:
    SystemBreakpoint() {
        engine->on_breakpoint([this](std::uint64_t address) {
            hits.push_back({address, engine->registers().pc});
        });
    }

    // Both engines run a program, and an interrupt comes; only one has a breakpoint in it.
    void compare_interrupts(Program program, std::uint64_t offset) {
        const auto plain = board.engine();
        engine->set_breakpoint(Board::address_of(program) + offset, true);
        for (std::uint64_t budget = some; budget < some + 40 * parts_per_cycle; budget += 64) {
            begin(program);
            begin(*plain, program);
            EXPECT_EQ(engine->run(budget).instructions, plain->run(budget).instructions);
            for (SystemEngine* each : {engine.get(), plain.get()}) {
                each->set_interrupt(true);
                EXPECT_EQ(each->run(plenty).reason, SystemStopReason::Firmware);
                each->set_interrupt(false);
            }
            const UserRegisters seen = engine->registers();
            const UserRegisters expected = plain->registers();
            EXPECT_EQ(seen.x, expected.x);
            EXPECT_EQ(seen.pc, expected.pc);
        }
        for (const auto& [address, pc] : hits) EXPECT_EQ(address, pc);
    }

    std::vector<std::pair<std::uint64_t, std::uint64_t>> hits;
};

TEST_F(SystemBreakpoint, ChangesNoInterruptAtEl1) {
    compare_interrupts(Program::interruptible, 4 * instruction);
    EXPECT_GT(hits.size(), 100u);
}

TEST_F(SystemBreakpoint, ChangesNoInterruptOfABlockWithoutIt) {
    compare_interrupts(Program::interruptible, 0x400);
}

// An interrupt that rises in the middle of a run.
TEST_F(SystemBreakpoint, ChangesNoInterruptFromADevice) {
    std::vector<std::uint64_t> counted;
    for (const bool with_breakpoint : {false, true}) {
        const auto fresh = board.engine();
        bool first = true;
        fresh->on_breakpoint([&](std::uint64_t) {
            if (std::exchange(first, false)) fresh->set_breakpoint(0x10000, true);
        });
        begin(*fresh, Program::device_interrupt, device);
        fresh->run(200 * parts_per_cycle);  // what is translated is chained now
        board.platform.during = [&] { fresh->set_interrupt(true); };
        if (with_breakpoint)
            fresh->set_breakpoint(Board::address_of(Program::device_interrupt) + 6 * instruction,
                                  true);
        begin(*fresh, Program::device_interrupt, device);
        fresh->run(200 * parts_per_cycle);
        counted.push_back(fresh->registers().x[3]);
        counted.push_back(fresh->registers().pc);
        board.platform.during = [] {};
    }
    EXPECT_EQ(counted[0], counted[2]);
    EXPECT_EQ(counted[1], counted[3]);
    EXPECT_EQ(counted[0], 1u);  // in the block of the access, which goes on to its end
}

TEST_F(SystemBreakpoint, LeadsElsewhere) {
    const std::uint64_t place = Board::address_of(Program::count_up) + instruction;
    const std::uint64_t target = Board::address_of(Program::spin);
    engine->on_breakpoint([this, target](std::uint64_t) {
        UserRegisters changed = engine->registers();
        changed.pc = target;
        changed.x[7] = 77;
        engine->set_registers(changed);
    });
    engine->set_breakpoint(place, true);
    begin(Program::count_up);
    EXPECT_EQ(engine->run(plenty).instructions, 1u);
    EXPECT_EQ(engine->registers().pc, target);
    EXPECT_EQ(x(7), 77u);
    EXPECT_EQ(engine->run(1).reason, SystemStopReason::Budget);
    EXPECT_EQ(x(3), 1u);
}

TEST_F(SystemBreakpoint, RegistersAreSetAtRest) {
    begin(Program::count_up);
    UserRegisters changed = engine->registers();
    changed.pc = Board::address_of(Program::count_up) + instruction;
    changed.x[3] = 1000;
    engine->set_registers(changed);
    engine->run(1);
    EXPECT_EQ(x(3), 1001u);
}

}  // namespace
}  // namespace orrery::engine::test
