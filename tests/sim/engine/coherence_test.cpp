// SPDX-License-Identifier: Apache-2.0
// Code that changes: under the host's hand, under its own, and under another engine's.
#include <gtest/gtest.h>

#include <cstring>

#include "machine.hpp"

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t budget = 1000 * parts_per_cycle;
constexpr std::uint64_t move_x0_2 = 0xd280'0040;
constexpr std::uint64_t move_x0_3 = 0xd280'0060;

class Coherence : public testing::TestWithParam<StoreMode> {
  protected:
    void SetUp() override {
        machine.copy_program(Program::return_1, frame);
        machine.map(machine.root, writable_code, frame, Access::UserAll);
    }

    static std::uint64_t value(UserEngine& engine, std::uint64_t address = writable_code) {
        UserRegisters registers;
        registers.pc = address;
        EXPECT_EQ(engine.run(registers, budget).reason, StopReason::SystemCall);
        return registers.x[0];
    }

    static void patch(UserEngine& engine, std::uint64_t word, std::uint64_t address) {
        UserRegisters registers = Machine::start(Program::patch_x1_with_w0, address);
        registers.x[0] = word;
        EXPECT_EQ(engine.run(registers, budget).reason, StopReason::SystemCall);
    }

    Machine machine;
    std::uint64_t frame = machine.allocate();
    std::uint64_t next_frame = machine.allocate();
    std::unique_ptr<UserEngine> first = machine.engine(GetParam(), 0);
    std::unique_ptr<UserEngine> second = machine.engine(GetParam(), 1);
};

TEST_P(Coherence, FrameIsReusedForOtherCodeAtTheSameAddress) {
    EXPECT_EQ(value(*first), 1u);
    machine.copy_program(Program::return_2, frame);
    first->invalidate_code(frame, page);
    EXPECT_EQ(value(*first), 2u);
}

TEST_P(Coherence, InvalidationSpansFramesAndBlocks) {
    const std::uint64_t next = next_frame;
    ASSERT_EQ(next, frame + page);
    machine.map(machine.root, writable_code + page, next, Access::UserAll);
    machine.copy_program(Program::return_1, next);
    machine.copy_program(Program::return_1, frame + page - 64);
    EXPECT_EQ(value(*first, writable_code + page - 64), 1u);
    EXPECT_EQ(value(*first, writable_code + page), 1u);

    machine.copy_program(Program::return_2, next);
    machine.copy_program(Program::return_2, frame + page - 64);
    first->invalidate_code(frame + page - 64, 68);
    EXPECT_EQ(value(*first, writable_code + page - 64), 2u);
    EXPECT_EQ(value(*first, writable_code + page), 2u);
}

TEST_P(Coherence, EveryEngineSeesWhatTheHostWrote) {
    EXPECT_EQ(value(*first), 1u);
    EXPECT_EQ(value(*second), 1u);
    machine.copy_program(Program::return_2, frame);
    UserEngine::invalidate_code_everywhere(machine.host(frame), page);
    EXPECT_EQ(value(*first), 2u);
    EXPECT_EQ(value(*second), 2u);
}

TEST_P(Coherence, MachinesDoNotMixInOneProcess) {
    Machine neighbour;
    const auto engine = neighbour.engine(GetParam());
    const std::uint64_t other_frame = neighbour.allocate();
    neighbour.copy_program(Program::return_1, other_frame);
    neighbour.map(neighbour.root, writable_code, other_frame, Access::UserAll);
    EXPECT_EQ(value(*engine), 1u);
    const std::uint64_t dropped = engine->store_counters().frames_dropped;
    patch(*first, move_x0_2, writable_code);
    EXPECT_EQ(value(*engine), 1u);
    EXPECT_EQ(engine->store_counters().frames_dropped, dropped);
}

TEST_P(Coherence, SelfModifyingCodeReachesEveryEngine) {
    EXPECT_EQ(value(*first), 1u);
    EXPECT_EQ(value(*second), 1u);
    patch(*first, move_x0_2, writable_code);
    EXPECT_EQ(value(*first), 2u);
    EXPECT_EQ(value(*second), 2u);
    patch(*second, move_x0_3, writable_code);
    EXPECT_EQ(value(*first), 3u);
    EXPECT_EQ(value(*second), 3u);
}

TEST_P(Coherence, StoresThroughAnAliasReachTheCode) {
    machine.map(machine.root, data, frame, Access::UserWrite);
    patch(*first, move_x0_2, data);  // the alias is in the TLB before there is code
    EXPECT_EQ(value(*first), 2u);
    patch(*first, move_x0_3, data);
    EXPECT_EQ(value(*first), 3u);
}

TEST_P(Coherence, DataPageBecomesCodeAndDataAgain) {
    for (const std::uint64_t word : {move_x0_2, move_x0_3, move_x0_2, move_x0_3}) {
        UserRegisters fill = Machine::start(Program::fill_words, writable_code + 64);
        fill.x[2] = 8;
        EXPECT_EQ(first->run(fill, budget).reason, StopReason::SystemCall);
        patch(*first, word, writable_code);
        EXPECT_EQ(value(*first), word == move_x0_2 ? 2u : 3u);
    }
}

TEST_P(Coherence, InvalidateByAddressDropsWhatADeviceWrote) {
    EXPECT_EQ(value(*first), 1u);
    machine.copy_program(Program::return_2, frame);
    UserRegisters registers = Machine::start(Program::invalidate_x1, writable_code + 8);
    EXPECT_EQ(second->run(registers, budget).reason, StopReason::SystemCall);
    EXPECT_EQ(value(*first), 2u);
}

TEST_P(Coherence, CleanFramesAreSkipped) {
    EXPECT_EQ(value(*first), 1u);
    const std::uint64_t dropped = first->store_counters().frames_dropped;
    first->invalidate_code(frame + page, 16 * page);
    first->invalidate_code(0, ram);
    first->invalidate_code(device, page);
    EXPECT_EQ(first->store_counters().frames_dropped, dropped);
    first->invalidate_code(frame, 4);
    EXPECT_EQ(first->store_counters().frames_dropped, dropped + 1);
}

INSTANTIATE_TEST_SUITE_P(Engine, Coherence,
                         testing::Values(StoreMode::Accelerated, StoreMode::Stock),
                         [](const auto& instance) {
                             return instance.param == StoreMode::Stock ? "Stock" : "Accelerated";
                         });

}  // namespace
}  // namespace orrery::engine::test
