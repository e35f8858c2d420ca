// SPDX-License-Identifier: Apache-2.0
// Device accesses from EL0: values, errors, stops in the middle, and other engines in between.
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "machine.hpp"

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t budget = 1000 * parts_per_cycle;

class DeviceAccess : public testing::TestWithParam<StoreMode> {
  protected:
    void SetUp() override {
        machine.map(machine.root, device_window, device, Access::UserAll);
        machine.map(machine.root, device_window + page, device + page, Access::UserAll);
        machine.map(machine.root, data, frame, Access::UserWrite);
    }

    Machine machine;
    std::uint64_t frame = machine.allocate();
    std::unique_ptr<UserEngine> engine = machine.engine(GetParam());
};

TEST_P(DeviceAccess, ReachesTheBusWithAddressSizeAndValue) {
    machine.bus.answer = 0x1234'5678;
    UserRegisters registers = Machine::start(Program::device_in_the_middle, device_window + 0x10);
    const Stop stop = engine->run(registers, budget);
    EXPECT_EQ(stop.reason, StopReason::SystemCall);
    EXPECT_EQ(stop.instructions, 6u);
    EXPECT_EQ(registers.x[0], 0x1234'5678u);
    EXPECT_EQ(registers.x[9], 3u);
    EXPECT_EQ(machine.bus.accesses,
              (std::vector<BusAccess>{{false, device + 0x10, 4, 0x1234'5678},
                                      {true, device + 0x14, 4, 0x1234'5678}}));
}

TEST_P(DeviceAccess, ErrorIsAPreciseExternalAbort) {
    machine.bus.error = true;
    UserRegisters registers = Machine::start(Program::load, device_window + 8);
    Stop stop = engine->run(registers, budget);
    EXPECT_EQ(stop.reason, StopReason::ExternalAbort);
    EXPECT_EQ(stop.esr, 0x9200'0010u);
    EXPECT_EQ(stop.far, device_window + 8);
    EXPECT_EQ(stop.instructions, 1u);
    EXPECT_EQ(registers.pc, Machine::address_of(Program::load) + 4);

    registers = Machine::start(Program::store, device_window + 16);
    stop = engine->run(registers, budget);
    EXPECT_EQ(stop.reason, StopReason::ExternalAbort);
    EXPECT_EQ(stop.esr, 0x9200'0050u);
    EXPECT_EQ(stop.far, device_window + 16);
    EXPECT_EQ(stop.instructions, 1u);

    // The instruction can be repeated.
    machine.bus.error = false;
    EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
    EXPECT_EQ(registers.x[9], 1u);
}

TEST_P(DeviceAccess, ErrorOfOtherInstructionsIsPreciseToo) {
    machine.bus.error = true;
    for (const Program program : {Program::zero_block, Program::load_exclusive}) {
        UserRegisters registers = Machine::start(program, device_window);
        const Stop stop = engine->run(registers, budget);
        EXPECT_EQ(stop.reason, StopReason::ExternalAbort);
        EXPECT_EQ(stop.far, device_window);
        EXPECT_EQ(stop.instructions, 0u);
        EXPECT_EQ(registers.pc, Machine::address_of(program));
    }
}

TEST_P(DeviceAccess, SixtyFourBitsAreOneAccess) {
    machine.bus.answer = 0x1122'3344'5566'7788;
    UserRegisters registers = Machine::start(Program::load, device_window);
    EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
    EXPECT_EQ(registers.x[0], machine.bus.answer);
    registers = Machine::start(Program::store, device_window + 8);
    registers.x[0] = 0x8877'6655'4433'2211;
    EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
    registers = Machine::start(Program::load_pair, device_window + 16);
    EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
    EXPECT_EQ(machine.bus.accesses,
              (std::vector<BusAccess>{{false, device, 8, machine.bus.answer},
                                      {true, device + 8, 8, 0x8877'6655'4433'2211},
                                      {false, device + 16, 8, machine.bus.answer},
                                      {false, device + 24, 8, machine.bus.answer}}));
}

TEST_P(DeviceAccess, MisalignedIsAnAlignmentFault) {
    for (const bool store : {false, true}) {
        const Program program = store ? Program::store : Program::load;
        for (const std::uint64_t offset : std::array<std::uint64_t, 3>{3, 4, page - 4}) {
            UserRegisters registers = Machine::start(program, device_window + offset);
            const Stop stop = engine->run(registers, budget);
            EXPECT_EQ(stop.reason, StopReason::DataAbort);
            EXPECT_EQ(stop.esr, store ? 0x9200'0061u : 0x9200'0021u);
            EXPECT_EQ(stop.far, device_window + offset);
            EXPECT_EQ(stop.instructions, 1u);
            EXPECT_EQ(registers.pc, Machine::address_of(program) + 4);
        }
    }
    EXPECT_TRUE(machine.bus.accesses.empty());
}

TEST_P(DeviceAccess, ExclusivesComeToAnEnd) {
    UserRegisters registers = Machine::start(Program::device_exclusive, device_window);
    EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
}

TEST_P(DeviceAccess, CodeIsNotFetchedFromDevices) {
    UserRegisters registers = Machine::start(Program::branch, device_window);
    const Stop stop = engine->run(registers, budget);
    EXPECT_EQ(stop.reason, StopReason::ExternalAbort);
    EXPECT_EQ(stop.esr, 0x8200'0010u);
    EXPECT_EQ(stop.far, device_window);
    EXPECT_EQ(stop.instructions, 1u);
    EXPECT_EQ(registers.pc, device_window);
    EXPECT_TRUE(machine.bus.accesses.empty());
}

TEST_P(DeviceAccess, RequestToStopEndsTheRunAfterTheBlock) {
    machine.bus.during = [this] { engine->request_stop(); };
    UserRegisters registers = Machine::start(Program::device_in_the_middle, device_window);
    registers.x[9] = 100;
    // The block ends with the system call, which comes first.
    EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
    EXPECT_EQ(registers.x[9], 103u);

    registers = Machine::start(Program::fill_words, device_window);
    registers.x[2] = 5;
    for (std::uint64_t left = 4; left != 0; --left) {
        const Stop stop = engine->run(registers, budget);
        EXPECT_EQ(stop.reason, StopReason::Requested);
        EXPECT_EQ(stop.instructions, 3u);
        EXPECT_EQ(registers.x[2], left);
    }
    EXPECT_EQ(machine.bus.accesses.size(), 2 + 4u);
}

// Who spends time in the middle of a run knows how much of it has come to pass.
TEST_P(DeviceAccess, AnAccessComesAtTheTimeOfItsBlock) {
    std::vector<std::uint64_t> seen;
    machine.bus.during = [&] { seen.push_back(engine->parts_of_run()); };
    UserRegisters registers = Machine::start(Program::fill_words, device_window);
    registers.x[2] = 4;
    const Stop stop = engine->run(registers, budget);
    EXPECT_EQ(stop.reason, StopReason::SystemCall);
    constexpr std::uint64_t round = 3 * parts_per_cycle;
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, round, 2 * round, 3 * round}));
    EXPECT_GE(stop.parts, 4 * round);
    EXPECT_EQ(engine->parts_of_run(), 0u);
}

TEST_P(DeviceAccess, OtherEnginesRunInTheMiddle) {
    const auto other = machine.engine(GetParam(), 1);
    bool nested = false;
    machine.bus.answer = 0xd0;
    machine.bus.during = [&] {
        if (std::exchange(nested, true)) return;
        EXPECT_TRUE(engine->running());
        // The other engine stores, faults and uses the device itself.
        UserRegisters registers = Machine::start(Program::fill_words, data);
        registers.x[2] = 512;
        EXPECT_EQ(other->run(registers, ~0ull).reason, StopReason::SystemCall);
        registers = Machine::start(Program::store, unmapped);
        EXPECT_EQ(other->run(registers, budget).reason, StopReason::DataAbort);
        machine.bus.error = true;
        registers = Machine::start(Program::load, device_window + 0x20);
        const Stop inner = other->run(registers, budget);
        EXPECT_EQ(inner.reason, StopReason::ExternalAbort);
        EXPECT_EQ(inner.far, device_window + 0x20);
    };
    UserRegisters registers = Machine::start(Program::load, device_window + 0x40);
    const Stop stop = engine->run(registers, budget);
    EXPECT_EQ(stop.reason, StopReason::ExternalAbort);
    EXPECT_EQ(stop.far, device_window + 0x40);
    EXPECT_EQ(stop.instructions, 1u);
    EXPECT_FALSE(engine->running());
}

TEST_P(DeviceAccess, MaintenanceInTheMiddleTakesEffectAfterTheAccess) {
    UserRegisters registers = Machine::start(Program::store, data);
    EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
    for (const bool error : {false, true}) {
        machine.map(machine.root, data, frame, Access::UserWrite);
        machine.bus.error = error;
        machine.bus.during = [this] {
            machine.unmap(machine.root, data);
            engine->invalidate_tlb_page(data);
            machine.copy_program(Program::return_2, machine.allocate());
            UserEngine::invalidate_code_everywhere(machine.host(ram), 64 * page);
        };
        registers = Machine::start(Program::load, device_window);
        EXPECT_EQ(engine->run(registers, budget).reason,
                  error ? StopReason::ExternalAbort : StopReason::SystemCall);
        registers = Machine::start(Program::store, data);
        EXPECT_EQ(engine->run(registers, budget).reason, StopReason::DataAbort);
    }
}

TEST_P(DeviceAccess, ExceptionComesOutOfTheRun) {
    machine.bus.during = [] { throw std::runtime_error("the device is on fire"); };
    UserRegisters registers = Machine::start(Program::load, device_window);
    EXPECT_THROW(engine->run(registers, budget), std::runtime_error);
    EXPECT_FALSE(engine->running());
    machine.bus.during = [] {};
    EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
}

TEST_P(DeviceAccess, TheSameEngineCannotBeRunInTheMiddle) {
    machine.bus.during = [this] {
        UserRegisters inner = Machine::start(Program::svc_7);
        engine->run(inner, budget);
    };
    UserRegisters registers = Machine::start(Program::load, device_window);
    EXPECT_THROW(engine->run(registers, budget), std::logic_error);
}

INSTANTIATE_TEST_SUITE_P(Engine, DeviceAccess,
                         testing::Values(StoreMode::Accelerated, StoreMode::Stock),
                         [](const auto& instance) {
                             return instance.param == StoreMode::Stock ? "Stock" : "Accelerated";
                         });

}  // namespace
}  // namespace orrery::engine::test
