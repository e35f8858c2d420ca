// SPDX-License-Identifier: Apache-2.0
// A small machine for the tests of the engine.
#include "machine.hpp"

#include <array>
#include <cstring>
#include <new>
#include <stdexcept>

extern "C" const std::byte orrery_engine_programs[];
extern "C" const std::byte orrery_engine_programs_end[];

namespace orrery::engine::test {
namespace {

constexpr std::uint64_t table_mask = 0x0000'ffff'ffff'f000;

constexpr std::uint64_t attributes_of(Access access) {
    constexpr std::uint64_t valid_page = 3;
    constexpr std::uint64_t accessed = 1ull << 10;
    constexpr std::uint64_t not_global = 1ull << 11;
    constexpr std::uint64_t user = 1ull << 6;
    constexpr std::uint64_t read_only = 1ull << 7;
    constexpr std::uint64_t privileged_never = 1ull << 53;
    constexpr std::uint64_t user_never = 1ull << 54;
    constexpr std::uint64_t common = valid_page | accessed | not_global | privileged_never;
    switch (access) {
        case Access::UserRead: return common | user | read_only | user_never;
        case Access::UserWrite: return common | user | user_never;
        case Access::UserExecute: return common | user | read_only;
        case Access::UserAll: return common | user;
        case Access::Kernel: return common | user_never;
    }
    return 0;
}

std::size_t image_size() {
    return static_cast<std::size_t>(orrery_engine_programs_end - orrery_engine_programs);
}

}  // namespace

bool RecordingBus::read(std::uint64_t physical, unsigned size, std::uint64_t& value) {
    during();
    value = answer;
    accesses.push_back({false, physical, size, value});
    return !error;
}

bool RecordingBus::write(std::uint64_t physical, unsigned size, std::uint64_t value) {
    during();
    accesses.push_back({true, physical, size, value});
    return !error;
}

void Machine::Release::operator()(std::byte* memory) const {
    ::operator delete[](memory, std::align_val_t{page});
}

Machine::Machine()
    : memory_(static_cast<std::byte*>(::operator new[](ram_size, std::align_val_t{page}))) {
    std::memset(memory_.get(), 0, ram_size);
    programs_ = next_frame_;
    for (std::size_t done = 0; done < image_size(); done += page) static_cast<void>(allocate());
    std::memcpy(host(programs_), orrery_engine_programs, image_size());
    root = new_root();
}

std::unique_ptr<UserEngine> Machine::engine(StoreMode stores, unsigned cpu, Meter* meter,
                                            MemoryTiming* memory) {
    const std::array banks{MemoryBank{ram, ram_size, memory_.get()}};
    auto engine = UserEngine::create(
        {.cpu = cpu, .stores = stores, .meter = meter, .memory = memory}, banks, bus, counter);
    engine->set_address_space(with_asid(root, 1));
    return engine;
}

std::uint64_t Machine::allocate() {
    if (next_frame_ == ram + ram_size) throw std::runtime_error("the test is out of memory");
    const std::uint64_t frame = next_frame_;
    next_frame_ += page;
    return frame;
}

std::byte* Machine::host(std::uint64_t physical) const {
    return memory_.get() + (physical - ram);
}

std::uint64_t Machine::word(std::uint64_t physical) const {
    std::uint64_t value = 0;
    std::memcpy(&value, host(physical), sizeof value);
    return value;
}

void Machine::set_word(std::uint64_t physical, std::uint64_t value) {
    std::memcpy(host(physical), &value, sizeof value);
}

void Machine::copy_program(Program program, std::uint64_t physical) {
    std::memcpy(host(physical), host(programs_) + (address_of(program) - code), 64);
}

std::uint64_t Machine::new_root() {
    const std::uint64_t fresh = allocate();
    for (std::size_t done = 0; done < image_size(); done += page)
        map(fresh, code + done, programs_ + done, Access::UserExecute);
    return fresh;
}

std::uint64_t Machine::entry(std::uint64_t root_table, std::uint64_t virtual_address,
                             unsigned level) {
    std::uint64_t table = root_table;
    for (unsigned above = 0; above < level; ++above) {
        const unsigned shift = 39 - 9 * above;
        const std::uint64_t slot = table + 8 * (virtual_address >> shift & 511);
        if (word(slot) == 0) set_word(slot, allocate() | 3);
        table = word(slot) & table_mask;
    }
    return table + 8 * (virtual_address >> (39 - 9 * level) & 511);
}

void Machine::map(std::uint64_t root_table, std::uint64_t virtual_address, std::uint64_t physical,
                  Access access) {
    set_word(entry(root_table, virtual_address), physical | attributes_of(access));
}

void Machine::map_block(std::uint64_t root_table, std::uint64_t virtual_address,
                        std::uint64_t physical, Access access) {
    constexpr std::uint64_t not_a_block = 2;
    set_word(entry(root_table, virtual_address, 2),
             physical | (attributes_of(access) & ~not_a_block));
}

void Machine::unmap_block(std::uint64_t root_table, std::uint64_t virtual_address) {
    set_word(entry(root_table, virtual_address, 2), 0);
}

void Machine::unmap(std::uint64_t root_table, std::uint64_t virtual_address) {
    set_word(entry(root_table, virtual_address), 0);
}

std::uint64_t Machine::address_of(Program program) {
    std::uint32_t offset = 0;
    std::memcpy(&offset, orrery_engine_programs + 4 * static_cast<std::size_t>(program),
                sizeof offset);
    return code + offset;
}

UserRegisters Machine::start(Program program, std::uint64_t x1) {
    UserRegisters registers;
    registers.pc = address_of(program);
    registers.x[1] = x1;
    return registers;
}

}  // namespace orrery::engine::test
