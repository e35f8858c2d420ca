// SPDX-License-Identifier: Apache-2.0
// Aborts from EL0: syndrome, address, PC, untouched registers and the count up to the fault.
#include <gtest/gtest.h>

#include "machine.hpp"

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t read_only_page = data + page;
constexpr std::uint64_t kernel_page = data + 2 * page;
constexpr std::uint64_t budget = 1000 * parts_per_cycle;

struct AbortCase final {
    const char* name;
    Program program;
    std::uint64_t address;
    std::uint64_t esr;
    std::uint64_t far;
    std::uint64_t instructions;  // done before the fault
};

void PrintTo(const AbortCase& abort, std::ostream* out) {
    *out << abort.name;
}

class Abort : public testing::TestWithParam<AbortCase> {
  protected:
    void SetUp() override {
        machine.map(machine.root, data, machine.allocate(), Access::UserWrite);
        machine.map(machine.root, read_only_page, machine.allocate(), Access::UserRead);
        machine.map(machine.root, kernel_page, machine.allocate(), Access::Kernel);
    }

    Machine machine;
};

TEST_P(Abort, IsAsTheArchitectureDefines) {
    const AbortCase& expected = GetParam();
    for (const StoreMode mode : {StoreMode::Accelerated, StoreMode::Stock}) {
        const auto engine = machine.engine(mode);
        const UserRegisters before = Machine::start(expected.program, expected.address);
        UserRegisters after = before;
        const Stop stop = engine->run(after, budget);

        const bool fetch = expected.program == Program::branch;
        EXPECT_EQ(stop.reason, fetch ? StopReason::InstructionAbort : StopReason::DataAbort);
        EXPECT_EQ(stop.esr, expected.esr);
        EXPECT_EQ(stop.far, expected.far);
        EXPECT_EQ(stop.instructions, expected.instructions);
        EXPECT_EQ(after.pc, fetch ? expected.address : before.pc + 4 * expected.instructions);
        EXPECT_EQ(after.x, before.x);
    }
}

// ESR of an abort from EL0: class 0x24 (data) or 0x20 (instruction), IL, WnR in bit 6, and the
// status: translation fault 0x04 to 0x07, permission fault 0x0c to 0x0f, alignment fault 0x21.
INSTANTIATE_TEST_SUITE_P(
    Engine, Abort,
    testing::Values(
        AbortCase{"LoadUnmapped", Program::load, unmapped, 0x9200'0006, unmapped, 1},
        AbortCase{"LoadUnmappedPage", Program::load, data + 8 * page, 0x9200'0007, data + 8 * page,
                  1},
        AbortCase{"StoreUnmapped", Program::store, data + 8 * page + 16, 0x9200'0047,
                  data + 8 * page + 16, 1},
        AbortCase{"StoreReadOnly", Program::store, read_only_page, 0x9200'004f, read_only_page, 1},
        AbortCase{"LoadKernel", Program::load, kernel_page, 0x9200'000f, kernel_page, 1},
        AbortCase{"StoreKernel", Program::store, kernel_page + 8, 0x9200'004f, kernel_page + 8, 1},
        AbortCase{"PairIntoKernel", Program::load_pair, kernel_page - 8, 0x9200'000f, kernel_page,
                  0},
        AbortCase{"PostIndex", Program::load_post_index, data + 8 * page, 0x9200'0007,
                  data + 8 * page, 0},
        AbortCase{"ZeroBlock", Program::zero_block, data + 8 * page, 0x9200'0047, data + 8 * page,
                  0},
        AbortCase{"Null", Program::load, 0, 0x9200'0006, 0, 1},
        AbortCase{"NullMinusEight", Program::load, ~7ull, 0x9200'0004, ~7ull, 1},
        AbortCase{"StoreNullMinusEight", Program::store, ~7ull, 0x9200'0044, ~7ull, 1},
        AbortCase{"NotCanonical", Program::load, 0x00ff'0000'0000'0000, 0x9200'0004,
                  0x00ff'0000'0000'0000, 1},
        AbortCase{"MisalignedExclusive", Program::load_exclusive, data + 4, 0x9200'0021, data + 4,
                  0},
        AbortCase{"FetchExecuteNever", Program::branch, data, 0x8200'000f, data, 1},
        AbortCase{"FetchUnmapped", Program::branch, data + 8 * page, 0x8200'0007, data + 8 * page,
                  1},
        AbortCase{"FetchLastPage", Program::branch, ~15ull, 0x8200'0004, ~15ull, 1},
        AbortCase{"FetchEngineStub", Program::branch, 0xffff'0000'0000'0000, 0x8200'000f,
                  0xffff'0000'0000'0000, 1}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST_F(Abort, UnalignedAccessesToMemoryAreNone) {
    const auto engine = machine.engine();
    UserRegisters registers = Machine::start(Program::load, data + 3);
    EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
}

TEST_F(Abort, CalibrationPageIsNotLeftInReach) {
    const auto engine = machine.engine();
    UserRegisters registers = Machine::start(Program::load, 0xffff'0000'0000'1000);
    EXPECT_EQ(engine->run(registers, budget).esr, 0x9200'0007u);
}

}  // namespace
}  // namespace orrery::engine::test
