// SPDX-License-Identifier: Apache-2.0
// What a kernel does with page tables: demand paging, copy on write, address spaces.
#include <gtest/gtest.h>

#include "machine.hpp"

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t budget = 1000 * parts_per_cycle;

class Mapping : public testing::TestWithParam<StoreMode> {
  protected:
    Stop run(Program program, std::uint64_t x1, std::uint64_t x0 = 0) {
        registers = Machine::start(program, x1);
        registers.x[0] = x0;
        return engine->run(registers, budget);
    }

    Machine machine;
    std::unique_ptr<UserEngine> engine = machine.engine(GetParam());
    UserRegisters registers;
};

TEST_P(Mapping, DemandPagingNeedsNoInvalidation) {
    Stop stop = run(Program::load, unmapped);
    EXPECT_EQ(stop.reason, StopReason::DataAbort);
    EXPECT_EQ(stop.instructions, 1u);

    const std::uint64_t frame = machine.allocate();
    machine.set_word(frame, 0x5a5a);
    machine.map(machine.root, unmapped, frame, Access::UserWrite);
    stop = engine->run(registers, budget);
    EXPECT_EQ(stop.reason, StopReason::SystemCall);
    EXPECT_EQ(stop.instructions, 3u);
    EXPECT_EQ(registers.x[0], 0x5a5au);
    EXPECT_EQ(registers.x[9], 1u);
    EXPECT_EQ(engine->work().instructions, 4u);
}

TEST_P(Mapping, ManyFaultsInOneProgramAreCountedOnce) {
    registers = Machine::start(Program::fill_words, unmapped);
    registers.x[2] = 4 * page / 8;
    std::uint64_t faults = 0;
    for (;;) {
        const Stop stop = engine->run(registers, ~0ull);
        if (stop.reason != StopReason::DataAbort) break;
        ++faults;
        machine.map(machine.root, stop.far & ~(page - 1), machine.allocate(), Access::UserWrite);
    }
    EXPECT_EQ(faults, 4u);
    EXPECT_EQ(engine->work().instructions, 3 * 4 * page / 8 + 1);
}

