// SPDX-License-Identifier: Apache-2.0
// What a run costs: the meter's answers, when they are asked for again, and what is taken back.
#include <gtest/gtest.h>

#include "machine.hpp"

namespace orrery::engine::test {
namespace {

// Different words differ in cost.
class WordMeter final : public Meter {
  public:
    std::uint32_t block(std::span<const std::uint32_t> code) override {
        ++asked;
        return cost(code);
    }
    static std::uint32_t cost(std::span<const std::uint32_t> code) {
        std::uint32_t sum = 0;
        for (const std::uint32_t word : code) sum += 1 + word % 61;
        return sum;
    }
    unsigned asked = 0;
};

class Metering : public testing::Test {
  protected:
    void SetUp() override {
        machine.map(machine.root, data, machine.allocate(), Access::UserWrite);
        machine.map(machine.root, writable_code, frame, Access::UserAll);
        engine = machine.engine(StoreMode::Accelerated, 0, &meter);
    }

    [[nodiscard]] std::uint32_t cost(std::uint64_t physical, std::size_t words) const {
        return WordMeter::cost(
            {reinterpret_cast<const std::uint32_t*>(machine.host(physical)), words});
    }

    Stop run_copy() {
        UserRegisters registers;
        registers.pc = writable_code;
        return engine->run(registers, plenty);
    }

    Machine machine;
    WordMeter meter;
    std::uint64_t frame = machine.allocate();
    std::unique_ptr<UserEngine> engine;
};

TEST_F(Metering, ABlockCostsWhatTheMeterSays) {
    machine.copy_program(Program::return_1, frame);
    const Stop stop = run_copy();
    EXPECT_EQ(stop.reason, StopReason::SystemCall);
    EXPECT_EQ(stop.instructions, 2u);
    EXPECT_EQ(stop.parts, cost(frame, 2));
}

TEST_F(Metering, ABlockIsMeteredOnce) {
    machine.copy_program(Program::return_1, frame);
    for (int round = 0; round < 10; ++round) EXPECT_EQ(run_copy().parts, cost(frame, 2));
    EXPECT_EQ(meter.asked, 1u);
    // A change of the address space does not change the code.
    engine->set_address_space(with_asid(machine.root, 2));
    engine->invalidate_tlb_all();
    EXPECT_EQ(run_copy().parts, cost(frame, 2));
    EXPECT_EQ(meter.asked, 1u);
}

TEST_F(Metering, AnotherPageAtTheSameAddressIsMeteredForItself) {
    const std::uint64_t other = machine.allocate();
    machine.copy_program(Program::return_1, frame);
    machine.copy_program(Program::return_2, other);
    EXPECT_EQ(run_copy().parts, cost(frame, 2));
    machine.map(machine.root, writable_code, other, Access::UserAll);
    engine->invalidate_tlb_page(writable_code);
    EXPECT_EQ(run_copy().parts, cost(other, 2));
    EXPECT_NE(cost(frame, 2), cost(other, 2));
}

TEST_F(Metering, CodeThatTheProgramOverwroteIsMeteredAgain) {
    machine.copy_program(Program::return_1, frame);
    EXPECT_EQ(run_copy().parts, cost(frame, 2));
    UserRegisters registers = Machine::start(Program::patch_x1_with_w0, writable_code);
    registers.x[0] = 0xd280'0fe0;  // mov x0, #127
    EXPECT_EQ(engine->run(registers, plenty).reason, StopReason::SystemCall);
    EXPECT_EQ(run_copy().parts, cost(frame, 2));
}

TEST_F(Metering, CodeThatTheHostOverwroteIsMeteredAgain) {
    machine.copy_program(Program::return_1, frame);
    EXPECT_EQ(run_copy().parts, cost(frame, 2));
    machine.copy_program(Program::return_2, frame);
    UserEngine::invalidate_code_everywhere(machine.host(frame), page);
    EXPECT_EQ(run_copy().parts, cost(frame, 2));
}

TEST_F(Metering, WhatAFaultLeftUndoneCostsNothing) {
    machine.copy_program(Program::load, frame);
    UserRegisters registers;
    registers.pc = writable_code;
    registers.x[1] = unmapped;
    const Stop stop = engine->run(registers, plenty);
    EXPECT_EQ(stop.reason, StopReason::DataAbort);
    EXPECT_EQ(registers.pc, writable_code + 4 * stop.instructions);
    EXPECT_EQ(stop.parts, cost(frame, stop.instructions));
}

// To begin costs something, as the first result in a pipeline does.
class BeginningMeter final : public Meter {
  public:
    std::uint32_t block(std::span<const std::uint32_t> code) override {
        return 100 + static_cast<std::uint32_t>(code.size());
    }
};

TEST_F(Metering, CodeThatRunsOnOverTheLibrarysBordersIsOneBlock) {
    constexpr std::uint64_t border = 1024;
    BeginningMeter beginning;
    engine = machine.engine(StoreMode::Accelerated, 0, &beginning);
    for (const std::uint64_t place : {border - 4, 2 * border}) {
        machine.copy_program(Program::return_1, frame + place);
        UserEngine::invalidate_code_everywhere(machine.host(frame), page);
        UserRegisters registers;
        registers.pc = writable_code + place;
        const Stop stop = engine->run(registers, plenty);
        EXPECT_EQ(stop.instructions, 2u);
        EXPECT_EQ(stop.parts, 102u) << place;
    }
}

// A loop that begins at a border costs the same however it was first come to.
TEST_F(Metering, ALoopAtABorderCostsTheSameHoweverItWasComeTo) {
    constexpr std::uint64_t border = 1024;
    constexpr std::uint32_t add = 0x9100'0400;  // add x0, x0, #1
    BeginningMeter beginning;
    std::vector<std::uint64_t> parts;
    for (const std::uint64_t first : {border - 8, border}) {
        const std::uint64_t code = machine.allocate();
        auto* words = reinterpret_cast<std::uint32_t*>(machine.host(code));
        std::fill_n(words, page / 4, add);
        words[border / 4 + 0] = 0xf100'0421;  // subs x1, x1, #1
        words[border / 4 + 1] = 0x54ff'ffe1;  // b.ne back to it
        words[border / 4 + 2] = 0xd400'0001;  // svc #0
        machine.map(machine.root, writable_code, code, Access::UserAll);
        engine = machine.engine(StoreMode::Accelerated, 0, &beginning);
        UserRegisters registers;
        // Come to it the one way, then measure the other.
        for (const std::uint64_t place : {first, border}) {
            registers = {};
            registers.pc = writable_code + place;
            registers.x[1] = 10;
            parts.push_back(engine->run(registers, plenty).parts);
        }
    }
    EXPECT_EQ(parts[1], parts[3]);
    EXPECT_EQ(parts[2], parts[3]);
}

// Rounds of a loop take longer than their code would once.
class LoopMeter final : public Meter {
  public:
    std::uint32_t block(std::span<const std::uint32_t> code) override {
        const auto size = static_cast<std::uint32_t>(code.size());
        const bool is_loop = code.back() == (0x5400'0001 | (((1 - size) & 0x7'ffff) << 5));  // b.ne
        return is_loop ? 100 * size : size;
    }
};

