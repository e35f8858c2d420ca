// SPDX-License-Identifier: Apache-2.0
// What the paths of KernelPath cost on each core type, and where things lie in the image; written
// by the build from the image's bytes (sim/compiler/path_costs.cpp).
#pragma once

#include <array>
#include <cstdint>

#include "hal/host/clock.hpp"

namespace orrery::phone {

struct PathCost {
    uint32_t parts[hal::host::clock_lanes];  // in the order of hal::host::core_types()
    const hal::host::CodePiece* pieces;      // offsets are from the beginning of the image
    uint32_t piece_count;
};

// Distances from the beginning of the image, in bytes. All zero in a build without timing.
struct ImageLayout {
    uint64_t text_end;
    uint64_t rodata_end;
    uint64_t image_end;
    uint64_t stacks;          // hal::aarch64::kernel_stacks
    uint64_t cpu_locals;      // hal::aarch64::cpu_locals
    uint64_t kernel_storage;  // the Kernel object
    // Translation tables of the kernel half, from the root down to the image's pages, and the pool
    // that further ones are taken from.
    uint64_t root_table;
    uint64_t image_level1;
    uint64_t image_level2;
    uint64_t image_level3;
    uint64_t table_pool;
};

// In the order of KernelPath.
extern const PathCost path_costs[];
extern const ImageLayout image_layout;

}  // namespace orrery::phone