TEST_P(Mapping, CopyOnWrite) {
    const std::uint64_t shared = machine.allocate();
    const std::uint64_t copy = machine.allocate();
    machine.map(machine.root, data, shared, Access::UserRead);
    EXPECT_EQ(run(Program::load, data).reason, StopReason::SystemCall);
    EXPECT_EQ(run(Program::store, data, 7).esr, 0x9200'004fu);

    machine.map(machine.root, data, copy, Access::UserWrite);
    engine->invalidate_tlb_page(data);
    EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
    EXPECT_EQ(machine.word(shared), 0u);
    EXPECT_EQ(machine.word(copy), 7u);
}

TEST_P(Mapping, RevocationTakesEffectWithTheInvalidation) {
    const auto revoked = [this](const auto& invalidate) {
        machine.map(machine.root, data, machine.allocate(), Access::UserWrite);
        invalidate();
        EXPECT_EQ(run(Program::store, data).reason, StopReason::SystemCall);
        machine.unmap(machine.root, data);
        invalidate();
        return run(Program::store, data).reason == StopReason::DataAbort;
    };
    EXPECT_TRUE(revoked([this] { engine->invalidate_tlb_all(); }));
    EXPECT_TRUE(revoked([this] { engine->invalidate_tlb_page(data); }));
    EXPECT_TRUE(revoked([this] { engine->invalidate_tlb_asid(1); }));
}

TEST_P(Mapping, ABlockIsMappedAsAWhole) {
    constexpr std::uint64_t block = ram + 4 * block_size;
    machine.map_block(machine.root, block_window, block, Access::UserWrite);
    for (const std::uint64_t offset : {std::uint64_t{0}, 5 * page + 8, block_size - 8}) {
        EXPECT_EQ(run(Program::store, block_window + offset, offset + 1).reason,
                  StopReason::SystemCall);
        EXPECT_EQ(machine.word(block + offset), offset + 1);
    }
    EXPECT_EQ(run(Program::load, block_window + block_size).reason, StopReason::DataAbort);
    EXPECT_EQ(run(Program::load, block_window - 8).reason, StopReason::DataAbort);
}

TEST_P(Mapping, OneAddressInvalidatesAWholeBlock) {
    constexpr std::uint64_t block = ram + 4 * block_size;
    for (const std::uint64_t named : {std::uint64_t{0}, 7 * page, block_size - page}) {
        machine.map_block(machine.root, block_window, block, Access::UserWrite);
        engine->invalidate_tlb_all();
        for (const std::uint64_t offset : {0 * page, 7 * page, 300 * page}) {
            EXPECT_EQ(run(Program::store, block_window + offset).reason, StopReason::SystemCall);
        }
        machine.unmap_block(machine.root, block_window);
        engine->invalidate_tlb_page(block_window + named);
        for (const std::uint64_t offset : {0 * page, 7 * page, 300 * page}) {
            EXPECT_EQ(run(Program::store, block_window + offset).reason, StopReason::DataAbort);
        }
    }
}

TEST_P(Mapping, PagesInThePlaceOfABlock) {
    constexpr std::uint64_t block = ram + 4 * block_size;
    machine.map_block(machine.root, block_window, block, Access::UserWrite);
    EXPECT_EQ(run(Program::store, block_window + 3 * page, 1).reason, StopReason::SystemCall);
    // Broken and made again as pages, the first of which may only be read.
    machine.unmap_block(machine.root, block_window);
    engine->invalidate_tlb_page(block_window);
    machine.map(machine.root, block_window, block, Access::UserRead);
    machine.map(machine.root, block_window + 3 * page, block + 4 * page, Access::UserWrite);
    EXPECT_EQ(run(Program::store, block_window).esr, 0x9200'004fu);
    EXPECT_EQ(run(Program::store, block_window + 3 * page, 2).reason, StopReason::SystemCall);
    EXPECT_EQ(machine.word(block + 3 * page), 1u);
    EXPECT_EQ(machine.word(block + 4 * page), 2u);
    EXPECT_EQ(run(Program::load, block_window + 5 * page).reason, StopReason::DataAbort);
}

TEST_P(Mapping, WriteProtectionOfAWrittenPage) {
    const std::uint64_t frame = machine.allocate();
    machine.map(machine.root, data, frame, Access::UserWrite);
    EXPECT_EQ(run(Program::store, data).reason, StopReason::SystemCall);
    EXPECT_EQ(run(Program::store, data + 8).reason, StopReason::SystemCall);
    machine.map(machine.root, data, frame, Access::UserRead);
    engine->invalidate_tlb_page(data);
    EXPECT_EQ(run(Program::store, data).esr, 0x9200'004fu);
}

TEST_P(Mapping, AddressSpacesAreApartWithAndWithoutAnAsid) {
    const std::uint64_t other = machine.new_root();
    const std::uint64_t first_frame = machine.allocate();
    const std::uint64_t second_frame = machine.allocate();
    machine.set_word(first_frame, 0xa);
    machine.set_word(second_frame, 0xb);
    machine.map(machine.root, data, first_frame, Access::UserWrite);
    machine.map(other, data, second_frame, Access::UserWrite);

    const auto value_in = [this](std::uint64_t ttbr0) {
        engine->set_address_space(ttbr0);
        EXPECT_EQ(run(Program::load, data).reason, StopReason::SystemCall);
        return registers.x[0];
    };
    EXPECT_EQ(value_in(with_asid(machine.root, 1)), 0xau);
    EXPECT_EQ(value_in(with_asid(other, 2)), 0xbu);
    EXPECT_EQ(value_in(with_asid(machine.root, 1)), 0xau);
    EXPECT_EQ(value_in(with_asid(other, 1)), 0xbu) << "same ASID, other tables";
    EXPECT_EQ(engine->address_space(), with_asid(other, 1));
}

TEST_P(Mapping, SameAddressDifferentCodeInTwoAddressSpaces) {
    const std::uint64_t other = machine.new_root();
    const std::uint64_t first_frame = machine.allocate();
    const std::uint64_t second_frame = machine.allocate();
    machine.copy_program(Program::return_1, first_frame);
    machine.copy_program(Program::return_2, second_frame);
    machine.map(machine.root, writable_code, first_frame, Access::UserExecute);
    machine.map(other, writable_code, second_frame, Access::UserExecute);

    const auto value_in = [this](std::uint64_t ttbr0) {
        engine->set_address_space(ttbr0);
        registers.pc = writable_code;
        EXPECT_EQ(engine->run(registers, budget).reason, StopReason::SystemCall);
        return registers.x[0];
    };
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(value_in(with_asid(machine.root, 1)), 1u);
        EXPECT_EQ(value_in(with_asid(other, 2)), 2u);
    }
}

INSTANTIATE_TEST_SUITE_P(Engine, Mapping, testing::Values(StoreMode::Accelerated, StoreMode::Stock),
                         [](const auto& instance) {
                             return instance.param == StoreMode::Stock ? "Stock" : "Accelerated";
                         });

}  // namespace
}  // namespace orrery::engine::test
