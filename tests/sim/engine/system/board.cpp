// SPDX-License-Identifier: Apache-2.0
// A small machine for the tests of the system engine.
#include "board.hpp"

#include <array>

extern "C" const std::byte orrery_system_image[];
extern "C" const std::byte orrery_system_image_end[];

namespace orrery::engine::test {

Board::Board()
    : memory_(static_cast<std::byte*>(::operator new[](ram_size, std::align_val_t{page}))) {
    std::memset(memory_.get(), 0, ram_size);
    std::memcpy(memory_.get(), orrery_system_image,
                static_cast<std::size_t>(orrery_system_image_end - orrery_system_image));
}

std::unique_ptr<SystemEngine> Board::engine(const SystemOptions& options) {
    const std::array banks{MemoryBank{ram, ram_size, memory_.get()}};
    return SystemEngine::create(options, banks, platform);
}

std::uint64_t Board::address_of(Program program) {
    std::uint32_t offset = 0;
    std::memcpy(&offset, orrery_system_image + 4 * static_cast<std::size_t>(program),
                sizeof offset);
    return ram + offset;
}

std::uint64_t Board::make_tables() {
    constexpr std::uint64_t table = 3;
    constexpr std::uint64_t block = 0x401;
    const std::uint64_t level1 = tables + page;
    const std::uint64_t level2 = level1 + page;
    const std::uint64_t level3 = level2 + page;
    put(tables, level1 | table);
    put(level1, level2 | table);
    put(level1 + 8, ram | block);  // from 1 GiB on
    put(level2 + 8, level3 | table);
    return level3;
}

}  // namespace orrery::engine::test
