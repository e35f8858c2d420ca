// SPDX-License-Identifier: Apache-2.0
// Geometry of caches and of translation lookaside buffers (TLBs), as a core type's file gives it.
#pragma once

#include <cstdint>

namespace orrery::memory {

// All addresses of the memory models are divided into lines of this size.
constexpr uint32_t line_shift = 6;
constexpr uint32_t line_size = 1u << line_shift;

struct CacheGeometry {
    uint32_t size = 0;  // bytes
    uint32_t ways = 0;
    uint32_t line = line_size;
    uint32_t latency_cycles = 0;  // load to use, from the start of the level 1 lookup
};

struct TlbGeometry {
    uint32_t entries = 0;
    uint32_t ways = 0;            // as many as entries: fully associative
    uint32_t latency_cycles = 0;  // of a hit, beyond the level above
};

}  // namespace orrery::memory
