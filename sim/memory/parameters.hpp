// SPDX-License-Identifier: Apache-2.0
// The parameters of the memory models, read from their files.
#pragma once

#include "sim/data/parameters.hpp"
#include "sim/memory/memory_system.hpp"

namespace orrery::memory {

// What the CPUs share: a file such as "memory/phone8". Both throw std::runtime_error with one
// sentence that names the file and the key.
[[nodiscard]] SharedParameters shared_parameters(const data::Parameters& file);
// What is private to a core type: the geometry of its caches and TLBs, a table [memory] as in
// "cores/cortex-a76", and how its memory system behaves, a file such as "memory/cortex-a76".
[[nodiscard]] CoreParameters core_parameters(const data::Parameters& geometry,
                                             const data::Parameters& behaviour);

}  // namespace orrery::memory