// Such a loop that clears memory was counted at a third of what it takes, in one build and not in
// the next.
TEST_F(Metering, ALoopAcrossABorderCostsWhatItCostsElsewhere) {
    constexpr std::uint64_t border = 1024;
    constexpr std::uint32_t add = 0x9100'0400;  // add x0, x0, #1
    LoopMeter loop_meter;
    std::vector<std::uint64_t> parts;
    for (const std::uint64_t first : {border / 2, border - 8}) {
        const std::uint64_t code = machine.allocate();
        auto* words = reinterpret_cast<std::uint32_t*>(machine.host(code));
        std::fill_n(words, page / 4, add);
        words[first / 4 - 1] = 0x1400'0001;  // b to the next
        words[first / 4 + 3] = 0xf100'0421;  // subs x1, x1, #1
        words[first / 4 + 4] = 0x54ff'ff81;  // b.ne to the first of five
        words[first / 4 + 5] = 0xd400'0001;  // svc #0
        machine.map(machine.root, writable_code, code, Access::UserAll);
        engine = machine.engine(StoreMode::Accelerated, 0, &loop_meter);
        UserRegisters registers;
        registers.pc = writable_code + first;
        registers.x[1] = 10;
        parts.push_back(engine->run(registers, plenty).parts);
    }
    EXPECT_EQ(parts[0], 10 * 500u + 1);
    EXPECT_EQ(parts[1], parts[0]);
}

TEST_F(Metering, TheBudgetIsInParts) {
    UserRegisters registers = Machine::start(Program::count_up);
    const std::uint64_t block = engine->run(registers, 1).parts;
    const Stop stop = engine->run(registers, 10 * block);
    EXPECT_EQ(stop.reason, StopReason::Budget);
    EXPECT_EQ(stop.parts, 10 * block);
    EXPECT_EQ(stop.instructions, 20u);
}

}  // namespace
}  // namespace orrery::engine::test
