// SPDX-License-Identifier: Apache-2.0
// What the paths of KernelPath cost on each core type; written by the build from the image's bytes
// (sim/compiler/path_costs.cpp).
#pragma once

#include <array>
#include <cstdint>

#include "hal/host/clock.hpp"

namespace orrery::phone {

struct PathCost {
    uint32_t parts[hal::host::clock_lanes];  // in the order of hal::host::core_types()
};

// In the order of KernelPath.
extern const PathCost path_costs[];

}  // namespace orrery::phone
