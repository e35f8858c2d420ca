// SPDX-License-Identifier: Apache-2.0
// The parameters of the memory models, read from their files.
#pragma once

#include <string_view>

#include "sim/data/parameters.hpp"
#include "sim/memory/memory_system.hpp"
#include "sim/timing/core_type.hpp"

namespace orrery::memory {

// What the CPUs share: a file such as "memory/phone8". Both throw std::runtime_error with one
// sentence that names the file and the key.
[[nodiscard]] SharedParameters shared_parameters(const data::Parameters& file);
// What is private to a core type: its own file says how large things are and how long they take,
// and another, such as "memory/cortex-a76", how its memory system behaves.
[[nodiscard]] CoreParameters core_parameters(const timing::CoreType& core,
                                             const data::Parameters& behaviour);
// The same of the core type `name`, as "cortex-a76".
[[nodiscard]] CoreParameters core_parameters(std::string_view name);

}  // namespace orrery::memory
