// SPDX-License-Identifier: Apache-2.0
// A window on the library's CPU state: how the offsets are found.
#include "sim/engine/environment.hpp"

#include <unicorn/unicorn.h>

#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "sim/engine/fault_syndrome.hpp"

namespace orrery::engine {
namespace {

// X0 to X30, SP and PC lie side by side.
constexpr std::size_t sp_index = 31;
constexpr std::size_t pc_index = 32;
constexpr std::size_t register_words = 33;
using RegisterWords = std::array<std::uint64_t, register_words>;

// The public head of the library's saved context: its size, mode and architecture.
constexpr std::size_t context_header = 16;

// The CPU object begins with some 12 KiB that are not the structure looked for.
constexpr std::size_t search_limit = 64 * 1024;

// The exception record holds syndrome, fault status and then the address, 8 bytes further on.
constexpr std::size_t fault_address_distance = 8;

constexpr int register_id(std::size_t index) {
    if (index < 29) return UC_ARM64_REG_X0 + static_cast<int>(index);
    if (index == 29) return UC_ARM64_REG_X29;
    if (index == 30) return UC_ARM64_REG_X30;
    return index == sp_index ? UC_ARM64_REG_SP : UC_ARM64_REG_PC;
}

RegisterWords write_telling_values(uc_struct* engine) {
    RegisterWords values{};
    for (std::size_t i = 0; i < register_words; ++i) {
        values[i] = 0x5a17'c0de'0000'0000ull + 0x0101'0104ull * (i + 1);
        uc_reg_write(engine, register_id(i), &values[i]);
    }
    return values;
}

[[noreturn]] void unknown_layout(const std::string& what) {
    throw std::runtime_error("Unicorn's CPU state has an unknown layout: " + what);
}

using Match = std::function<bool(std::size_t offset)>;

std::size_t find_once(std::size_t size, std::size_t step, const char* what, const Match& match) {
    std::optional<std::size_t> found;
    for (std::size_t offset = 0; offset + 16 <= size; offset += step) {
        if (!match(offset)) continue;
        if (found) unknown_layout(std::string(what) + " is there twice");
        found = offset;
    }
    if (!found) unknown_layout(std::string(what) + " is not there");
    return *found;
}

// Where the registers lie inside the structure, which a saved context is a copy of.
std::size_t registers_in_context(uc_struct* engine, const RegisterWords& values,
                                 std::size_t& size) {
    uc_context* context = nullptr;
    if (uc_context_alloc(engine, &context) != UC_ERR_OK) unknown_layout("no context");
    uc_context_save(engine, context);
    size = uc_context_size(engine) - context_header;
    const auto* copy = reinterpret_cast<const std::byte*>(context) + context_header;
    std::optional<std::size_t> found;
    for (std::size_t at = 0; at + sizeof values <= size && !found; at += sizeof(std::uint64_t))
        if (std::memcmp(copy + at, values.data(), sizeof values) == 0) found = at;
    uc_context_free(context);
    if (!found) unknown_layout("X0 to PC are not side by side");
    return *found;
}

}  // namespace

void Environment::locate(uc_struct* engine, void* cpu) {
    const RegisterWords values = write_telling_values(engine);
    registers_ = registers_in_context(engine, values, size_);
    // The search ends inside the CPU object, of which the structure is a part.
    auto* object = static_cast<std::byte*>(cpu);
    for (std::size_t at = registers_; at < search_limit; at += sizeof(std::uint64_t)) {
        if (std::memcmp(object + at, values.data(), sizeof values) != 0) continue;
        begin_ = object + at - registers_;
        return;
    }
    unknown_layout("the registers are not inside the CPU object");
}

void Environment::locate_exception(std::uint64_t monitored, std::uint64_t value,
                                   std::uint16_t immediate) {
    const auto expected =
        static_cast<std::uint32_t>(make_syndrome(ExceptionClass::SystemCall, immediate));
    syndrome_ = find_once(size_, 4, "the syndrome", [&](std::size_t offset) {
        std::uint32_t candidate = 0;
        std::memcpy(&candidate, begin_ + offset, sizeof candidate);
        return candidate == expected;
    });
    monitor_ = find_once(size_, 8, "the exclusive monitor", [&](std::size_t offset) {
        return word(offset) == monitored && word(offset + 8) == value;
    });
}

std::uint64_t Environment::word(std::size_t offset) const {
    std::uint64_t value = 0;
    std::memcpy(&value, begin_ + offset, sizeof value);
    return value;
}

void Environment::set_word(std::size_t offset, std::uint64_t value) {
    std::memcpy(begin_ + offset, &value, sizeof value);
}

void Environment::load(const UserRegisters& registers) {
    std::memcpy(begin_ + registers_, registers.x.data(), sizeof registers.x);
    std::memcpy(begin_ + registers_ + sp_index * 8, &registers.sp, sizeof registers.sp);
}

void Environment::store(UserRegisters& registers) const {
    std::memcpy(registers.x.data(), begin_ + registers_, sizeof registers.x);
    registers.sp = word(registers_ + sp_index * 8);
    registers.pc = program_counter();
}

std::uint64_t Environment::program_counter() const {
    return word(registers_ + pc_index * 8);
}

std::uint32_t Environment::syndrome() const {
    return static_cast<std::uint32_t>(word(syndrome_));
}

std::uint64_t Environment::fault_address() const {
    return word(syndrome_ + fault_address_distance);
}

void Environment::clear_exclusive() {
    set_word(monitor_, ~std::uint64_t{0});
}

std::uint64_t Environment::general(std::size_t index) const {
    return word(registers_ + 8 * index);
}

void Environment::set_general(std::size_t index, std::uint64_t value) {
    set_word(registers_ + 8 * index, value);
}

void Environment::set_program_counter(std::uint64_t value) {
    set_word(registers_ + 8 * pc_index, value);
}

void Environment::set_exception(std::uint32_t syndrome, std::uint64_t fault_address) {
    std::memcpy(begin_ + syndrome_, &syndrome, sizeof syndrome);
    set_word(syndrome_ + fault_address_distance, fault_address);
}

}  // namespace orrery::engine
