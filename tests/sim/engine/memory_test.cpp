// SPDX-License-Identifier: Apache-2.0
// What an engine tells of memory, each once and in order, and what it charges for the answers.
#include <gtest/gtest.h>

#include "machine.hpp"

namespace orrery::engine::test {
namespace {

class OneAnInstruction final : public Meter {
  public:
    std::uint32_t block(std::span<const std::uint32_t> words) override {
        return flat_cost(static_cast<std::uint32_t>(words.size()));
    }
};

// Writes down what it is told, and lets everything wait.
class Recorder final : public MemoryTiming {
  public:
    static constexpr std::uint32_t block_stall = 100, access_stall = 7;

    std::uint32_t execute(const CodeBlock& block, std::uint64_t) override {
        blocks.push_back(block);
        pages.push_back(*block.page);
        return block_stall;
    }
    std::uint32_t access(const DataAccess& access, std::uint64_t) override {
        accesses.push_back(access);
        pages.push_back(*access.page);
        return access_stall;
    }
    void leave_flow() override { ++departures; }
    void forget_all_pages() override {}
    void forget_asid(std::uint16_t) override {}
    void forget_page(std::uint64_t, std::uint16_t) override {}
    void forget_page_of_all_asids(std::uint64_t) override {}
    void forget_code(std::uint64_t) override {}
    void forget_all_code() override {}

    std::vector<CodeBlock> blocks;
    std::vector<DataAccess> accesses;
    std::vector<PageTranslation> pages;
    unsigned departures = 0;
};

class MemoryCosts : public testing::Test {
  protected:
    void SetUp() override {
        machine.map(machine.root, data, frame, Access::UserWrite);
        engine = machine.engine(StoreMode::Accelerated, 0, &meter, &recorder);
        recorder.departures = 0;
    }

    Stop run(Program program, std::uint64_t x1, std::uint64_t x2 = 0) {
        UserRegisters registers = Machine::start(program, x1);
        registers.x[2] = x2;
        return engine->run(registers, 1000 * plenty);
    }

    Machine machine;
    OneAnInstruction meter;
    Recorder recorder;
    std::uint64_t frame = machine.allocate();
    std::unique_ptr<UserEngine> engine;
};

TEST_F(MemoryCosts, ABlockIsToldWithItsLastInstruction) {
    const Stop stop = run(Program::return_1, data);
    ASSERT_EQ(recorder.blocks.size(), 1u);
    const CodeBlock& block = recorder.blocks[0];
    EXPECT_EQ(block.address, Machine::address_of(Program::return_1));
    EXPECT_EQ(block.size, 8u);
    EXPECT_EQ(block.last_word, 0xd400'0021);  // svc #1
    EXPECT_EQ(block.asid, 1);
    EXPECT_EQ(recorder.departures, 1u);
    EXPECT_EQ(stop.parts, 2 * parts_per_cycle + Recorder::block_stall);
}

TEST_F(MemoryCosts, AnAccessIsToldOnceWithItsPage) {
    const Stop stop = run(Program::store, data + 8);
    ASSERT_EQ(recorder.accesses.size(), 1u);
    const DataAccess& access = recorder.accesses[0];
    EXPECT_EQ(access.address, data + 8);
    EXPECT_EQ(access.size, 8u);
    EXPECT_EQ(access.kind, AccessKind::Store);
    const PageTranslation& where = recorder.pages.back();
    EXPECT_EQ(where.physical, frame);
    EXPECT_EQ(where.shift, 12);
    EXPECT_EQ(where.descriptor_count, 4);
    EXPECT_TRUE(where.memory);
    EXPECT_EQ(stop.parts, 4 * parts_per_cycle + Recorder::block_stall + Recorder::access_stall);
}

TEST_F(MemoryCosts, MisalignedAccessesAreToldAsTheyAre) {
    machine.map(machine.root, data + page, machine.allocate(), Access::UserWrite);
    (void)run(Program::load, data + page - 3);
    ASSERT_EQ(recorder.accesses.size(), 1u);
    EXPECT_EQ(recorder.accesses[0].address, data + page - 3);
    EXPECT_EQ(recorder.accesses[0].size, 3u);  // as far as its page goes
    EXPECT_EQ(recorder.accesses[0].kind, AccessKind::Load);
}

TEST_F(MemoryCosts, EveryRoundOfALoopIsTold) {
    (void)run(Program::fill_words, data, 50);
    EXPECT_EQ(recorder.accesses.size(), 50u);
    EXPECT_EQ(recorder.blocks.size(), 51u);
    for (std::size_t i = 0; i < recorder.accesses.size(); ++i)
        EXPECT_EQ(recorder.accesses[i].address, data + 8 * i);
}

TEST_F(MemoryCosts, ExclusiveAccessesAreAtomic) {
    (void)run(Program::exclusive_increment, data, 1);
    ASSERT_GE(recorder.accesses.size(), 2u);
    for (const DataAccess& access : recorder.accesses) EXPECT_EQ(access.kind, AccessKind::Atomic);
    EXPECT_EQ(machine.word(frame), 1u);
}

TEST_F(MemoryCosts, AFaultKeepsItsStallsAndGivesBackItsInstructions) {
    const Stop stop = run(Program::load, unmapped);
    EXPECT_EQ(stop.reason, StopReason::DataAbort);
    EXPECT_TRUE(recorder.accesses.empty());
    EXPECT_EQ(stop.parts, parts_per_cycle * stop.instructions + Recorder::block_stall);
}

TEST_F(MemoryCosts, ANewTranslationIsSeen) {
    (void)run(Program::load, data);
    const std::uint64_t other = machine.allocate();
    machine.map(machine.root, data, other, Access::UserWrite);
    engine->invalidate_tlb_page(data);
    (void)run(Program::load, data);
    EXPECT_EQ(recorder.pages.back().physical, other);
}

TEST_F(MemoryCosts, ABlockIsToldAsOneWithFewerDescriptors) {
    constexpr std::uint64_t block = ram + 4 * block_size;
    machine.map_block(machine.root, block_window, block, Access::UserWrite);
    (void)run(Program::load, block_window + 9 * page + 16);
    const PageTranslation& where = recorder.pages.back();
    EXPECT_EQ(where.physical, block + 9 * page);
    EXPECT_EQ(where.shift, 21);
    EXPECT_EQ(where.descriptor_count, 3);
    // Another of its pages names the block, and all are forgotten.
    machine.map_block(machine.root, block_window, block + block_size, Access::UserWrite);
    engine->invalidate_tlb_page(block_window);
    (void)run(Program::load, block_window + 9 * page + 16);
    EXPECT_EQ(recorder.pages.back().physical, block + block_size + 9 * page);
}

TEST_F(MemoryCosts, NeedAMeter) {
    EXPECT_THROW((void)machine.engine(StoreMode::Accelerated, 0, nullptr, &recorder),
                 std::runtime_error);
}

}  // namespace
}  // namespace orrery::engine::test
