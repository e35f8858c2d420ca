// SPDX-License-Identifier: Apache-2.0
// The self-test, the creation of engines, and the choice of the path of stores.
#include "sim/engine/self_test.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "machine.hpp"

namespace orrery::engine::test {
namespace {

TEST(SelfTest, Passes) {
    EXPECT_NO_THROW(self_test());
}

TEST(SelfTest, PassesOnTheStockPathOfStores) {
    setenv("ORRERY_ENGINE_STORES", "stock", 1);
    EXPECT_EQ(store_mode_from_environment(), StoreMode::Stock);
    EXPECT_NO_THROW(self_test());
    unsetenv("ORRERY_ENGINE_STORES");
}

TEST(StoreModeFromEnvironment, RefusesWhatItDoesNotKnow) {
    unsetenv("ORRERY_ENGINE_STORES");
    EXPECT_EQ(store_mode_from_environment(), StoreMode::Accelerated);
    setenv("ORRERY_ENGINE_STORES", "fast", 1);
    EXPECT_THROW(static_cast<void>(store_mode_from_environment()), std::runtime_error);
    unsetenv("ORRERY_ENGINE_STORES");
}

TEST(Create, RefusesBadBanks) {
    Machine machine;
    std::byte* host = machine.host(ram);
    const auto create = [&](std::span<const MemoryBank> banks) {
        return UserEngine::create({}, banks, machine.bus, machine.counter);
    };
    EXPECT_THROW(create(std::array{MemoryBank{ram + 1, page, host}}), std::runtime_error);
    EXPECT_THROW(create(std::array{MemoryBank{ram, page - 1, host}}), std::runtime_error);
    EXPECT_THROW(create(std::array{MemoryBank{ram, page, nullptr}}), std::runtime_error);
    EXPECT_THROW(create(std::array{MemoryBank{ram, 2 * page, host},
                                   MemoryBank{ram + page, page, host + page}}),
                 std::runtime_error);
}

TEST(Create, ServesSeveralBanksAndEngines) {
    Machine machine;
    constexpr std::uint64_t far_bank = 0x8'0000'0000;
    constexpr std::uint64_t half = ram_size / 2;
    const std::array banks{MemoryBank{far_bank, half, machine.host(ram + half)},
                           MemoryBank{ram, half, machine.host(ram)}};
    machine.map(machine.root, data, far_bank, Access::UserAll);
    machine.copy_program(Program::return_1, ram + half);
    std::vector<std::unique_ptr<UserEngine>> engines;
    for (unsigned cpu = 0; cpu < 8; ++cpu) {
        engines.push_back(UserEngine::create({cpu}, banks, machine.bus, machine.counter));
        EXPECT_EQ(engines.back()->cpu(), cpu);
        engines.back()->set_address_space(machine.root);
        UserRegisters registers;
        registers.pc = data;
        EXPECT_EQ(engines.back()->run(registers, plenty).reason, StopReason::SystemCall);
        EXPECT_EQ(registers.x[0], 1u);
    }
    // Code in the second bank is tracked too.
    machine.copy_program(Program::return_2, ram + half);
    engines[5]->invalidate_code(far_bank, page);
    UserRegisters registers;
    registers.pc = data;
    engines[5]->run(registers, plenty);
    EXPECT_EQ(registers.x[0], 2u);
}

}  // namespace
}  // namespace orrery::engine::test
