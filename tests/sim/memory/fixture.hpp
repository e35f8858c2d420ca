// SPDX-License-Identifier: Apache-2.0
// What the tests of the memory models share: the phone's parameters and small systems.
#pragma once

#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/memory/parameters.hpp"

namespace orrery::memory {

constexpr uint64_t near_base = 0x8000'0000;
constexpr uint64_t far_base = 0x8'8000'0000;
constexpr uint64_t microsecond = 1'000'000;

inline CoreParameters cortex_a76() {
    return core_parameters("cortex-a76");
}
inline CoreParameters cortex_a55() {
    return core_parameters("cortex-a55");
}
inline SharedParameters phone8() {
    return shared_parameters(data::Parameters::open("memory/phone8"));
}

// The numbers of std::mt19937, which are the same everywhere, in 32 bits.
class Random final {
  public:
    explicit Random(uint32_t seed) : engine_(seed) {}
    uint32_t operator()() { return static_cast<uint32_t>(engine_()); }

  private:
    std::mt19937 engine_;
};

// Without what acts unasked, for tests that count.
inline CoreParameters plain(CoreParameters core) {
    core.prefetcher = {};
    core.exposure = {};
    core.store_buffer = 1;
    core.fetch_ahead_cycles = 0;
    return core;
}

inline std::vector<MemorySystem::Cpu> cpus(const CoreParameters& core, size_t number,
                                           uint64_t hertz = 2'000'000'000) {
    return std::vector<MemorySystem::Cpu>(number, {core, hertz});
}

template <typename Call>
std::string complaint(const Call& call) {
    try {
        call();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "no complaint";
}

}  // namespace orrery::memory
