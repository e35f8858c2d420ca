// SPDX-License-Identifier: Apache-2.0
// What the interposed functions know of one engine, and how they find it.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/engine/environment.hpp"
#include "sim/engine/store_path.hpp"

struct uc_struct;

namespace orrery::engine {

// A load or store of translated code that left it for the library: what a device is asked for, and
// what a fault there must be raised with. There is one an engine, because an engine that is
// suspended inside a device access does not run; nothing about an access is kept anywhere else.
struct AccessInFlight final {
    bool active = false;
    std::uint64_t address = 0;
    unsigned size = 0;
    std::uintptr_t return_address = 0;

    [[nodiscard]] bool aligned() const { return (address & (size - 1)) == 0; }
};

class Core final {
  public:
    explicit Core(StoreMode mode) : stores(mode) {}
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    // Makes the core known to the interposed functions.
    void enlist(uc_struct* library_engine);

    // Null for an engine of the library that is not ours.
    [[nodiscard]] static Core* of_engine(const uc_struct* engine);
    [[nodiscard]] static Core* of_cpu(const void* cpu);
    [[nodiscard]] static Core* of_environment(const void* environment);
    [[nodiscard]] static const std::vector<Core*>& all();

    // Drops the code translated from these host bytes in every engine of the process.
    static void invalidate_everywhere(const std::byte* host, std::uint64_t size);

    uc_struct* engine = nullptr;
    void* cpu = nullptr;
    Environment environment;
    StorePath stores;
    AccessInFlight access;
};

// The CPU object of the last TLB flush that the library made, null if the interposition is not
// active. Mapping memory flushes, and so tells the CPU object of the engine.
[[nodiscard]] void* last_flushed_cpu();
void forget_last_flushed_cpu();

}  // namespace orrery::engine
