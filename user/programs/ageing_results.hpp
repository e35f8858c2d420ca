// SPDX-License-Identifier: Apache-2.0
// What a run came to, printed for a machine to read: orrery's scenarios/allocator_ageing.py.
#pragma once

#include <span>

#include "user/programs/ageing_memory.hpp"

namespace user {

// Lines that begin with `ageing:`, of the sums over all threads:
//   ageing: point NAME NANOSECONDS FREE HELD BLOCKS OF ORDER 0 TO 10
//   ageing: ticks NAME allocate|free ORDER TICKS*COUNT ...
//   ageing: map NAME FIRST AREA FREE FRAMES OF EACH AREA
//   ageing: result NAME operations N failed N unsupported N missing N wrong N nanoseconds N
// The nanoseconds are those of the slowest thread.
// The map of a run; of all memory before the first run its name is `memory`.
void print_map(std::string_view name, std::span<const uint16_t> free_in_area);
void print_results(std::string_view name, const Run& run, std::span<Tally> tallies);

}  // namespace user
