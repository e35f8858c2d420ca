// SPDX-License-Identifier: Apache-2.0
// PrivateCaches: the level 1 and level 2 caches of one CPU, as its own loads and stores and as the
// snoops of others see them.
//
// Level 2 includes level 1 data, and not level 1 instructions, as in the Cortex-A76 (TRM 100798,
// "About the L2 memory system"). A line that level 1 has modified may be out of date in level 2.
// Instruction caches are not kept coherent, as the architecture allows: software invalidates them.
#pragma once

#include "sim/memory/cache.hpp"
#include "sim/memory/clock.hpp"

namespace orrery::memory {

struct PrivateCaches final {
    PrivateCaches(const CacheGeometry& l1i_geometry, const CacheGeometry& l1d_geometry,
                  const CacheGeometry& l2_geometry, uint64_t hertz)
        : l1i("l1i", l1i_geometry),
          l1d("l1d", l1d_geometry),
          l2("l2", l2_geometry),
          clock(hertz),
          l2_cycles(l2_geometry.latency_cycles) {}

    // What another CPU's read or write makes of a line here; whether it was modified.
    bool snoop_share(uint64_t line);
    bool snoop_invalidate(uint64_t line);

    // Puts a line into level 2, and what had to go out of level 2 and level 1 into `victim`.
    void fill_l2(uint64_t line, LineState state, CacheLine& victim);
    // Puts a line of level 2 into level 1 data; whether a modified line went back to level 2.
    bool fill_l1d(uint64_t line, LineState state);

    Cache l1i;
    Cache l1d;
    Cache l2;
    Clock clock;
    uint32_t l2_cycles;
};

}  // namespace orrery::memory
