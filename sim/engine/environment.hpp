// SPDX-License-Identifier: Apache-2.0
// A window on the library's CPU state: what its interface does not give, or not cheaply.
//
// Unicorn 2.0.1 has no call for the syndrome and address of a fault, nor for the exclusive monitor,
// and a call a register for the rest. All of it lies in one structure (CPUARMState, "env") whose
// layout depends on the build, so nothing is assumed about it: every offset is found by running
// four instructions on a fresh engine with telling values, and must be found exactly once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/engine/user_registers.hpp"

struct uc_struct;

namespace orrery::engine {

class Environment final {
  public:
    // Finds the general registers inside the library's CPU object. Throws std::runtime_error.
    void locate(uc_struct* engine, void* cpu);

    // Finds the syndrome and the monitor after an engine has run LDXR from `monitored`, where
    // `value` lay, and SVC #`immediate`.
    void locate_exception(std::uint64_t monitored, std::uint64_t value, std::uint16_t immediate);

    [[nodiscard]] void* address() const { return begin_; }

    void load(const UserRegisters& registers);   // X0 to X30, SP
    void store(UserRegisters& registers) const;  // X0 to X30, SP, PC
    [[nodiscard]] std::uint64_t program_counter() const;
    [[nodiscard]] std::uint32_t syndrome() const;
    [[nodiscard]] std::uint64_t fault_address() const;
    void clear_exclusive();

    // For an engine that takes exceptions itself.
    [[nodiscard]] std::uint64_t general(std::size_t index) const;  // X0 to X30
    void set_general(std::size_t index, std::uint64_t value);
    void set_program_counter(std::uint64_t value);
    void set_exception(std::uint32_t syndrome, std::uint64_t fault_address);

  private:
    [[nodiscard]] std::uint64_t word(std::size_t offset) const;
    void set_word(std::size_t offset, std::uint64_t value);

    std::byte* begin_ = nullptr;
    std::size_t size_ = 0;
    std::size_t registers_ = 0;
    std::size_t syndrome_ = 0;
    std::size_t monitor_ = 0;
};

}  // namespace orrery::engine
