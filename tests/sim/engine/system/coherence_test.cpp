// SPDX-License-Identifier: Apache-2.0
// Translation, and what CPUs owe each other: TLB and code maintenance.
#include "system_case.hpp"

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t first_page = free_memory + 8 * page;
constexpr std::uint64_t second_page = first_page + page;

class Maintenance : public SystemCase {
  protected:
    void SetUp() override {
        board.put(first_page, 111);
        board.put(second_page, 222);
        board.put(entry, first_page | Board::kernel_page);
    }

    // Loads from the window.
    void begin_load(SystemEngine& which) {
        begin(which, Program::translated_load, Board::tables);
        which.set_general(5, Board::window);
    }

    std::unique_ptr<SystemEngine> other = board.engine();
    std::uint64_t entry = board.make_tables();
};

TEST_F(Maintenance, BothHalvesAreTranslated) {
    EXPECT_EQ(run(Program::translated, Board::tables).reason, SystemStopReason::Firmware);
    EXPECT_EQ(x(3) >> 48, 0xffffu);
    EXPECT_EQ(x(3) & 0xffff'f000, Board::address_of(Program::translated) & 0xffff'f000);
}

TEST_F(Maintenance, TlbInvalidationReachesTheOthers) {
    begin_load(*other);
    EXPECT_EQ(other->run(plenty).reason, SystemStopReason::Firmware);
    EXPECT_EQ(other->registers().x[3], 111u);

    begin_load(*engine);
    engine->run(plenty);
    const auto after = Board::address_of(Program::invalidate_and_load);
    engine->set_general(4, entry);
    engine->set_general(6, second_page | Board::kernel_page);
    engine->resume_at(after);
    engine->run(plenty);
    EXPECT_EQ(x(3), 222u);

    const auto load = Board::address_of(Program::translated_load);
    other->resume_at(load);
    other->run(plenty);
    EXPECT_EQ(other->registers().x[3], 222u);
}

TEST_F(Maintenance, NewCodeReachesTheOthers) {
    constexpr std::uint32_t move_x0_1 = 0xd280'0020;
    constexpr std::uint32_t move_x0_2 = 0xd280'0040;
    constexpr std::uint64_t ret = 0xd65f'03c0;
    board.put(first_page, ret << 32 | move_x0_1);
    for (SystemEngine* each : {engine.get(), other.get()}) {
        begin(*each, Program::call_x2);
        each->set_general(2, first_page);
        each->run(plenty);
        EXPECT_EQ(each->registers().x[3], 1u);
    }
    begin(Program::patch);
    engine->set_general(2, first_page);
    engine->set_general(4, move_x0_2);
    EXPECT_EQ(engine->run(plenty).reason, SystemStopReason::Firmware);
    for (SystemEngine* each : {engine.get(), other.get()}) {
        begin(*each, Program::call_x2);
        each->set_general(2, first_page);
        each->run(plenty);
        EXPECT_EQ(each->registers().x[3], 2u);
    }
}

TEST_F(Maintenance, OthersRunWhileOneIsInADevice) {
    board.platform.answer = 1;
    unsigned calls = 0;
    board.platform.during = [&] {
        if (++calls != 50) return;
        board.platform.during = [] {};
        begin_load(*other);
        other->run(plenty);
        other->set_general(4, entry);
        other->set_general(6, second_page | Board::kernel_page);
        other->resume_at(Board::address_of(Program::invalidate_and_load));
        other->run(plenty);
        EXPECT_EQ(other->registers().x[3], 222u);
    };
    EXPECT_EQ(run(Program::device_sum, device).reason, SystemStopReason::Firmware);
    EXPECT_EQ(x(3), 100u);
}

}  // namespace
}  // namespace orrery::engine::test
