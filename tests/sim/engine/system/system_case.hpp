// SPDX-License-Identifier: Apache-2.0
// What the tests of the system engine share: an engine that runs programs of the image.
#pragma once

#include <gtest/gtest.h>

#include "board.hpp"

namespace orrery::engine::test {

// Offsets of vectors.
inline constexpr std::uint64_t from_el1 = 0x200;
inline constexpr std::uint64_t from_el0 = 0x400;
inline constexpr std::uint64_t interrupt = 0x80;

class SystemCase : public testing::Test {
  protected:
    // Starts a program with X1, and runs it to its end.
    SystemStop run(Program program, std::uint64_t x1 = 0) {
        begin(program, x1);
        return engine->run(plenty);
    }

    void begin(Program program, std::uint64_t x1 = 0) { begin(*engine, program, x1); }
    static void begin(SystemEngine& which, Program program, std::uint64_t x1 = 0) {
        which.reset(Board::address_of(program), 0);
        which.set_general(1, x1);
    }

    [[nodiscard]] std::uint64_t x(std::size_t index) const { return engine->registers().x[index]; }

    // What the vectors leave.
    void expect_exception(std::uint64_t vector, std::uint64_t syndrome, std::uint64_t pc) const {
        EXPECT_EQ(x(20), vector);
        EXPECT_EQ(x(21), syndrome);
        EXPECT_EQ(x(22), pc);
    }

    Board board;
    std::unique_ptr<SystemEngine> engine = board.engine();
};

}  // namespace orrery::engine::test
