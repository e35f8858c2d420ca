// SPDX-License-Identifier: Apache-2.0
// The state of a thread at EL0 as the engine loads and stores it.
#pragma once

#include <array>
#include <cstdint>

namespace orrery::engine {

struct UserRegisters final {
    std::array<std::uint64_t, 31> x{};
    std::uint64_t sp = 0;
    std::uint64_t pc = 0;
    std::uint64_t pstate = 0;  // only NZCV; other bits are ignored on load and zero on store
    std::uint64_t tpidr = 0;   // TPIDR_EL0
};

struct VectorRegister final {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    bool operator==(const VectorRegister&) const = default;
};

struct VectorRegisters final {
    alignas(16) std::array<VectorRegister, 32> v{};
    std::uint32_t fpcr = 0;
    std::uint32_t fpsr = 0;
};

}  // namespace orrery::engine
