// SPDX-License-Identifier: Apache-2.0
// What the interposed functions know of one engine, and how they find it.
#include "sim/engine/core.hpp"

#include <algorithm>

namespace orrery::engine {
namespace {

// All engines are driven from one host thread, so the list needs no lock.
std::vector<Core*>& cores() {
    static std::vector<Core*> list;
    return list;
}

}  // namespace

Core::~Core() {
    std::erase(cores(), this);
}

void Core::enlist(uc_struct* library_engine) {
    engine = library_engine;
    cores().push_back(this);
}

Core* Core::of_engine(const uc_struct* engine) {
    for (Core* core : cores())
        if (core->engine == engine) return core;
    return nullptr;
}

Core* Core::of_cpu(const void* cpu) {
    for (Core* core : cores())
        if (core->cpu == cpu) return core;
    return nullptr;
}

Core* Core::of_environment(const void* environment) {
    for (Core* core : cores())
        if (core->environment.address() == environment) return core;
    return nullptr;
}

const std::vector<Core*>& Core::all() {
    return cores();
}

void Core::invalidate_everywhere(const std::byte* host, std::uint64_t size) {
    for (Core* core : cores()) core->stores.invalidate(core->engine, host, size);
}

}  // namespace orrery::engine
