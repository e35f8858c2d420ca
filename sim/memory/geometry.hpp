// SPDX-License-Identifier: Apache-2.0
// Geometry: lines, and the sizes of caches and of translation lookaside buffers (TLBs) as a core
// type's file gives them.
#pragma once

#include <cstdint>

#include "sim/timing/core_type.hpp"

namespace orrery::memory {

// All addresses of the memory models are divided into lines of this size.
constexpr uint32_t line_shift = 6;
constexpr uint32_t line_size = 1u << line_shift;

using timing::CacheGeometry;
using timing::TlbGeometry;

}  // namespace orrery::memory
